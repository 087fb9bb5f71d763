from collections.abc import Callable

from typing_extensions import Buffer

def peak_concurrency(invoked: Buffer, completed: Buffer) -> int: ...
def decide_lock(
    says: Buffer,
    outcome: Buffer,
    token: Buffer,
    invoked: Buffer,
    completed: Buffer,
    tokens: int,
    permits: int,
    with_order: bool,
) -> tuple[int, bytes, bytes, bytes]: ...
def scan_columns(
    says: Buffer, outcome: Buffer, token: Buffer, invoked: Buffer, completed: Buffer
) -> int: ...

class Table:
    def __init__(self, ask: Callable[[int, int], int]) -> None: ...
    @property
    def states(self) -> int: ...

def search(
    op_class: Buffer,
    class_kind: Buffer,
    endpoints: Buffer,
    table: Table,
    poll: Callable[[int, int, int], object],
    dominance: bool,
    deadlines: bool,
    patience: int,
) -> tuple[bool, bytes, int, list[tuple[bytes, int]], int]: ...
