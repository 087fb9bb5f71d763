"""The small languages of the command line's options: NAME[,PARAMETER=VALUE]… for models and faults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from holdfast.histories.faults import FAULTS
from holdfast.histories.schedule import Strike, fault_of
from holdfast.models import MODELS, Model
from holdfast.models.value import freeze

MODEL_PARTS = ("functions", "initial", "step")


class UsageError(Exception):
    """The command line asks for something that cannot be; the message says what to do."""


def parse_model(text: str) -> Model[Any]:
    """Return the model that ``text`` names.

    Args:
        text: ``NAME`` or ``MODULE:CLASS``, then ``,PARAMETER=VALUE`` for each parameter, the values in
            JSON or else plain words: ``cas-register,initial_value=0``.

    Raises:
        UsageError: it has no such parameter.
        UnknownName: there is no such model.
    """
    name, parameters = _name_and_parameters(text)
    kind: Any = MODELS[name]
    known = [attribute.name for attribute in getattr(kind, "__attrs_attrs__", ())]
    takes = f"it takes {', '.join(known)}" if known else "it takes no parameter"
    unknown = [key for key in parameters if known and key not in known]
    if unknown:
        raise UsageError(f"model {name!r} has no parameter {unknown[0]!r}; {takes}")
    try:
        model: Model[Any] = kind(**{key: freeze(value) for key, value in parameters.items()})
    except (TypeError, ValueError) as error:
        raise UsageError(f"model {name!r}: {error}; {takes}") from None
    if isinstance(model, type) or not all(hasattr(model, part) for part in MODEL_PARTS):
        raise UsageError(f"{name!r} is no model: a model has {', '.join(MODEL_PARTS)}")
    return model


def recorded_model(name: str) -> str:
    """Return a model's name as a file gives it, if using it runs nothing but what is installed as a model.

    Raises:
        UsageError: it names code to import, as ``--model`` may and a file may not.
    """
    if ":" in name.partition(",")[0]:
        raise UsageError(
            f"the file names {name!r}, which is code to import; say --model {name!r} if you trust it"
        )
    return name


def parse_models(texts: list[str]) -> tuple[str | None, dict[str, str]]:
    """Return the model for all keys, if one is given, and the models for single keys.

    Args:
        texts: each ``MODEL`` or ``KEY=MODEL``.

    Raises:
        UsageError: two models are given for the same keys.
    """
    for_all: str | None = None
    by_key: dict[str, str] = {}
    for text in texts:
        key, equals, model = text.partition("=")
        # An equals sign behind a comma belongs to a parameter: cas-register,initial_value=0.
        if not equals or "," in key:
            if for_all is not None:
                raise UsageError(f"two models for all keys, {for_all} and {text}; say KEY=MODEL")
            for_all = text
        elif key in by_key:
            raise UsageError(f"two models for the key {key!r}, {by_key[key]} and {model}")
        else:
            by_key[key] = model
    return for_all, by_key


def parse_fault(text: str, *, default_at: float) -> Strike:
    """Return the fault that ``text`` describes, with its time.

    Args:
        text: ``NAME[@SECONDS][,PARAMETER=VALUE]…``; ``+`` joins the items of a list:
            ``clock-jump@2,nodes=n1+n2+n3,by_ms=1500``. Values may be JSON:
            ``partition,groups=[["n1"],["n2","n3"]]``.
        default_at: when it strikes if no time is given, in seconds.

    Raises:
        UsageError: it has no such parameter, or the time is no number.
        UnknownName: there is no such fault.
    """
    head, parameters = _name_and_parameters(text)
    name, _, at = head.partition("@")
    try:
        seconds = float(at) if at else default_at
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"the time is {at}")
        return Strike(seconds, fault_of(name, _listed(name, parameters)))
    except ValueError as error:
        raise UsageError(f"--fault {text!r}: {error}; see holdfast list faults") from None


def parse_programs(texts: list[str]) -> Mapping[str, Path]:
    """Return server programs by name.

    Args:
        texts: each ``NAME=PATH``.

    Raises:
        UsageError: one is not of that form, or there is no such file.
    """
    programs = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals:
            raise UsageError(
                f"--program {text!r} is not NAME=PATH, such as redis-server=./redis-server"
            )
        if not Path(path).is_file():
            raise UsageError(f"--program {text!r}: there is no file {path!r}")
        programs[name] = Path(path).resolve()
    return programs


def _name_and_parameters(text: str) -> tuple[str, dict[str, Any]]:
    name, *rest = _split_outside_brackets(text)
    parameters: dict[str, Any] = {}
    for part in rest:
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"{text!r}: {part!r} is not PARAMETER=VALUE")
        parameters[key] = _value(value)
    return name, parameters


def _listed(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with each single value of a list made a list."""
    lists = {
        attribute.name
        for attribute in getattr(FAULTS[name], "__attrs_attrs__", ())
        if str(attribute.type).startswith("tuple")
    }
    return {
        key: [value] if key in lists and isinstance(value, str) else value
        for key, value in parameters.items()
    }


def _split_outside_brackets(text: str) -> list[str]:
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _value(text: str) -> Any:
    if "+" in text[1:]:
        return [_value(item) for item in text.split("+")]
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
