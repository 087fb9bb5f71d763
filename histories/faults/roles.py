"""What the names and roles in a schedule mean at the moment a fault strikes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from holdfast.histories.faults.world import CannotStrike


class Roles:
    """The nodes and clients of a run, and who is paused or killed; the same live and simulated.

    Args:
        nodes: the names of the nodes.
        clients: the names of the clients.
        leader: returns the leader's name, or raises if there is none.
        holder: returns the name of the client that is at work under the lock, or raises.

    Attributes:
        paused: who is paused, in the order in which it happened.
        killed: who is killed, likewise.
    """

    def __init__(
        self,
        nodes: Iterable[str],
        clients: Iterable[str],
        *,
        leader: Callable[[], str],
        holder: Callable[[], str],
    ) -> None:
        self.nodes: Sequence[str] = tuple(nodes)
        self.clients: Sequence[str] = tuple(clients)
        self.paused: dict[str, None] = {}
        self.killed: dict[str, None] = {}
        self._who: Mapping[str, Callable[[], Iterable[str]]] = {
            "nodes": lambda: self.nodes,
            "clients": lambda: self.clients,
            "leader": lambda: (leader(),),
            "holder": lambda: (holder(),),
            "paused": lambda: self.paused,
            "killed": lambda: self.killed,
        }

    def resolve(self, target: str) -> tuple[str, ...]:
        """Return the nodes and clients that ``target``, a name or a role, means now.

        Raises:
            CannotStrike: nothing of that name is here. What ``leader`` and ``holder`` raise, too.
        """
        if target in (*self.nodes, *self.clients):
            return (target,)
        if target not in self._who:
            known = ", ".join((*self.nodes, *self.clients))
            raise CannotStrike(
                f"there is no {target!r} here; there are {known}, "
                f"and the roles {', '.join(self._who)}"
            )
        return tuple(self._who[target]())

    def only_nodes(self, name: str) -> None:
        """Refuse what cannot be done to a client.

        Raises:
            CannotStrike: ``name`` is a client.
        """
        if name not in self.nodes:
            raise CannotStrike(
                f"{name} is a client; only nodes can be killed and restarted: pause it"
            )
