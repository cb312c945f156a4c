"""Bytes of a log file, decompressed when its first bytes say so, whatever its name says."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Protocol

import zstandard

from .errors import LogError

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


def plain_chunks(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield the bytes of a file, decompressed where they are gzip or zstd.

    Several compressed frames in a row are read as one file. Raises LogError when a compressed file
    is damaged or ends early.
    """
    start = b""
    # A pipe may give bytes one by one.
    while len(start) < len(_ZSTD_MAGIC) and (chunk := next(chunks, b"")):
        start += chunk
    whole = chain((start,), chunks)
    if start.startswith(_GZIP_MAGIC):
        return _inflate(whole, name, "gzip", lambda: zlib.decompressobj(_GZIP_WINDOW))
    if start.startswith(_ZSTD_MAGIC) or _ZSTD_SKIPPABLE.match(start):
        return _inflate(whole, name, "zstd", lambda: zstandard.ZstdDecompressor().decompressobj())
    return whole


def _inflate(
    chunks: Iterable[bytes], name: str, kind: str, new_frame: Callable[[], _Decompressor]
) -> Iterator[bytes]:
    frame = new_frame()
    is_fresh = False
    try:
        for chunk in chunks:
            # gzip files on tape or in archives are padded with zeros between and behind frames.
            data = chunk.lstrip(b"\0") if is_fresh else chunk
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
