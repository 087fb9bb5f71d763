"""The plugin as a user meets it: on a project of its own, in another process where that matters."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import holdfast

pytest_plugins = ["pytester"]

SAMPLE = """
    import unittest
    import pytest
    from hypothesis import given, settings, strategies as st
    from holdfast import Event, History, OwnedMutex, assert_linearizable
    from holdfast.histories.faults.clock_jump import ClockJump
    from holdfast.histories.schedule import Schedule, Strike
    from holdfast.histories.simulation.run import simulate
    from holdfast.histories.simulation.trial import Trial
    from holdfast.histories.workload import Workload

    JUMP = Strike(0.5, ClockJump(("n1", "n2", "n3"), 1000.0), when="held")
    CALM = Trial("redlock", Workload(clients=2, seconds=2.0, hold=0.8), seed=3)
    BROKEN = Trial("redlock", CALM.workload, Schedule((JUMP,)), seed=3)

    def granted(*tokens):
        events = []
        for client, token in enumerate(tokens):
            events += [Event(kind, client, "acquire", token) for kind in ("invoke", "ok")]
        return History.of(events)

    def test_calm():
        assert_linearizable(simulate(CALM).history())

    def test_broken():
        assert_linearizable(simulate(BROKEN).history(), keys=["lock"])

    class TestCase(unittest.TestCase):
        def test_unittest(self):
            assert_linearizable(granted("a", "b"), OwnedMutex())

    @given(tokens=st.lists(st.sampled_from("abc"), max_size=3, unique=True))
    def test_property(tokens):
        assert_linearizable(granted(*tokens), OwnedMutex())

    @settings(max_examples=10)
    @given(seed=st.integers(0, 3))
    def test_recorded(holdfast_record, seed):
        assert_linearizable(holdfast_record(BROKEN), keys=["lock"])

    @pytest.mark.holdfast(artifacts="off")
    def test_marked():
        assert_linearizable(granted("a", "b"), OwnedMutex())

    def test_fixture(holdfast_record):
        assert_linearizable(holdfast_record(BROKEN), keys=["lock"])

    def test_two_findings():
        errors = []
        for tokens in ("ab", "ba"):
            with pytest.raises(AssertionError) as caught:
                assert_linearizable(granted(*tokens), OwnedMutex())
            errors.append(caught.value)
        raise ExceptionGroup("two findings", errors)

    def test_something_else():
        assert 1 == 2
"""
FAILED, PASSED = 8, 1
HERE = ("-p", "no:timeout")
"""For a run in this process: another alarm would be set in place of this test's."""

RESULTS = {
    "test_sample-test_broken",
    "test_sample-TestCase-test_unittest",
    "test_sample-test_property",
    "test_sample-test_recorded",
    "test_sample-test_fixture",
    "test_sample-test_two_findings",
}


@pytest.fixture(scope="module", autouse=True)
def _imported() -> None:
    """Import what simulates and checks: pytester forgets what a run was the first to import, and
    registries mind.
    """
    for module in pkgutil.walk_packages(holdfast.__path__, "holdfast."):
        if not module.name.startswith(("holdfast.__main__", "holdfast.histories.live")):
            importlib.import_module(module.name)


@pytest.fixture
def sample(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(test_sample=SAMPLE)
    return pytester


def results(pytester: pytest.Pytester) -> dict[str, set[str]]:
    folders = (pytester.path / "holdfast-results").glob("*")
    return {folder.name: {path.name for path in folder.iterdir()} for folder in folders}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_a_failure_is_explained_and_kept(sample: pytest.Pytester, workers: tuple[str, ...]) -> None:
    run = sample.runpytest_subprocess("--strict-markers", "--junitxml=junit.xml", *workers)
    run.assert_outcomes(failed=FAILED, passed=PASSED)
    run.stdout.fnmatch_lines_random(
        [
            "*holdfast.LinearizabilityError: NOT LINEARIZABLE: two holders at once, key 'lock'",
            "*both * ^*",
            "*c1 was granted the lock at * under token *",
            "*At * a fault struck: moved the clocks of n1, n2, n3 ahead by 1000 ms.",
            "*tokens=[[]'a', 'b'],*",
            "*run it again with: holdfast replay holdfast-results/test_sample-test_broken/schedule.json",
        ]
    )
    assert "\x1b" not in run.stdout.str()
    kept = results(sample)
    assert set(kept) == RESULTS
    assert kept["test_sample-test_broken"] == {"history.jsonl", "schedule.json", "explanation.txt"}
    assert kept["test_sample-TestCase-test_unittest"] == {"history.jsonl", "explanation.txt"}
    assert kept["test_sample-test_two_findings"] >= {"history.jsonl", "history-2.jsonl"}
    check_report(sample.path / "junit.xml")
    check_what_shows_it_again(sample.path / "holdfast-results" / "test_sample-test_broken")
    check_smallest_failure(sample.path / "holdfast-results" / "test_sample-test_property")


def check_report(path: Path) -> None:
    cases = {case.get("name"): case for case in ElementTree.parse(path).iter("testcase")}
    for name in ("test_broken", "test_unittest", "test_property"):
        failure = cases[name].find("failure")
        assert failure is not None
        assert "NOT LINEARIZABLE" in (failure.text or "")
        assert "kept by holdfast: holdfast-results" in (failure.text or "")
        properties = [entry.get("value") or "" for entry in cases[name].iter("property")]
        assert [Path(value).parent.name for value in properties] == ["holdfast-results"]


def check_what_shows_it_again(folder: Path) -> None:
    trial = json.loads((folder / "schedule.json").read_text())
    assert (trial["system"], trial["seed"], len(trial["faults"])) == ("redlock", 3, 1)
    _, _, code = (folder / "explanation.txt").read_text().partition("To see it again:")
    code = "import json\n" + code.replace(
        "\nassert_linearizable", "\nprint(json.dumps(trial.to_data()))\nassert_linearizable"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "LinearizabilityError: NOT LINEARIZABLE" in run.stderr
    assert json.loads(run.stdout) == trial


def check_smallest_failure(folder: Path) -> None:
    lines = (folder / "history.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["value"] for event in events if event["type"] == "ok"] == ["a", "b"]


def test_without_the_plugin_the_assertion_still_explains(sample: pytest.Pytester) -> None:
    run = sample.runpytest_inprocess(*HERE, "-p", "no:holdfast", "-k", "broken or calm or unittest")
    run.assert_outcomes(failed=2, passed=1)
    run.stdout.fnmatch_lines(["*NOT LINEARIZABLE: two holders at once*", "*To see it again:*"])
    assert not results(sample)


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (("--holdfast-artifacts=off",), set()),
        (("--holdfast-artifacts=on",), {"test_sample-test_broken", "test_sample-test_calm"}),
        (
            ("-o", "holdfast_artifacts=off", "--holdfast-artifacts=retain-on-failure"),
            {"test_sample-test_broken"},
        ),
    ],
    ids=["off", "on", "the option before the ini setting"],
)
def test_what_is_kept_can_be_chosen(
    sample: pytest.Pytester, options: tuple[str, ...], kept: set[str]
) -> None:
    sample.runpytest_inprocess(*HERE, "-k", "broken or calm", *options)
    assert set(results(sample)) == kept


def test_what_a_mended_test_left_is_removed(sample: pytest.Pytester) -> None:
    sample.runpytest_inprocess(*HERE, "-k", "unittest or broken", "--holdfast-output=out")
    assert len(list((sample.path / "out").iterdir())) == 2
    note = sample.path / "out" / "test_sample-test_broken" / "mine.txt"
    note.write_text("not holdfast's")
    sample.makepyfile(test_sample=SAMPLE.replace('("a", "b")', '("a",)').replace("JUMP,", ""))
    sample.runpytest_inprocess(*HERE, "-k", "unittest or broken", "--holdfast-output=out")
    assert [path for path in (sample.path / "out").rglob("*") if path.is_file()] == [note]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--holdfast-budget=soon", "*holdfast_budget is 'soon'; it is a number of seconds*"),
        ("--holdfast-artifacts=maybe", "*invalid choice: 'maybe'*"),
        ("--override-ini=holdfast_cluster=cloud", "*it can be simulated, live*"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(
    sample: pytest.Pytester, option: str, words: str
) -> None:
    run = sample.runpytest_subprocess(option)
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines([words])


def test_a_marker_that_makes_no_sense_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.holdfast(bugdet=3)
        def test_misspelt():
            pass

        @pytest.mark.holdfast(cluster="cloud")
        def test_mistaken():
            pass

        def test_plain():
            pass
        """
    )
    run = pytester.runpytest_inprocess(*HERE)
    run.assert_outcomes(passed=1, errors=2)
    run.stdout.fnmatch_lines(
        ["*the marker holdfast does not take bugdet*", "*holdfast_cluster is 'cloud'*"]
    )


def test_a_check_that_runs_out_of_its_budget_is_no_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from holdfast import Budget, Event, History, OwnedMutex, assert_linearizable

        HISTORY = History.of(
            [Event(kind, client, "acquire", client) for client in (0, 1) for kind in ("invoke", "ok")]
        )

        def test_by_option():
            assert_linearizable(HISTORY, OwnedMutex())

        @pytest.mark.holdfast(budget=60)
        def test_by_marker():
            assert_linearizable(HISTORY, OwnedMutex())

        def test_by_argument():
            assert_linearizable(HISTORY, OwnedMutex(), budget=Budget(seconds=60))
        """
    )
    run = pytester.runpytest_inprocess(*HERE, "--holdfast-budget=1e-9")
    run.assert_outcomes(failed=3)
    run.stdout.fnmatch_lines(["*UNKNOWN: time ran out: an order explains the first 0 of 2*"])
    assert run.stdout.str().count("NOT LINEARIZABLE: two holders at once") >= 2


def test_pytest_starts_without_what_no_test_has_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        def pytest_sessionfinish():
            heavy = {"attrs", "hypothesis", "msgspec", "networkx", "rich"} & set(sys.modules)
            ours = sorted(name for name in sys.modules if name.startswith("holdfast"))
            print("heavy", sorted(heavy), "ours", ours)
        """
    )
    pytester.makepyfile("def test_plain(): pass")
    run = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:timeout")
    run.stdout.fnmatch_lines(
        [
            "*heavy [[]] ours [[]'holdfast', 'holdfast.checker', 'holdfast.checker.assertion_settings', "
            "'holdfast.checker.pytest_artifacts', 'holdfast.checker.pytest_plugin']"
        ]
    )


@pytest.mark.live
def test_the_same_test_runs_on_real_servers(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_sample=SAMPLE)
    run = pytester.runpytest_subprocess("-k", "test_fixture", "--holdfast-cluster=live")
    run.stdout.fnmatch_lines(["*moved the clocks of n1, n2, n3 ahead by 1000 ms*"])
    folder = pytester.path / "holdfast-results" / "test_sample-test_fixture"
    header = json.loads((folder / "history.jsonl").read_text().splitlines()[0])
    assert "simulated" not in header["value"]["programs"].values()
