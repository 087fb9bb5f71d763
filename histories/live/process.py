"""One server process of ours: started, paused, killed, and never left behind."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from holdfast.histories.live import launcher

POLL_SECONDS = 0.005
LOG_LINES_SHOWN = 20


class ServerProcess:
    """An OS process that runs a server program, and that a fault can hit.

    On Linux the kernel kills it when this process ends, in whatever way (PR_SET_PDEATHSIG). That
    signal fires when the *thread* that started the child exits, so all children are started from
    one thread that lives as long as this process; ``start`` may be called from any. The kernel
    forgets the wish when the program is set-user-ID or has file capabilities. Other platforms have
    no such signal: there a server outlives a harness that ends before it has called ``kill``.

    Args:
        name: what to call it in messages; its log is ``NAME.log`` in its directory.
        arguments: the program's path and its arguments.
        directory: its working directory, which must exist.
        environment: variables that it gets besides those of this process.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str | Path],
        directory: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.directory = directory
        self.log = directory / f"{name}.log"
        self._arguments = [str(argument) for argument in arguments]
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._launching: BinaryIO | None = None

    def start(self) -> None:
        """Start the program, or start it again after ``kill``.

        Raises:
            FileNotFoundError: the program or the directory does not exist.
            RuntimeError: it is running.
        """
        if self.alive:
            raise RuntimeError(f"{self.name} is running; kill it before starting it again")
        self._wait_launched()
        for path in (self._arguments[0], self.directory):
            if not Path(path).exists():
                raise FileNotFoundError(f"cannot start {self.name}: {path} does not exist")
        self._process = _spawner(os.getpid()).submit(self._spawn).result()

    def _spawn(self) -> subprocess.Popen[bytes]:
        launch = [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid())]
        begins, child_end = os.pipe()
        self._launching = os.fdopen(begins, "rb")
        with self.log.open("ab") as log, os.fdopen(child_end, "wb"):
            return subprocess.Popen(
                [*launch, str(child_end), json.dumps(self._environment), *self._arguments],
                pass_fds=[child_end],
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Out of reach of the terminal's Ctrl-C: the harness decides when a server ends.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id.

        Raises:
            RuntimeError: it was never started.
        """
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it was started and has not ended; a paused process is alive."""
        return self._process is not None and self._process.poll() is None

    def wait_ready(self, probe: Callable[[], bool], seconds: float) -> None:
        """Return once ``probe`` returns true.

        Raises:
            RuntimeError: the process ended, or ``seconds`` went by; the message ends with the last
                lines of its log.
        """
        self._wait_launched()
        deadline = time.monotonic() + seconds
        while not probe():
            if not self.alive:
                raise self._failure(f"ended with code {self._code} before it was ready")
            if time.monotonic() > deadline:
                raise self._failure(f"was not ready within {seconds:g} s")
            time.sleep(POLL_SECONDS)

    def raise_if_failed(self) -> None:
        """Do nothing while it runs, or if it ended well.

        Raises:
            RuntimeError: it ended with a code other than 0; the message ends with the last lines
                of its log.
        """
        if not self.alive and self._code:
            raise self._failure(f"ended with code {self._code}")

    def pause(self) -> None:
        """Stop every thread with SIGSTOP; return once the kernel says that they stand still.

        Raises:
            RuntimeError: it is not running.
        """
        # Stopped sooner, it would not have told the kernel yet to kill it when its parent dies.
        self._wait_launched()
        self._signal(signal.SIGSTOP)
        try:
            # WNOWAIT leaves the report in place: for a second pause, and an exit for Popen to reap.
            report = os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            report = None
        if report is None or report.si_code != os.CLD_STOPPED:
            raise self._failure("ended while it was being paused")

    def resume(self) -> None:
        """Let a paused process go on.

        Raises:
            RuntimeError: it is not running.
        """
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it with SIGKILL, paused or not, and return once it is gone; if it is, do nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._wait_launched()

    def last_lines(self) -> str:
        """Return the last lines of its log."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            lines = []
        return "\n".join(lines[-LOG_LINES_SHOWN:]) or "(empty)"

    def _wait_launched(self) -> None:
        launching, self._launching = self._launching, None
        if launching is not None:
            with launching:
                launching.read()

    @property
    def _code(self) -> int | None:
        return None if self._process is None else self._process.returncode

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None or not self.alive:
            raise RuntimeError(f"{self.name} is not running")
        self._process.send_signal(number)

    def _failure(self, problem: str) -> RuntimeError:
        return RuntimeError(f"{self.name} {problem}; the end of {self.log}:\n{self.last_lines()}")


@functools.cache
def _spawner(pid: int) -> ThreadPoolExecutor:
    """Return the thread of process ``pid`` that starts children; a forked child needs its own."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"spawner-{pid}")
