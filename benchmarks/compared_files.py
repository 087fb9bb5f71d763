"""Recorded histories with known verdicts, as a folder with a verdicts.tsv holds them."""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from attrs import frozen
from contestants import HERE, Limits, Ours, Porcupine
from side_by_side import Row

MODELS = {
    "cas-register, init 0": "cas-register,initial_value=0,null_read_is_unknown=true",
    "cas-register (init nil": "cas-register,failed_cas_means_different=true",
    "kv get/put/append": "key-value",
    "multi-register {:x 0 :y 0}": 'multi-register,initial_value={"x":0,"y":0}',
    "mutex": "mutex",
}
"""By the beginning of what verdicts.tsv says in words, the model as for `holdfast check`."""


@frozen
class File:
    path: Path
    group: str
    model: str
    expected: str


def files_of(folder: Path) -> list[File]:
    """Return what the folder's verdicts.tsv lists, but for the files that hold no operation.

    Raises:
        ValueError: it speaks of a model that is not known here.
    """
    with (folder / "verdicts.tsv").open(encoding="utf-8", newline="") as table:
        return [
            File(
                path=folder / line["path"],
                group=str(Path(line["path"]).parent),
                model=_model(line["model"]),
                expected=line["expected"],
            )
            for line in csv.DictReader(table, delimiter="\t")
            if int(line["operations"])
        ]


def _model(words: str) -> str:
    for beginning, model in MODELS.items():
        if words.startswith(beginning):
            return model
    raise ValueError(f"no model is known for {words!r}; add it to MODELS in compared_files.py")


def rows(
    folder: Path,
    ours: Ours,
    porcupine: Porcupine | None,
    our_limits: Limits,
    porcupine_limits: Limits,
) -> Iterator[Row]:
    """Yield a row for each file; those of one group are checked one after the other in one process."""
    files_by_kind = groupby(files_of(folder), key=lambda file: (file.group, file.model))
    for (group, model), members in files_by_kind:
        files = list(members)
        reports = ours.check([file.path for file in files], model, our_limits)
        others = _check_with(porcupine, files, model, porcupine_limits)
        for file, report, other in zip(files, reports, others, strict=True):
            yield Row(file.path.name, group, file.expected, report, other)


def _check_with(
    porcupine: Porcupine | None, files: list[File], model: str, limits: Limits
) -> list[Any]:
    if porcupine is None:
        return [None] * len(files)
    with tempfile.TemporaryDirectory() as place:
        outputs = []
        for number, file in enumerate(files):
            outputs.append(Path(place) / f"{number}.tsv")
            script = HERE / "porcupine_input.py"
            command = [sys.executable, script, file.path, outputs[-1], "--model", model]
            subprocess.run(list(map(str, command)), check=True)
        return porcupine.check(outputs, model, limits)
