"""``holdfast list``: what there is to choose from, read from what is registered."""

from __future__ import annotations

import argparse
import inspect
import json
from typing import Any

from attrs import NOTHING, Factory
from rich.console import Console
from rich.table import Table
from rich.text import Text

from holdfast.checker.engines import ENGINES
from holdfast.histories.faults import FAULTS
from holdfast.histories.formats import FORMATS
from holdfast.histories.systems import SYSTEMS
from holdfast.models import MODELS
from holdfast.models.value import thaw
from holdfast.registry import Registry

KINDS: dict[str, Registry[Any]] = {
    "models": MODELS,
    "systems": SYSTEMS,
    "faults": FAULTS,
    "formats": FORMATS,
    "engines": ENGINES,
}


def add_to(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "list", help="list the models, systems, faults, formats or engines"
    )
    parser.add_argument("kind", choices=tuple(KINDS))
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the things of one kind with their descriptions and parameters."""
    rows = [(name, _parameters(thing), _sentence(thing)) for name, thing in KINDS[arguments.kind]]
    if arguments.json:
        print(
            json.dumps(
                [dict(zip(("name", "parameters", "about"), row, strict=True)) for row in rows]
            )
        )
        return 0
    table = Table("name", box=None, header_style="bold", pad_edge=False)
    table.add_column("parameters", no_wrap=True)
    table.add_column("")
    for name, parameters, about in rows:
        table.add_row(Text(name), Text(parameters.replace(", ", "\n")), Text(about))
    Console(highlight=False).print(table)
    return 0


def _sentence(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def _parameters(thing: Any) -> str:
    return ", ".join(map(_parameter, getattr(thing, "__attrs_attrs__", ())))


def _parameter(attribute: Any) -> str:
    if isinstance(attribute.default, Factory) or attribute.default is NOTHING:  # type: ignore[arg-type]
        return str(attribute.name)
    return f"{attribute.name}={json.dumps(thaw(attribute.default))}"
