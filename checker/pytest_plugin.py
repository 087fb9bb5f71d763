"""The pytest plugin: options, markers, fixtures, and what a failing test leaves behind.

pytest imports this module at every start, so it imports nothing but pytest and the standard library;
all else is imported by the first test that needs it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from holdfast.checker import assertion_settings
from holdfast.checker.pytest_artifacts import Artifacts, linearizability_errors

if TYPE_CHECKING:
    from holdfast.histories.history import History
    from holdfast.histories.live.own_clients import LiveCluster
    from holdfast.histories.recorder import Recorder
    from holdfast.histories.simulation.trial import Trial

CHOICES = {
    "cluster": ("simulated", "live"),
    "artifacts": ("retain-on-failure", "on", "off"),
}
SETTINGS = (*CHOICES, "budget")
MARKER = "holdfast"
MARKER_HELP = (
    "holdfast(cluster=..., artifacts=..., budget=...): for this test, in place of --holdfast-cluster, "
    "--holdfast-artifacts and --holdfast-budget"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, each with an ini setting of the same meaning."""
    group = parser.getgroup("holdfast", "holdfast: are the recorded histories linearizable?")

    def add(name: str, words: str, default: str, choices: Sequence[str] | None = None) -> None:
        words += f" (default: {default or 'no limit'})"
        group.addoption(f"--holdfast-{name}", default=None, choices=choices, help=words)
        parser.addini(f"holdfast_{name}", f"{words}, as --holdfast-{name}", default=default)

    add("cluster", "what holdfast_record records against", "simulated", CHOICES["cluster"])
    add(
        "artifacts",
        "whether histories, schedules and explanations are kept",
        "retain-on-failure",
        CHOICES["artifacts"],
    )
    add("output", "the directory of what is kept, a folder for each test", "holdfast-results")
    add("budget", "the seconds that a check may take where it does not say itself", "")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and refuse settings that make no sense before any test runs."""
    config.addinivalue_line("markers", MARKER_HELP)
    _check_settings({name: _setting(config, name) for name in SETTINGS})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Put the settings of this test in force while it runs, and keep what they say."""
    settings = _settings_of(item)
    artifacts = Artifacts(_output(item.config), item.nodeid)
    artifacts.forget()
    item.stash[_ARTIFACTS] = artifacts
    # Of the many histories of a property the last will do.
    seen: deque[History] = deque(maxlen=1)
    with assertion_settings.surrounded_by(
        budget=settings["budget"],
        cluster=settings["cluster"],
        watch=seen.append if settings["artifacts"] == "on" else None,
    ):
        result = yield
    if seen and not artifacts.written:
        artifacts.keep(seen[0])
    return result


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a marker that makes no sense."""
    for mark in item.iter_markers(MARKER):
        wrong = [*map(repr, mark.args), *sorted(set(mark.kwargs) - set(SETTINGS))]
        if wrong:
            raise pytest.UsageError(f"the marker {MARKER} does not take {wrong[0]}; {MARKER_HELP}")
    _check_settings(_settings_of(item))


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Write what a failure is to leave behind and say where, before pytest puts the failure into words."""
    if call.excinfo is None or _settings_of(item)["artifacts"] == "off":
        return
    artifacts = item.stash[_ARTIFACTS]
    for error in linearizability_errors(call.excinfo.value):
        place = artifacts.keep_failure(error)
        item.user_properties.append(("holdfast", str(place)))


@pytest.fixture(scope="session")
def holdfast_record(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Trial], History]:
    """Return a function that runs a trial and returns its history.

    It runs in simulation or on real servers, as ``--holdfast-cluster``, the ini setting
    ``holdfast_cluster`` or the marker says. Good under ``@given`` too.
    """
    from holdfast.checker.pytest_clusters import record_trial

    return lambda trial: record_trial(
        trial, assertion_settings.current().cluster, tmp_path_factory.mktemp("holdfast")
    )


@pytest.fixture(scope="session")
def holdfast_recorder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Recorder]:
    """Return a function that opens a recorder for so many clients, to record code of one's own.

    The recorder is a context manager; ``read_history(recorder.path)`` reads what it wrote.
    """
    from holdfast.histories.recorder import Recorder

    def recorder(clients: int) -> Recorder:
        return Recorder(tmp_path_factory.mktemp("holdfast") / "history.jsonl", clients=clients)

    return recorder


@pytest.fixture(scope="session")
def holdfast_cluster() -> Callable[..., AbstractContextManager[LiveCluster]]:
    """Return a function that starts the real servers of a system, for a lock of one's own to live on.

    ``with holdfast_cluster("redlock", recorder) as cluster:`` gives ``cluster.nodes``,
    ``cluster.socket(node)`` and ``cluster.strike(fault)``; the servers are gone after the block.
    """
    from holdfast.histories.live.own_clients import live_cluster

    return live_cluster


_ARTIFACTS = pytest.StashKey[Artifacts]()


def _settings_of(item: pytest.Item) -> dict[str, Any]:
    settings = {name: _setting(item.config, name) for name in SETTINGS}
    settings["budget"] = _seconds(settings["budget"])
    for mark in reversed(list(item.iter_markers(MARKER))):
        settings.update(mark.kwargs)
    return settings


def _setting(config: pytest.Config, name: str) -> Any:
    given = config.getoption(f"holdfast_{name}")
    return config.getini(f"holdfast_{name}") if given is None else given


def _output(config: pytest.Config) -> Path:
    given = config.getoption("holdfast_output")
    if given is not None:
        return config.invocation_params.dir / str(given)
    return config.rootpath / str(config.getini("holdfast_output"))


def _check_settings(settings: Mapping[str, Any]) -> None:
    for name, allowed in CHOICES.items():
        if settings[name] not in allowed:
            raise pytest.UsageError(
                f"holdfast_{name} is {settings[name]!r}; it can be {', '.join(allowed)}"
            )
    _seconds(settings["budget"])


def _seconds(text: Any) -> float | None:
    if text in (None, ""):
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < math.inf:
        raise pytest.UsageError(f"holdfast_budget is {text!r}; it is a number of seconds above 0")
    return seconds
