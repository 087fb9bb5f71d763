"""What the command line's exit codes mean; the numbers from 64 on are those of BSD's sysexits."""

from __future__ import annotations

LINEARIZABLE = 0
NOT_LINEARIZABLE = 1
UNKNOWN = 2
USAGE = 64
BAD_INPUT = 65
UNAVAILABLE = 69
BUG = 70
INTERRUPTED = 130
OUTPUT_CLOSED = 141
