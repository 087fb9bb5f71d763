"""Compressed files, by the last suffix of their names: ``.gz`` and ``.zst``."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO, cast

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats.format import Limits

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER_BYTES = 1 << 20

NAMES = {".gz": "gzip", ".zst": "zstd"}
"""The compressions, by suffix."""

_MAGIC = {".gz": b"\x1f\x8b", ".zst": b"\x28\xb5\x2f\xfd"}


def compression_suffix(path: Path) -> str:
    """Return the suffix of ``path`` that names a compression, or an empty string."""
    suffix = path.suffix.lower()
    return suffix if suffix in NAMES else ""


@contextmanager
def open_reading(path: Path, limits: Limits) -> Iterator[io.BufferedReader]:
    """Open ``path`` and give its content, decompressed as its suffix says.

    Raises:
        HistoryError: at once, when the content contradicts the suffix; while reading, when the
            compressed data is cut off or damaged, or ``limits.total_bytes_max`` is passed.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        suffix, start = compression_suffix(path), file.peek(4)[:4]
        _check_content(path, suffix, start)
        # No byte at all is no event, rather than data that was cut off.
        with _decompressed(file, suffix if start else "") as inner:
            # The buffer owns nothing that the two blocks around it do not close.
            yield io.BufferedReader(_Counted(inner, str(path), limits), BUFFER_BYTES)


@contextmanager
def open_writing(path: Path) -> Iterator[BinaryIO]:
    """Open ``path``, emptied, for content that is compressed as its suffix says.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("wb", buffering=BUFFER_BYTES) as file:
        match compression_suffix(path):
            case ".gz":
                # Neither name nor time goes in, so that equal histories give equal files.
                with gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
                    yield cast(BinaryIO, packed)
            case ".zst":
                zstd = _zstd()
                # Unlike gzip's, its checksum is an option, without which damage may go unnoticed.
                options = {zstd.CompressionParameter.checksum_flag: 1}
                with zstd.ZstdFile(file, "w", options=options) as packed:
                    yield cast(BinaryIO, packed)
            case _:
                yield file


def following(start: bytes, rest: io.BufferedReader) -> io.BufferedReader:
    """Return a stream of what was read already, followed by the rest of its stream."""
    return io.BufferedReader(_Following(start, rest), BUFFER_BYTES)


class _Following(io.RawIOBase):
    def __init__(self, start: bytes, rest: io.BufferedReader) -> None:
        self._start = io.BytesIO(start)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        return self._start.readinto(buffer) or self._rest.readinto(buffer)


class _Counted(io.RawIOBase):
    """What is read from ``inner``: counted, and with one kind of error for all that is damaged."""

    def __init__(self, inner: io.BufferedIOBase, source: str, limits: Limits) -> None:
        self._inner = inner
        self._source = source
        self._limit = limits.total_bytes_max
        self._bytes = 0
        self._damage: tuple[type[Exception], ...] = (gzip.BadGzipFile, zlib.error, *_zstd_errors())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        try:
            count = self._inner.readinto(buffer)
        except EOFError:
            raise HistoryError(
                "its compressed data ends too early",
                remedy="part of the file is missing: copy or download it again",
                source=self._source,
            ) from None
        except self._damage as error:
            raise HistoryError(
                f"its compressed data is damaged ({error})",
                remedy="copy or download the file again",
                source=self._source,
            ) from None
        self._bytes += count
        if self._bytes > self._limit:
            raise HistoryError(
                f"it holds more than {self._limit:,} bytes, decompressed",
                remedy="split the recording, or read it with a greater Limits.total_bytes_max",
                source=self._source,
            )
        return count


def _check_content(path: Path, suffix: str, start: bytes) -> None:
    actual = next((name for name, magic in _MAGIC.items() if start.startswith(magic)), "")
    if actual == suffix or not start:
        return
    if actual:
        problem = f"its content is {NAMES[actual]}, which the end of its name does not say"
        remedy = f"rename it so that it ends in {actual}"
    else:
        problem = f"its name ends in {suffix}, but its content is not {NAMES[suffix]}"
        remedy = f"rename it without {path.suffix}, or compress it"
    raise HistoryError(problem, remedy=remedy, source=str(path))


def _decompressed(file: io.BufferedReader, suffix: str) -> io.BufferedIOBase:
    match suffix:
        case ".gz":
            return gzip.GzipFile(fileobj=file)
        case ".zst":
            return cast(io.BufferedIOBase, _zstd().ZstdFile(file))
        case _:
            return file


def _zstd() -> ModuleType:
    # Imported only where a .zst is met: reading plain files needs neither of the two.
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _zstd_errors() -> tuple[type[Exception], ...]:
    loaded = sys.modules.get("compression.zstd") or sys.modules.get("backports.zstd")
    return (loaded.ZstdError,) if loaded else ()
