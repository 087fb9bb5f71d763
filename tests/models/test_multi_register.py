"""Several registers, transaction by transaction."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.models import Call, Info, InvalidCall, Ok, Refused, Result
from holdfast.models.multi_register import MultiRegister
from holdfast.models.persistent_map import PersistentMap

ZEROS = {"x": 0, "y": 0}


def txn(*accesses: tuple[Any, ...]) -> tuple[Call, Result]:
    """Return a transaction by its answer."""
    asked = tuple((f, name, None if f in "read" else value) for f, name, value in accesses)
    return Call("txn", asked), Ok(accesses)


@pytest.mark.parametrize(
    ("before", "accesses", "following"),
    [
        (ZEROS, [("read", "x", 0)], ZEROS),
        (ZEROS, [("read", "x", 1)], Refused("read 1, but x is 0")),
        (ZEROS, [("read", "x", None)], Refused("read None, but x is 0")),
        (ZEROS, [("read", "x", 0), ("read", "y", 1)], Refused("read 1, but y is 0")),
        (ZEROS, [("write", "x", 1)], {"x": 1, "y": 0}),
        (ZEROS, [("write", "x", 1), ("write", "y", 2)], {"x": 1, "y": 2}),
        (ZEROS, [("write", "x", 1), ("write", "x", 2)], {"x": 2, "y": 0}),
        (ZEROS, [("write", "x", 1), ("read", "x", 1)], {"x": 1, "y": 0}),
        (ZEROS, [("write", "x", 1), ("read", "x", 0)], Refused("read 0, but x is 1")),
        (ZEROS, [("read", "x", 0), ("write", "x", 1)], {"x": 1, "y": 0}),
        (ZEROS, [("r", "x", 0), ("w", "x", 1)], {"x": 1, "y": 0}),
        (ZEROS, [("write", "x", None)], {"y": 0}),
        (ZEROS, [], ZEROS),
        ({}, [("read", "x", None)], {}),
        ({}, [("read", "x", 0)], Refused("read 0, but x is None")),
        ({}, [("write", 5, ("a", "b")), ("read", 5, ("a", "b"))], {5: ("a", "b")}),
    ],
)
def test_steps(
    before: dict[Any, Any], accesses: list[tuple[Any, ...]], following: dict[Any, Any] | Refused
) -> None:
    expected = following if isinstance(following, Refused) else PersistentMap(following)
    state = PersistentMap(before)
    assert MultiRegister().step(state, *txn(*accesses)) == expected
    assert state == PersistentMap(before)


def test_a_lost_answer_tells_nothing_of_what_was_read() -> None:
    call, _ = txn(("read", "x", 7), ("write", "y", 2))
    assert MultiRegister().step(PersistentMap(ZEROS), call, Info()) == PersistentMap(
        {"x": 0, "y": 2}
    )


def test_a_read_of_null_may_tell_nothing() -> None:
    model, state = MultiRegister(null_read_is_unknown=True), PersistentMap(ZEROS)
    assert model.step(state, *txn(("read", "x", None), ("read", "y", 0))) == state
    assert model.step(state, *txn(("read", "x", None), ("read", "y", 1))) == Refused(
        "read 1, but y is 0"
    )


@pytest.mark.parametrize(
    "value",
    [
        None,
        1,
        "read",
        ("read", "x", None),
        (("read", "x"),),
        (("read", "x", None, None),),
        (("cas", "x", 1),),
        ("rwx",),
    ],
)
def test_malformed_transactions_are_invalid(value: Any) -> None:
    read = Call("txn", (("read", "x", None),))
    with pytest.raises(InvalidCall, match=r"the argument of a txn is .*; it must be a list of"):
        MultiRegister().step(PersistentMap(), Call("txn", value), Info())
    with pytest.raises(InvalidCall, match=r"the result of a txn is .*; it must be a list of"):
        MultiRegister().step(PersistentMap(), read, Ok(value))


@pytest.mark.parametrize(
    "answered",
    [
        (),
        (("read", "x", 0),),
        (("read", "x", 0), ("write", "y", 3)),
        (("read", "z", 0), ("write", "y", 2)),
        (("write", "x", 0), ("write", "y", 2)),
        (("write", "y", 2), ("read", "x", 0)),
        (("read", "x", 0), ("write", "y", 2), ("read", "x", 0)),
    ],
)
def test_an_answer_to_another_question_is_invalid(answered: Any) -> None:
    call = Call("txn", (("read", "x", None), ("write", "y", 2)))
    with pytest.raises(InvalidCall, match="it must be its argument with what was read"):
        MultiRegister().step(PersistentMap(ZEROS), call, Ok(answered))


def test_an_unknown_function_is_invalid() -> None:
    with pytest.raises(InvalidCall, match="unknown function 'read'; this model knows txn"):
        MultiRegister().step(PersistentMap(), Call("read", "x"), Ok(0))


def test_the_initial_value() -> None:
    assert MultiRegister().initial() == PersistentMap()
    assert MultiRegister(initial_value=ZEROS).initial() == PersistentMap(ZEROS)
    assert MultiRegister(initial_value={"x": [1], "y": None}).initial() == PersistentMap(
        {"x": (1,)}
    )
    with pytest.raises(TypeError, match=r'initial_value is 0; it must be an object, such as {"x"'):
        MultiRegister(initial_value=0)
