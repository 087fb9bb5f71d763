"""The atoms of EDN: numbers, keywords, symbols, characters and strings."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from typing import NoReturn

from holdfast.models.value import Value

REMEDY = "the file must be EDN, as Clojure prints it"

INTEGER_DIGITS_MAX = 3_500
"""How many digits an integer may have, hexadecimal ones too; Python refuses to print much longer ones."""

_number_start = re.compile(r"[-+]?\.?[0-9]", re.ASCII).match
_integer = re.compile(r"([-+]?(?:0|[1-9][0-9]*+))N?|([-+]?)0[xX]([0-9a-fA-F]++)", re.ASCII)
_float = re.compile(r"([-+]?(?:0|[1-9][0-9]*+)(?:\.[0-9]*+)?(?:[eE][-+]?[0-9]++)?)(M?)", re.ASCII)
_ratio = re.compile(r"[-+]?[0-9]++/[0-9]++", re.ASCII)
_escape = re.compile(
    r"\\(?:u[dD][89abAB]([0-9a-fA-F]{2})\\u[dD][c-fC-F]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))",
    re.ASCII | re.DOTALL,
)

WORDS: dict[str, Value] = {
    "nil": None,
    "true": True,
    "false": False,
    "##NaN": "NaN",
    "##Inf": "Infinity",
    "##-Inf": "-Infinity",
}
_ESCAPES = {"t": "\t", "r": "\r", "n": "\n", "b": "\b", "f": "\f", "\\": "\\", '"': '"'}
_CHARACTERS = {
    "newline": "\n",
    "return": "\r",
    "space": " ",
    "tab": "\t",
    "formfeed": "\f",
    "backspace": "\b",
}


class EdnError(ValueError):
    """A text is not EDN.

    Args:
        problem: what is wrong, as a clause.
        position: where in the text.
        remedy: what its owner can do about it.
    """

    def __init__(self, problem: str, position: int, remedy: str = REMEDY) -> None:
        super().__init__(problem)
        self.problem = problem
        self.position = position
        self.remedy = remedy


def atom(word: str, position: int) -> Value:
    """Return what a keyword, a symbol or a number means.

    Raises:
        EdnError: it is none of them.
    """
    if word[0] == ":":
        if word == ":" or word[1] == ":":
            raise EdnError(f"{word:.40} is not a keyword", position)
        return word[1:]
    if word in WORDS:
        return WORDS[word]
    return _number(word, position) if _number_start(word) else word


def _number(word: str, position: int) -> Value:
    if found := _integer.fullmatch(word):
        return whole(found[1] or f"{found[2]}{found[3]}", position, 16 if found[3] else 10)
    if found := _float.fullmatch(word):
        value = float(found[1])
        if not isfinite(value):
            _refuse_number(position)
        exact = not found[2] or Decimal(found[1]) == Decimal(repr(value))
        return value if exact else found[1]
    if _ratio.fullmatch(word):
        return word
    raise EdnError(f"{word:.40} is not a number", position)


def whole(word: str, position: int, base: int = 10) -> int:
    """Return the integer that is spelled with these digits and perhaps a sign.

    Raises:
        EdnError: it is too long.
    """
    if len(word) > INTEGER_DIGITS_MAX:
        _refuse_number(position)
    return int(word, base)


def _refuse_number(position: int) -> NoReturn:
    raise EdnError("it holds a number that is out of range", position, "write it as a string")


def character(word: str, position: int) -> str:
    """Return the character whose name stands behind a backslash.

    Raises:
        EdnError: there is none of that name.
    """
    if len(word) == 1:
        return word
    if word in _CHARACTERS:
        return _CHARACTERS[word]
    if re.fullmatch("u[0-9a-fA-F]{4}", word):
        return _scalar(int(word[1:], 16), position)
    raise EdnError(f"\\{word:.40} is not a character", position)


def unescaped(word: str, position: int) -> str:
    """Return what stands between a string's quotes, each escape replaced by what it means.

    Raises:
        EdnError: an escape means nothing.
    """

    def unescape(found: re.Match[str]) -> str:
        if found[1]:
            high, low = found[0][2:6], found[0][8:12]
            return chr(0x10000 + (int(high, 16) - 0xD800) * 0x400 + int(low, 16) - 0xDC00)
        if found[3]:
            return _scalar(int(found[3], 16), position)
        if found[4] not in _ESCAPES:
            raise EdnError(f"a string holds the bad escape \\{found[4]}", position)
        return _ESCAPES[found[4]]

    return _escape.sub(unescape, word)


def _scalar(code: int, position: int) -> str:
    if 0xD800 <= code <= 0xDFFF:
        raise EdnError("it holds half of a surrogate pair", position)
    return chr(code)
