"""The sample project of docs/testing-your-own-lock.md does what the page says."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

DOCS = Path(__file__).parents[1] / "docs"
SAMPLE = DOCS / "examples" / "own-lock"
PAGE = (DOCS / "testing-your-own-lock.md").read_text(encoding="utf-8")


@pytest.fixture
def sample(pytester: pytest.Pytester) -> pytest.Pytester:
    for path in filter(Path.is_file, SAMPLE.iterdir()):
        shutil.copy(path, pytester.path)
    return pytester


def kept(sample: pytest.Pytester, test: str, name: str) -> str:
    folder = sample.path / "holdfast-results" / f"{test}-test_one_holder_at_a_time"
    return (folder / name).read_text(encoding="utf-8")


def test_simulated_it_fails_by_a_node_that_comes_back_empty(sample: pytest.Pytester) -> None:
    run = sample.runpytest_subprocess("test_simulated.py", "--hypothesis-seed=2")
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["*NOT LINEARIZABLE: two holders at once, key 'lock'"])
    faults = json.loads(kept(sample, "test_simulated", "schedule.json"))["faults"]
    assert [fault["fault"] for fault in faults] == ["kill", "restart"]
    (schedule,) = sample.path.rglob("schedule.json")
    again = sample.run(sys.executable, "-m", "holdfast", "replay", schedule, "--times", "5")
    again.stdout.fnmatch_lines(["violated in 5 of 5 runs in simulation"])


def test_simulated_it_passes_where_nodes_keep_their_data(sample: pytest.Pytester) -> None:
    path = sample.path / "test_simulated.py"
    fair = path.read_text().replace('"clocks", "awake"', '"clocks", "awake", "data"')
    path.write_text(fair.replace("max_examples=1000", "max_examples=100"))
    sample.runpytest_subprocess("test_simulated.py", "--hypothesis-seed=2").assert_outcomes(
        passed=1
    )


@pytest.mark.live
@pytest.mark.parametrize("test", ["test_replayed", "test_live"])
def test_on_real_servers_it_fails_too(sample: pytest.Pytester, test: str) -> None:
    run = sample.runpytest_subprocess(f"{test}.py")
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["*NOT LINEARIZABLE: two holders at once*"])


@pytest.mark.parametrize("path", sorted(SAMPLE.glob("test_*.py")), ids=lambda path: path.name)
def test_each_is_short(path: Path) -> None:
    assert sum(bool(line.strip()) for line in path.read_text().splitlines()) < 20


def test_the_page_shows_the_code_as_it_is() -> None:
    code = "\n".join(path.read_text() for path in sorted(SAMPLE.glob("*.py")))
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL):
        if "test_one_holder_at_a_time" in block:
            assert block in code
