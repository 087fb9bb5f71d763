"""What a call with its result says about a lock, and whose call it is."""

from __future__ import annotations

from holdfast.checker.locks.rows import Kind
from holdfast.models.lock import ACQUIRE, HOLDER, RELEASE
from holdfast.models.model import Call, Fail, Info, Ok, Result
from holdfast.models.value import Value


def kind_of(call: Call, result: Result) -> Kind | None:
    """Return what a call with this result says about a lock; ``None`` if nothing."""
    match call.f, result:
        case ("acquire", Fail()):
            return Kind.HELD
        case ("release", Fail()):
            return Kind.NOT_HOLDER
        case ("acquire", _):
            return Kind.ACQUIRE
        case ("release", _):
            return Kind.RELEASE
        case (_, Info()):
            return None
        case ("is_locked", Ok(value)):
            return Kind.HELD if value == True else Kind.FREE  # noqa: E712
        case ("holder", Ok(value)):
            return Kind.FREE if value is None else Kind.HOLDER
    raise AssertionError(f"no lock's call: {call}")


def owner_of(kind: Kind, call: Call, result: Result) -> tuple[bool, Value]:
    """Return whether a call that says ``kind`` is anybody's, and then whose: a token, or an owner."""
    owned = call.f in (ACQUIRE, RELEASE, HOLDER) and kind is not Kind.FREE
    told = kind is Kind.HOLDER and isinstance(result, Ok)
    return owned, result.value if told and isinstance(result, Ok) else call.value
