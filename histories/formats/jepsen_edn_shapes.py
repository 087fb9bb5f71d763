"""Shapes of events in EDN: a history writes its maps in a few ways, which one match each can read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from holdfast.histories.formats import edn
from holdfast.histories.formats.edn_atoms import EdnError
from holdfast.histories.operation import NO_EXTRA, Event
from holdfast.models.value import FrozenMapping, Value

KNOWN = Event.__struct_fields__[:-1]
"""The fields of an event that are not extra ones."""

SHAPES_MAX = 16
"""How many shapes are learnt from one file; events of others are read token by token."""

NAMES_MAX = 32
NAME_LENGTH_MAX = 64
"""How large a shape may be, since it takes time to compile it."""

# A value, up to collections in collections in a collection, where it holds no comment, no escape, no
# tag and nothing discarded: then its brackets alone show where it ends. All else about it, such as
# whether these are the right brackets, is left to ``edn.value_of``.
_FLAT = r'(?:[^"\[\](){}\\;#]++|"[^"\\]*+"|#(?=\{))*+'
_NESTED = rf"{_FLAT}(?:[\[({{]{_FLAT}[\])}}]{_FLAT})*+"
_VALUE = rf'{edn.ATOM}|"[^"\\]*+"|#?[\[({{]{_NESTED}(?:[\[({{]{_NESTED}[\])}}]{_NESTED})*+[\])}}]'
_WHOLE = "(?:0|[1-9][0-9]{0,17}+)"
_PATTERNS = {
    "type": ":invoke|:ok|:fail|:info",
    "process": f"{_WHOLE}|:{edn.ATOM}",
    "f": f":{edn.ATOM}",
    "time": _WHOLE,
    "index": _WHOLE,
    "node": rf'"[^"\\]*+"|:{edn.ATOM}',
}


class Values(dict[str | None, Value]):
    """Values by their spelling: a history has few, and spells each of them again and again."""

    LENGTH_MAX = 64
    COUNT_MAX = 50_000

    def __missing__(self, spelling: str | None) -> Value:
        if spelling is None:
            return None
        value = edn.value_of(spelling)
        if len(spelling) <= self.LENGTH_MAX:
            if len(self) >= self.COUNT_MAX:
                self.clear()
            self[spelling] = value
        return value


class Shape:
    """The fields of an event in the order in which they are written.

    Args:
        names: the names of the fields, all different.
        values: where values are looked up.
    """

    def __init__(self, names: Sequence[str], values: Values) -> None:
        fields = (rf":{re.escape(name)}\s++({_PATTERNS.get(name, _VALUE)})" for name in names)
        self._match = re.compile(
            r"(?:#jepsen\.history\.Op\s*+)?\{[\s,]*+" + r"[\s,]++".join(fields) + r"[\s,]*+\}",
            re.ASCII,
        ).match
        # A field that is not written finds the None that is put behind the match's groups.
        self._places = [names.index(name) if name in names else len(names) for name in KNOWN]
        self._extra = [(place, name) for place, name in enumerate(names) if name not in KNOWN]
        self._values = values

    def event_at(self, text: str, position: int) -> tuple[Event, int] | None:
        """Return the event of this shape that begins at ``position``, and where it ends.

        ``None`` means that this has to be read with more care.
        """
        found = self._match(text, position)
        if found is None:
            return None
        spelled = (*found.groups(), None)
        values = self._values
        type, process, f, value, time, index, key, node, error = self._places
        instant, number = spelled[time], spelled[index]
        try:
            event = Event(
                values[spelled[type]],  # type: ignore[arg-type]
                values[spelled[process]],  # type: ignore[arg-type]
                values[spelled[f]],  # type: ignore[arg-type]
                values[spelled[value]],
                None if instant is None else int(instant),
                None if number is None else int(number),
                values[spelled[key]],
                values[spelled[node]],  # type: ignore[arg-type]
                values[spelled[error]],
                self._extra_of(spelled) if self._extra else NO_EXTRA,
            )
        except EdnError:
            return None
        return event, found.end()

    def _extra_of(self, spelled: Sequence[str | None]) -> FrozenMapping:
        return FrozenMapping({name: self._values[spelled[place]] for place, name in self._extra})


class Shapes:
    """The shapes of one file, learnt from the events that were read with care."""

    def __init__(self) -> None:
        self._values = Values()
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._last: Shape | None = None

    def event_at(self, text: str, position: int) -> tuple[Event, int] | None:
        """Return the event that begins at ``position`` and where it ends, if a shape fits."""
        if self._last is not None and (found := self._last.event_at(text, position)):
            return found
        for shape in self._shapes.values():
            if shape is not self._last and (found := shape.event_at(text, position)):
                self._last = shape
                return found
        return None

    def learn(self, names: Sequence[str]) -> None:
        """Take note of an event with these fields, at least type, process and f, in this order."""
        shape = tuple(names)
        if shape in self._shapes or len(self._shapes) == SHAPES_MAX or len(shape) > NAMES_MAX:
            return
        if max(map(len, shape)) <= NAME_LENGTH_MAX:
            self._shapes[shape] = Shape(shape, self._values)
