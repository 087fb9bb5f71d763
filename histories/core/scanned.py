"""What a scan of a recording gives: columns of packed numbers, and tables of raw JSON."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen


@frozen(eq=False)
class Scanned:
    """A validated recording, one entry of each column for each operation, in order of invocation.

    The columns are packed in the machine's byte order, of the type code (as in ``array``) that is
    given with each. A table holds each different text as it stands in the file, in the order of first
    appearance: a value that is written in two ways is in it twice.

    Args:
        invoked: q, the instant of the invocation in nanoseconds, or without times its position among
            all events, from 0.
        completed: q, the instant of the completion, likewise; -1 where none was recorded.
        outcome: B, 0 for ok, 1 for fail, 2 for info or no completion.
        f: i, a place in ``functions``.
        process: i, a place in ``processes``.
        key: i, a place in ``keys``.
        value: i, the place in ``values`` of the invocation's value.
        answer: i, the place in ``values`` of the completion's value if ok, of its error if fail, else 0.
        begins: q, the byte at which the invocation's line begins.
        ends: q, the byte at which the completion's line begins; -1 where there is none.
        line: i, the number of the invocation's line, from 1.
        functions: names, as JSON strings.
        processes: clients, as JSON strings or whole numbers.
        keys: keys, as JSON; the first is ``null``.
        values: arguments, results and errors, as JSON; the first is ``null``.
        notes: q, the bytes at which the lines that are no client's calls begin.
        note_positions: q, their positions among all events, from 0.
        events: how many events there are in all, one a line.
        timed: whether the events carry times.
    """

    invoked: bytes
    completed: bytes
    outcome: bytes
    f: bytes
    process: bytes
    key: bytes
    value: bytes
    answer: bytes
    begins: bytes
    ends: bytes
    line: bytes
    functions: Sequence[bytes]
    processes: Sequence[bytes]
    keys: Sequence[bytes]
    values: Sequence[bytes]
    notes: bytes
    note_positions: bytes
    events: int
    timed: bool
