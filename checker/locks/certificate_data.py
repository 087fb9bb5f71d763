"""Certificates as JSON data and back: one object for each rule, operations by the lines they stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

from attrs import fields

from holdfast.checker.locks.certificate import CertainHold, Certificate, is_count

RULE = "rule"

RULES: Mapping[str, type] = {rule.__name__: rule for rule in get_args(Certificate)}

_Naming = Callable[[int], int]


def certificate_data(certificate: Certificate, line_of: _Naming) -> dict[str, Any]:
    """Return a certificate as JSON data.

    Args:
        certificate: names operations by their numbers.
        line_of: returns the line of the operation of that number.
    """
    return {RULE: type(certificate).__name__, **_data(certificate, line_of)}


def certificate_of(data: Any, number_of: _Naming) -> Certificate:
    """Return the certificate that ``certificate_data`` made data of.

    Args:
        data: the JSON data.
        number_of: returns the number of the operation on that line; raises ``LookupError`` if there is none.

    Raises:
        ValueError: it is no certificate's data; the message says why.
        LookupError: it names a line without an operation.
    """
    if not isinstance(data, dict) or str(data.get(RULE)) not in RULES:
        raise ValueError(f"a certificate has a rule, one of {', '.join(RULES)}")
    found: Certificate = _object(RULES[data[RULE]], data, number_of)
    return found


def _data(value: Any, line_of: _Naming) -> dict[str, Any]:
    return {
        one.name: getattr(value, one.name)
        if is_count(one)
        else _plain(getattr(value, one.name), line_of)
        for one in fields(type(value))
    }


def _plain(value: Any, line_of: _Naming) -> Any:
    if isinstance(value, tuple):
        return [_plain(item, line_of) for item in value]
    if value is None or isinstance(value, int):
        return value if value is None or value < 0 else line_of(value)
    return _data(value, line_of)


def _object(kind: type, data: Any, number_of: _Naming) -> Any:
    names = [one.name for one in fields(kind)]
    if not isinstance(data, dict) or set(data) - {RULE} != set(names):
        raise ValueError(f"{kind.__name__} has the fields {', '.join(names)}")
    hints = get_type_hints(kind)
    return kind(
        **{
            one.name: _count(one.name, data[one.name])
            if is_count(one)
            else _value(hints[one.name], one.name, data[one.name], number_of)
            for one in fields(kind)
        }
    )


def _count(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{name} is how many there are, not {value!r}")
    return value


def _value(hint: Any, name: str, value: Any, number_of: _Naming) -> Any:
    if hint is CertainHold:
        return _object(CertainHold, value, number_of)
    inside = get_args(hint)
    if Ellipsis in inside:
        if not isinstance(value, list):
            raise ValueError(f"{name} is a list")
        return tuple(_value(inside[0], name, item, number_of) for item in value)
    if value is None and type(None) in inside:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} names operations by their lines, not by {value!r}")
    return value if value < 0 else number_of(value)
