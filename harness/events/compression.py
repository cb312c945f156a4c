"""Bytes of a log file, decompressed when its first bytes say so, whatever its name says."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import zstandard

from .errors import LogError

CHUNK = 1 << 17
_COMPRESSED_CHUNK = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_GZIP_WINDOW = 31


class _Decompressor(Protocol):
    """What zlib and zstandard objects for one frame have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def plain_chunks(stream: io.BufferedIOBase, name: str) -> Iterator[bytes]:
    """Yield the file's bytes in pieces, decompressed where they are gzip or zstd.

    Several compressed frames in a row are read as one file. Raises LogError when a compressed file
    is damaged or ends early.
    """
    start = _first_bytes(stream)
    if start.startswith(_GZIP_MAGIC):
        return _inflate(start, stream, name, "gzip", lambda: zlib.decompressobj(_GZIP_WINDOW))
    if start.startswith(_ZSTD_MAGIC) or _ZSTD_SKIPPABLE.match(start):
        return _inflate(
            start, stream, name, "zstd", lambda: zstandard.ZstdDecompressor().decompressobj()
        )
    return _rest(start, stream, CHUNK)


def _first_bytes(stream: io.BufferedIOBase) -> bytes:
    """Read at least as many bytes as a magic number has; a pipe may give them one by one."""
    start = b""
    while len(start) < len(_ZSTD_MAGIC) and (piece := stream.read1(CHUNK)):
        start += piece
    return start


def _rest(start: bytes, stream: io.BufferedIOBase, size: int) -> Iterator[bytes]:
    piece = start
    while piece:
        yield piece
        # read1 returns what a pipe has now, so that a live log is not held back.
        piece = stream.read1(size)


def _inflate(
    start: bytes,
    stream: io.BufferedIOBase,
    name: str,
    kind: str,
    new_frame: Callable[[], _Decompressor],
) -> Iterator[bytes]:
    frame = new_frame()
    is_fresh = False
    try:
        for piece in _rest(start, stream, _COMPRESSED_CHUNK):
            # gzip files on tape or in archives are padded with zeros between and behind frames.
            data = piece.lstrip(b"\0") if is_fresh else piece
            while data:
                plain = frame.decompress(data)
                is_fresh = False
                if plain:
                    yield plain
                if not frame.eof:
                    break
                data = frame.unused_data.lstrip(b"\0")
                frame, is_fresh = new_frame(), True
    except (zlib.error, zstandard.ZstdError) as error:
        raise LogError(f"{name}: {kind} data is damaged ({error}); fetch the file again") from error
    if not is_fresh:
        raise LogError(f"{name}: {kind} data ends early; the file is incomplete, fetch it again")
