"""Histories that others recorded, where they are at hand: each is read, and decided as is known."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest

from holdfast.checker.check import check
from holdfast.histories.formats import read_history
from holdfast.models.key_value import KeyValue
from holdfast.models.multi_register import MultiRegister
from holdfast.models.mutex import Mutex
from holdfast.models.register import CasRegister

DATA = Path(os.environ.get("HOLDFAST_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
VERDICTS = DATA / "verdicts.tsv"

MODELS: dict[str, Any] = {
    "knossos/cas-register": CasRegister(0, null_read_is_unknown=True),
    "knossos/multi-register": MultiRegister({"x": 0, "y": 0}),
    "knossos/mutex": Mutex(),
    "porcupine/etcd": CasRegister(failed_cas_means_different=True),
    "porcupine/kv": KeyValue(),
}
FORMATS = {"knossos": "jepsen-edn", "porcupine": "porcupine-log"}


def recorded() -> list[Any]:
    if not VERDICTS.is_file():
        return []
    with VERDICTS.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [pytest.param(row, id=row["path"]) for row in rows]


pytestmark = pytest.mark.skipif(not VERDICTS.is_file(), reason="the shared data are not here")


@pytest.mark.parametrize("row", recorded())
def test_every_operation_is_read(row: dict[str, str]) -> None:
    path = DATA / row["path"]
    named = read_history(path, FORMATS[row["path"].split("/")[0]])
    assert len(named) == int(row["operations"])
    assert read_history(path).events == named.events


@pytest.mark.parametrize("row", recorded())
def test_the_verdict_is_the_one_that_is_known(row: dict[str, str]) -> None:
    model = MODELS[str(Path(row["path"]).parent)]
    verdict = check(read_history(DATA / row["path"]), model, budget=30, engine="wgl")
    names = {"Linearizable": "linearizable", "NotLinearizable": "not linearizable"}
    assert names.get(type(verdict).__name__) == row["expected"]
