"""Turns into a server program that cannot outlive the process that asked for it.

Run as a script of its own between ``fork`` and the server's ``exec``, since code that Python runs
in a forked child of a threaded process may deadlock. It imports nothing but the standard library.
Arguments: the parent's process id, the descriptor of a pipe that is closed when the server begins,
extra environment variables as JSON, the program, its arguments.
"""

from __future__ import annotations

import json
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when ``parent`` is gone (Linux; elsewhere nothing).

    Raises:
        OSError: the kernel refused.
    """
    if sys.platform != "linux":
        return
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    # A parent that died before that call sends no signal any more, but it is not our parent now.
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    os.set_inheritable(int(sys.argv[2]), False)
    os.execve(sys.argv[4], sys.argv[4:], {**os.environ, **json.loads(sys.argv[3])})
