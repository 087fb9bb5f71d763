"""Server processes end when they should, and never later than the process that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.histories.live import launcher
from holdfast.histories.live.process import ServerProcess

SLEEP = ("/bin/sleep", "600")

HARNESS = """
import sys, threading
from pathlib import Path
from holdfast.histories.live.process import ServerProcess

servers = [ServerProcess(f"s{n}", ["/bin/sleep", "600"], Path(sys.argv[1])) for n in range(3)]
servers[0].start()
servers[1].start()
servers[1].pause()
thread = threading.Thread(target=servers[2].start)
thread.start()
thread.join()
print(*[server.pid for server in servers], flush=True)
sys.stdin.read()
"""


def ended(pid: int) -> bool:
    """Return whether no process of that id runs; a zombie has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


@pytest.mark.live
@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux kills the children of a dead parent"
)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_server_outlives_its_harness(tmp_path: Path, number: signal.Signals) -> None:
    harness = subprocess.Popen(
        [sys.executable, "-c", HARNESS, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert harness.stdout is not None
    pids = [int(word) for word in harness.stdout.readline().split()]
    assert len(pids) == 3
    assert not any(ended(pid) for pid in pids)
    harness.send_signal(number)
    harness.communicate()
    assert eventually(lambda: all(ended(pid) for pid in pids))


@pytest.mark.live
@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux kills the children of a dead parent"
)
def test_a_server_whose_harness_died_before_it_asked_does_not_start(tmp_path: Path) -> None:
    """The parent named is not the parent found, as if it had died in between."""
    witness = tmp_path / "started"
    gone = os.getppid()
    launch = [sys.executable, "-I", "-S", launcher.__file__]
    trial = subprocess.run([*launch, str(gone), "2", "{}", "/bin/touch", str(witness)], check=False)
    assert trial.returncode != 0
    assert not witness.exists()


@pytest.mark.live
def test_a_server_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    server = ServerProcess("s", SLEEP, tmp_path)

    def start() -> None:
        server.start()
        server.wait_ready(lambda: True, 10)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    time.sleep(0.1)
    assert server.alive
    server.kill()


@pytest.mark.live
def test_environment_directory_and_log(tmp_path: Path) -> None:
    script = 'echo "$GREETING from $PWD"; echo trouble >&2'
    server = ServerProcess("s", ["/bin/sh", "-c", script], tmp_path, {"GREETING": "hello"})
    server.start()
    assert eventually(lambda: not server.alive)
    assert server.log.read_text() == f"hello from {tmp_path}\ntrouble\n"
    server.raise_if_failed()
    server.kill()


@pytest.mark.live
def test_kill_ends_a_running_and_a_paused_server_and_may_be_repeated(tmp_path: Path) -> None:
    server = ServerProcess("s", SLEEP, tmp_path)
    server.kill()
    for paused in (False, True):
        server.start()
        pid = server.pid
        if paused:
            server.pause()
        server.kill()
        server.kill()
        assert not Path(f"/proc/{pid}").exists()


@pytest.mark.live
def test_a_paused_server_stands_still_until_it_is_resumed(tmp_path: Path) -> None:
    ticks = tmp_path / "ticks"
    script = f"while :; do echo >> {ticks}; sleep 0.01; done"
    server = ServerProcess("s", ["/bin/sh", "-c", script], tmp_path)
    server.start()
    assert eventually(ticks.exists)
    for _ in range(3):
        server.pause()
        server.pause()
        before = ticks.stat().st_size
        time.sleep(0.1)
        assert ticks.stat().st_size == before
        server.resume()
        assert eventually(lambda size=before: ticks.stat().st_size > size)  # type: ignore[misc]
    server.kill()


@pytest.mark.live
@pytest.mark.parametrize(
    ("script", "probe_seconds", "words"),
    [
        ("echo out of luck; exit 3", 10, "ended with code 3 before it was ready"),
        ("echo out of luck; sleep 600", 0.5, "was not ready within 0.5 s"),
    ],
)
def test_a_server_that_does_not_come_up_shows_its_log(
    tmp_path: Path, script: str, probe_seconds: float, words: str
) -> None:
    server = ServerProcess("s", ["/bin/sh", "-c", script], tmp_path)
    server.start()
    with pytest.raises(RuntimeError, match=words) as caught:
        server.wait_ready(lambda: False, probe_seconds)
    assert str(caught.value).endswith("out of luck")
    server.kill()


@pytest.mark.live
def test_wait_ready_returns_when_the_probe_says_so(tmp_path: Path) -> None:
    server = ServerProcess("s", ["/bin/sh", "-c", "touch up; sleep 600"], tmp_path)
    server.start()
    server.wait_ready((tmp_path / "up").exists, 10)
    assert (tmp_path / "up").exists()
    server.kill()


@pytest.mark.live
def test_misuse_says_what_to_do(tmp_path: Path) -> None:
    server = ServerProcess("s", SLEEP, tmp_path)
    for act in (server.pause, server.resume):
        with pytest.raises(RuntimeError, match="s is not running"):
            act()
    with pytest.raises(RuntimeError, match="was not started"):
        _ = server.pid
    server.start()
    with pytest.raises(RuntimeError, match="kill it before starting it again"):
        server.start()
    server.kill()
    with pytest.raises(RuntimeError, match="ended with code -9"):
        server.raise_if_failed()
    with pytest.raises(FileNotFoundError, match="no/such/program"):
        ServerProcess("s", [tmp_path / "no/such/program"], tmp_path).start()
