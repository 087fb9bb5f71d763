"""Coroutines beside their caller: they run, they are cancelled at their next step, they fail aloud."""

from __future__ import annotations

import threading

import pytest

from holdfast.histories.live.blocking import Blocking
from holdfast.histories.locks.transport import run


def test_a_background_coroutine_runs_beside_its_caller() -> None:
    transport = Blocking("seed")
    met = threading.Barrier(2, timeout=10)

    async def meet() -> None:
        met.wait()

    background = transport.spawn(meet())
    met.wait()
    background.thread.join(10)
    assert not background.thread.is_alive()


def test_cancel_ends_a_sleep_and_leaves_the_caller_alone() -> None:
    transport = Blocking("seed")
    steps = []

    async def sleeper() -> None:
        steps.append("began")
        try:
            await transport.sleep(600)
        except Exception:  # lock code that swallows errors must not swallow this one
            steps.append("swallowed")
        finally:
            steps.append("ended")
        steps.append("went on")

    background = transport.spawn(sleeper())
    run(transport.sleep(0.05))
    background.cancel()
    background.thread.join(10)
    assert steps == ["began", "ended"]
    run(transport.sleep(0))
    transport.check_cancelled()


def test_cancel_before_the_next_step_stops_that_step() -> None:
    transport = Blocking("seed")
    cancelled = threading.Event()
    steps = []

    async def worker() -> None:
        cancelled.wait(10)
        transport.check_cancelled()
        steps.append("called")

    background = transport.spawn(worker())
    background.cancel()
    cancelled.set()
    background.thread.join(10)
    assert steps == []


def test_an_error_in_the_background_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = []
    monkeypatch.setattr(threading, "excepthook", lambda args: errors.append(args.exc_value))

    async def fail() -> None:
        raise KeyError("a bug")

    Blocking("seed").spawn(fail()).thread.join(10)
    assert [repr(error) for error in errors] == ["KeyError('a bug')"]


def test_chance_follows_the_seed() -> None:
    draws = [Blocking(seed).random.random() for seed in ("a", "a", "b")]
    assert draws[0] == draws[1] != draws[2]


def test_now_does_not_run_backwards() -> None:
    transport = Blocking("seed")
    before = transport.now()
    run(transport.sleep(0.01))
    assert transport.now() > before
