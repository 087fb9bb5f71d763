"""A private directory for one run, which also clears away what killed runs left behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from types import TracebackType

PREFIX = "holdfast-"
MARKER = "holdfast-run"
LONGEST_PARENT = 48
"""Unix sockets allow 107 bytes, and nodes need room for names of their own below the directory."""


class RunDirectory:
    """A context manager that gives a fresh directory, and removes it at the end.

    The directory holds a marker file with the owner's process id, and the owner keeps that file
    locked (``flock``). The kernel drops the lock when the owner is gone, even by SIGKILL, and a
    recycled process id cannot bring it back; so whoever can lock a marker knows that its run is
    over. On entry the leftovers of such runs are removed. A run is not over while a process forked
    from its owner lives. What is not a directory of this user with a marker in it is not touched.

    Args:
        parent: where to make it; the temporary directory by default, or ``/tmp`` where that has so
            long a name that unix sockets could not be named.
    """

    def __init__(self, parent: Path | None = None) -> None:
        self._parent = parent
        self._path: Path | None = None
        self._marker = -1

    def __enter__(self) -> Path:
        parent = self._parent or _short_parent()
        remove_leftovers(parent)
        self._path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
        self._marker = _mark(self._path)
        return self._path

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._path is not None
        _remove(self._path)
        os.close(self._marker)


def remove_leftovers(parent: Path) -> None:
    """Remove from ``parent`` the directories of runs that are over."""
    for path in sorted(parent.glob(f"{PREFIX}*")):
        marker = _open_marker(path)
        if marker is None:
            continue
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Another process may have removed it since we opened the marker.
            if os.path.samestat(os.fstat(marker), (path / MARKER).lstat()):
                _remove(path)
        except (BlockingIOError, FileNotFoundError):
            pass  # its run is alive, or another process is removing it
        finally:
            os.close(marker)


def _short_parent() -> Path:
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):
        if len(os.fsencode(parent.resolve())) <= LONGEST_PARENT and os.access(parent, os.W_OK):
            return parent
    raise RuntimeError(
        f"the temporary directory {tempfile.gettempdir()} has too long a name for unix sockets;"
        f" set TMPDIR to a directory of at most {LONGEST_PARENT} characters"
    )


def _mark(directory: Path) -> int:
    """Put a locked marker into ``directory`` and return its descriptor."""
    unlocked = directory / f"{MARKER}.new"
    marker = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(marker, f"{os.getpid()}\n".encode())
    fcntl.flock(marker, fcntl.LOCK_EX)
    # Named only now, so that nobody ever sees the marker of a live run without its lock.
    unlocked.rename(directory / MARKER)
    return marker


def _open_marker(directory: Path) -> int | None:
    """Return a descriptor of the marker in ``directory``, or ``None`` if it is none of ours."""
    try:
        status = directory.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            return None
        return os.open(directory / MARKER, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return None


def _remove(directory: Path) -> None:
    """Remove ``directory``, its marker last, so that the next run finds what is left."""
    for entry in directory.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name != MARKER:
            with contextlib.suppress(OSError):
                entry.unlink()
    if [entry.name for entry in directory.iterdir()] == [MARKER]:
        (directory / MARKER).unlink()
        directory.rmdir()
