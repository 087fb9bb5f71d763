"""EDN, the notation in which Clojure programs print data, read as the values that calls carry.

The notation: https://github.com/edn-format/edn. Since a call's values are those of JSON, what JSON
does not have is read as what comes nearest:

- keywords and symbols as strings, keywords without their colon; characters as strings;
- vectors and lists as tuples; sets as tuples whose order depends on the elements alone;
- maps as mappings whose keys are strings: ``0`` is read as ``"0"``, ``[1 2]`` as ``"[1,2]"``;
- ratios, and decimals that no ``float`` equals, as strings; ``##NaN`` and ``##Inf`` as strings;
- ``#inst`` and ``#uuid`` as their strings, any other tagged value as a mapping of the tag to the
  value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from holdfast.histories.formats import edn_atoms
from holdfast.histories.formats.edn_atoms import EdnError
from holdfast.models.value import FrozenMapping, Value, thaw

DEPTH_MAX = 100
"""How deeply values may be nested."""

SPACE = r"(?:[\s,]++|;[^\n]*+\n)*+"
"""What may stand between values, comments included, as a regular expression."""

ATOM = r"""[^\s,;"\[\](){}\\\x00-\x1f\x7f]++"""
"""A number, keyword, symbol or tag, as a regular expression."""

KEY_LENGTH_MAX = 10_000
"""How many characters the key of a map may have that is not a string itself."""

DISCARDED = object()
"""What ``value_at`` returns for a value that the text itself discards with ``#_``."""

_OPEN, _CLOSE, _STRING, _INTEGER, _DISCARD, _ATOM, _CHARACTER = range(1, 8)
_BEGINNINGS = (_OPEN, _DISCARD)
_OPEN_ENDED = (_INTEGER, _ATOM, _CHARACTER)  # only what follows tells where they end

_token = re.compile(
    rf"""{SPACE}(?:
      ( [\[({{] | \#\{{ )
    | ( [\])}}] )
    | "( [^"\\]*+ (?: \\. [^"\\]*+ )*+ )"
    | ( [-+]? (?: 0 | [1-9][0-9]*+ ) ) (?= [\s,;"\[\](){{}}] | \Z )
    | ( \#_ )
    | ( {ATOM} )
    | \\( [^\s\x00-\x1f\x7f] [^\s,;"\[\](){{}}\\\x00-\x1f\x7f]*+ )
    )""",
    re.ASCII | re.DOTALL | re.VERBOSE,
).match

_space = re.compile(SPACE, re.ASCII).match
_CLOSERS = {"[": "]", "(": ")", "{": "}", "#{": "}"}
_Frame = tuple[str, list[Any], int]
"""What is open: its bracket, tag or ``#_``, what it holds so far, and where it begins."""


class Unfinished(Exception):
    """The text ends in the middle of a value."""


def after_space(text: str, position: int) -> int:
    """Return where the space ends, and the comments, that begin at ``position``."""
    found = _space(text, position)
    assert found is not None  # it can be empty
    return found.end()


def value_of(text: str) -> Value:
    """Return the one value that ``text`` holds.

    Raises:
        EdnError: it does not hold exactly one value, or the value is not EDN.
    """
    try:
        value, end = value_at(text, 0, final=True)
    except Unfinished:
        raise EdnError("it ends in the middle of a value", len(text)) from None
    if value is DISCARDED or after_space(text + "\n", end) <= len(text):
        raise EdnError("it is not exactly one value", end)
    return FrozenMapping(value) if value.__class__ is dict else value


def value_at(text: str, position: int, *, final: bool) -> tuple[Any, int]:
    """Return the value that begins at ``position`` or after the space there, and where it ends.

    A map that is the value itself, rather than a part of it, is returned as a ``dict``.

    Args:
        text: the text, or the part of it that is at hand.
        position: where to begin.
        final: whether the text ends where ``text`` does.

    Raises:
        EdnError: what stands there is not EDN.
        Unfinished: more text is needed, or, where there is none, missing.
    """
    frames: list[_Frame] = []
    items: list[Any] | None = None  # of the innermost frame, where that is a collection
    length = len(text)
    while True:
        token = _token(text, position)
        if token is None:
            _refuse_token(text, position)
        kind, position = token.lastindex or 0, token.end()
        word: str = token[kind]
        if position == length and kind in _OPEN_ENDED and _may_go_on(frames, word, final=final):
            raise Unfinished
        if kind in _BEGINNINGS or (
            kind == _ATOM and word[0] == "#" and word not in edn_atoms.WORDS
        ):
            items = _opened(frames, word, token.start(kind))
            continue
        if kind == _CLOSE:
            value = _closed(frames, word, token.start(kind))
            items = None
        elif kind == _STRING and "\\" not in word:
            value = word
        else:
            value = _READERS[kind](word, token.start(kind))
        if items is not None:
            items.append(value)
            continue
        value = _placed(frames, value)
        if not frames:
            return value, position
        opener, items, _ = frames[-1]
        if opener not in _CLOSERS:
            items = None


def _may_go_on(frames: list[_Frame], word: str, *, final: bool) -> bool:
    """Return whether what the text ends with may be cut off: in a collection, something is."""
    return not final or word == "#" or any(opener in _CLOSERS for opener, _, _ in frames)


def _opened(frames: list[_Frame], word: str, position: int) -> list[Any] | None:
    """Open a collection, or what a tag or ``#_`` stands before; return the collection's items."""
    if len(frames) >= DEPTH_MAX:
        raise EdnError("its value is nested too deeply", position, "record a flatter value")
    if word == "#":
        raise EdnError("# stands without a tag", position)
    items: list[Any] = []
    frames.append((word, items, position))
    return items if word in _CLOSERS else None


def _placed(frames: list[_Frame], value: Any) -> Any:
    """Put a finished value into what is open, and return what that finishes, if anything."""
    while frames:
        opener, items, start = frames[-1]
        if opener in _CLOSERS:
            if value is not DISCARDED:
                items.append(FrozenMapping(value) if value.__class__ is dict else value)
            return None
        if value is DISCARDED:  # as in #tag #_ 1 2: the tag belongs to what comes next
            return None
        frames.pop()
        value = DISCARDED if opener == "#_" else _tagged(opener, value, start)
    return value


def _closed(frames: list[_Frame], closer: str, position: int) -> Any:
    if not frames:
        raise EdnError(f"{closer} closes nothing", position)
    opener, items, start = frames.pop()
    expected = _CLOSERS.get(opener)
    if expected is None:
        raise EdnError(f"{opener:.40} stands before {closer} instead of a value", start)
    if closer != expected:
        raise EdnError(f"{closer} stands where {expected} must close {opener}", position)
    if opener == "{":
        return _mapping(items, start)
    if opener == "#{" and len(items) > 1:
        items.sort(key=_order)
    return tuple(items)


def _mapping(items: list[Any], position: int) -> dict[str, Any]:
    if len(items) % 2:
        raise EdnError("a map holds a key without a value", position)
    data: dict[str, Any] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        name = key if key.__class__ is str else _spelled(key)
        # A map whose key is a map, and so on, would double in length with every level.
        if key.__class__ is not str and len(name) > KEY_LENGTH_MAX:
            raise EdnError("a map's key is too long", position, "record a simpler key")
        if name in data:
            raise EdnError(f"a map holds the key {name!r:.40} twice", position)
        data[name] = value
    return data


def _tagged(tag: str, value: Any, position: int) -> Any:
    if tag in ("#inst", "#uuid"):
        if value.__class__ is not str:
            raise EdnError(f"what follows {tag} is not a string", position)
        return value
    return {tag: value}


def _order(value: Any) -> tuple[bool, int | float, str]:
    """Return the key by which a set's elements are put in order: numbers come first."""
    if value.__class__ is int or value.__class__ is float:
        return False, value, ""
    return True, 0, _spelled(value)


def _spelled(value: Any) -> str:
    """Return a value as JSON, which equal values share whatever the order of their maps."""
    return msgspec.json.encode(thaw(value), order="sorted").decode()


def _refuse_token(text: str, position: int) -> NoReturn:
    place = after_space(text, position)
    if place == len(text) or text[place] in '";' or text[place:] == "\\":
        raise Unfinished  # also in the middle of a string or a comment
    raise EdnError(f"{text[place]!r} cannot stand here", place)


_READERS: dict[int, Callable[[str, int], Value]] = {
    _INTEGER: edn_atoms.whole,
    _ATOM: edn_atoms.atom,
    _STRING: edn_atoms.unescaped,
    _CHARACTER: edn_atoms.character,
}
