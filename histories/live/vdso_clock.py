"""The clocks of a child process that reads them from the kernel's vDSO, as programs in Go do.

The vDSO is code that the kernel puts into every process. A private copy of its page is made when it
is written to, so a child's ``clock_gettime`` can be replaced by one that asks the kernel and adds a
lead, and nobody else's changes. No privilege is needed for a child of one's own. Linux on x86-64 only.
"""

from __future__ import annotations

import functools
import platform
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from holdfast.histories.faults.world import CannotStrike

SYMBOL = b"__vdso_clock_gettime"
NS_PER_S = 1_000_000_000

DYNAMIC_SYMBOLS = 11
"""The type of an ELF section that holds the symbols for linking at run time."""

_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")


def set_lead(pid: int, lead_ns: int) -> None:
    """Put the clocks of process ``pid`` ahead of real time.

    Args:
        pid: a child of this process all of whose threads stand still.
        lead_ns: by how many nanoseconds from now on, in all.

    Raises:
        CannotStrike: the machine does not allow it, or a thread is just reading the clock; then try
            again after it has run on.
    """
    offset, size = _function()
    code = _code(lead_ns)
    if len(code) > size:
        raise CannotStrike("the kernel's clock_gettime is too short to be replaced")
    try:
        start = _vdso(pid)[0] + offset
        if any(start <= instruction < start + size for instruction in _instructions(pid)):
            raise CannotStrike("a thread is reading the clock just now")
        with Path(f"/proc/{pid}/mem").open("r+b", buffering=0) as memory:
            memory.seek(start)
            memory.write(code)
    except OSError as error:
        raise CannotStrike(f"this machine does not let a child's clock be set: {error}") from error


def _code(lead_ns: int) -> bytes:
    """Return the machine code of ``clock_gettime(clock, time)`` that adds ``lead_ns``."""
    seconds, nanoseconds = divmod(lead_ns, NS_PER_S)
    adding = b"".join(
        [
            b"\x48\xb9" + struct.pack("<q", seconds),  # mov rcx, seconds
            b"\x48\x01\x0e",  # add [rsi], rcx
            b"\x48\xb9" + struct.pack("<q", nanoseconds),  # mov rcx, nanoseconds
            b"\x48\x03\x4e\x08",  # add rcx, [rsi+8]
            b"\x48\x81\xf9" + struct.pack("<i", NS_PER_S),  # cmp rcx, 1000000000
            b"\x7c\x0a",  # jl over the next two
            b"\x48\x81\xe9" + struct.pack("<i", NS_PER_S),  # sub rcx, 1000000000
            b"\x48\xff\x06",  # inc qword [rsi]
            b"\x48\x89\x4e\x08",  # mov [rsi+8], rcx
        ]
    )
    return b"".join(
        [
            b"\xf3\x0f\x1e\xfa",  # endbr64
            b"\xb8\xe4\x00\x00\x00\x0f\x05",  # mov eax, 228; syscall, which is clock_gettime
            b"\x85\xc0\x75" + bytes([len(adding)]),  # test eax, eax; jne over the adding
            adding,
            b"\xc3",  # ret
        ]
    )


def _vdso(pid: int | str) -> tuple[int, int]:
    """Return where the vDSO of a process begins and ends."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        if line.endswith("[vdso]"):
            begin, _, end = line.split()[0].partition("-")
            return int(begin, 16), int(end, 16)
    raise CannotStrike("this kernel gives its processes no vDSO")


@functools.cache
def _function() -> tuple[int, int]:
    """Return where in the vDSO the function stands, and its length; every process has the same."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise CannotStrike(
            "the clock of a program in Go can be set on Linux on x86-64 alone; pause the node or "
            "the client instead"
        )
    try:
        begin, end = _vdso("self")
        with Path("/proc/self/mem").open("rb", buffering=0) as memory:
            memory.seek(begin)
            image = memory.read(end - begin)
    except OSError as error:
        raise CannotStrike(f"this machine does not show the vDSO: {error}") from error
    for name, value, size in _symbols(image):
        if name == SYMBOL:
            return value, size
    raise CannotStrike("this kernel's vDSO has no clock_gettime")


def _symbols(image: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, value and size of the dynamic symbols of a 64-bit ELF image."""
    (table,) = struct.unpack_from("<Q", image, 0x28)
    entry_size, count = struct.unpack_from("<HH", image, 0x3A)
    sections = [_SECTION.unpack_from(image, table + entry_size * place) for place in range(count)]
    for _, kind, _, _, begin, length, link, *_ in sections:
        if kind != DYNAMIC_SYMBOLS:
            continue
        names = sections[link][4]
        for at in range(begin, begin + length, _SYMBOL.size):
            name, _, _, _, value, size = _SYMBOL.unpack_from(image, at)
            start = names + name
            yield image[start : image.index(b"\0", start)], value, size


def _instructions(pid: int) -> Iterator[int]:
    """Yield where each thread of a stopped process stands in its program."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        words = (task / "syscall").read_text().split()
        if words[0] != "running":
            yield int(words[-1], 16)
