"""What is compiled of histories, in plain Python: same signatures, same answers, same errors."""

from __future__ import annotations

from array import array
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer


def endpoints(invoked: Buffer, completed: Buffer, returns: Buffer) -> bytes:
    """Return the invocations and returns of operations in real-time order, as int32.

    Args:
        invoked: by operation the instant of its invocation, as int64, rising.
        completed: the instant of its return, likewise.
        returns: whether it returns at all, as uint8.

    Raises:
        ValueError: the columns differ in length, or the invocations are in no order.
    """
    begins, ends = (memoryview(column).cast("B").cast("q") for column in (invoked, completed))
    returning = memoryview(returns).cast("B")
    if not len(begins) == len(ends) == len(returning):
        raise ValueError("the columns differ in length")
    if any(after < before for before, after in pairwise(begins)):
        raise ValueError("the operations are not in the order of their invocations")
    marks = list(range(len(begins)))
    # Twice the instant, and one more for a return: so a return sorts behind what is invoked then. The
    # sort is stable: the operations' own order decides among invocations, and among returns.
    instants = [2 * instant for instant in begins]
    for op, end in enumerate(ends):
        if returning[op]:
            marks.append(~op)
            instants.append(2 * end + 1)
    in_order = sorted(range(len(marks)), key=instants.__getitem__)
    return array("i", [marks[at] for at in in_order]).tobytes()


def numbered_rows(
    first: Buffer, second: Buffer, third: Buffer, fourth: Buffer
) -> tuple[bytes, bytes]:
    """Return the number of each row, and by number the row where it first appears, as int32.

    Args:
        first: a column, as int32.
        second: a column, as int32.
        third: a column, as int32.
        fourth: a column, as uint8.

    Raises:
        ValueError: the columns differ in length.
    """
    columns = [memoryview(column).cast("B").cast("i") for column in (first, second, third)]
    columns.append(memoryview(fourth).cast("B"))
    if len(set(map(len, columns))) > 1:
        raise ValueError("the columns differ in length")
    known: dict[tuple[int, ...], int] = {}
    firsts = array("i")
    numbers = array("i")
    for place, row in enumerate(zip(*columns, strict=True)):
        number = known.setdefault(row, len(known))
        if number == len(firsts):
            firsts.append(place)
        numbers.append(number)
    return numbers.tobytes(), firsts.tobytes()


def kept(numbers: Buffer) -> bytes:
    """Return the places of the numbers that are not negative; all as int32."""
    column = memoryview(numbers).cast("B").cast("i")
    return array("i", [place for place, number in enumerate(column) if number >= 0]).tobytes()


def taken(column: Buffer, width: int, places: Buffer) -> bytes:
    """Return the cells of ``column``, ``width`` bytes each, at ``places`` (int32).

    Raises:
        IndexError: a place is none.
        ValueError: the column does not hold whole cells.
    """
    cells = memoryview(column).cast("B")
    if width < 1 or len(cells) % width:
        raise ValueError("the column does not hold whole cells")
    count = len(cells) // width
    wanted = memoryview(places).cast("B").cast("i")
    if any(not 0 <= place < count for place in wanted):
        raise IndexError("no such place")
    return b"".join([cells[place * width : (place + 1) * width] for place in wanted])


def renumbered(endpoints: Buffer, kept: Buffer) -> bytes:
    """Return the endpoints of the operations at the places ``kept``, numbered anew; all as int32.

    Raises:
        ValueError: the places do not rise.
    """
    marks, places = (memoryview(column).cast("B").cast("i") for column in (endpoints, kept))
    if any(place < 0 for place in places) or any(
        after <= before for before, after in pairwise(places)
    ):
        raise ValueError("the places kept do not rise")
    number = {place: new for new, place in enumerate(places)}
    found = array("i")
    for mark in marks:
        new = number.get(mark if mark >= 0 else ~mark)
        if new is not None:
            found.append(new if mark >= 0 else ~new)
    return found.tobytes()
