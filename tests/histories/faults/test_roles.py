"""What names and roles in a schedule mean."""

from __future__ import annotations

import pytest

from holdfast.histories.faults.roles import Roles
from holdfast.histories.faults.world import CannotStrike


@pytest.fixture
def roles() -> Roles:
    made = Roles(("n1", "n2"), ("c1", "c2"), leader=lambda: "n2", holder=lambda: "c1")
    made.paused["c2"] = None
    made.killed["n1"] = None
    return made


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("n1", ("n1",)),
        ("c2", ("c2",)),
        ("nodes", ("n1", "n2")),
        ("clients", ("c1", "c2")),
        ("leader", ("n2",)),
        ("holder", ("c1",)),
        ("paused", ("c2",)),
        ("killed", ("n1",)),
    ],
)
def test_a_target_is_a_name_or_a_role(roles: Roles, target: str, meant: tuple[str, ...]) -> None:
    assert roles.resolve(target) == meant


def test_another_target_is_refused_with_those_there_are(roles: Roles) -> None:
    with pytest.raises(CannotStrike, match="no 'n3' here; there are n1, n2, c1, c2, and the roles"):
        roles.resolve("n3")


def test_only_nodes_can_be_killed(roles: Roles) -> None:
    roles.only_nodes("n1")
    with pytest.raises(CannotStrike, match="c1 is a client"):
        roles.only_nodes("c1")
