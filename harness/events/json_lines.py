"""Text of a log in pieces of whole lines, and the JSON objects in such a piece.

Pieces are small, so that what is decoded is used while it is still in the processor's cache.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import orjson

from .errors import LogError

_PIECE = 1 << 15
_ITEMS = 100


def whole_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text in pieces that end where a line ends, without that line break."""
    pieces: list[bytes] = []
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            piece = chunk[start : start + _PIECE]
            end = piece.rfind(b"\n")
            if end < 0:
                pieces.append(piece)
            else:
                yield b"".join((*pieces, piece[:end]))
                pieces = [piece[end + 1 :]]
    if rest := b"".join(pieces):
        yield rest


def decoded_lines(text: bytes) -> list[dict[str, object]] | None:
    """Decode lines that each hold one document, all at once; None where one is something else.

    That is faster than line by line. Line breaks become the item `0` of one array, which has to come
    back between the objects: a line that is broken or holds two objects does not pass unseen.
    """
    joined = text.replace(b"\n", b",0,")
    # Each break grew by two bytes; counting them in the text takes ten times as long.
    breaks = (len(joined) - len(text)) // 2
    try:
        items = orjson.loads(b"[%b]" % joined)
    except orjson.JSONDecodeError:
        return None
    if len(items) != 2 * breaks + 1 or items[1::2].count(0) != breaks:
        return None
    documents: list[dict[str, object]] = items[::2]
    if [one for one in documents if one.__class__ is not dict or "_source" in one]:
        return None
    return documents


def array_as_lines(text: bytes, name: str) -> Iterator[bytes]:
    """Yield the items of a JSON array as pieces of lines. Raises LogError."""
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise LogError(
            f"{name}:{error.lineno}: JSON array is broken ({error.msg} at column {error.colno});"
            " correct it or write one object a line"
        ) from error
    for start in range(0, len(items), _ITEMS):
        yield b"\n".join(map(orjson.dumps, items[start : start + _ITEMS]))


def objects_as_lines(text: bytes, name: str) -> Iterator[bytes]:
    """Yield objects that stand one after another, each on several lines, as lines. Raises LogError."""
    decoder = json.JSONDecoder()
    try:
        rest = text.decode()
    except UnicodeDecodeError as error:
        raise LogError(f"{name}: is not UTF-8 text; convert the log to UTF-8") from error
    place = 0
    items: list[object] = []
    while place < len(rest) and rest[place:].strip():
        place += len(rest[place:]) - len(rest[place:].lstrip())
        try:
            item, place = decoder.raw_decode(rest, place)
        except json.JSONDecodeError as error:
            raise LogError(
                f"{name}:{error.lineno}: JSON is broken ({error.msg} at column {error.colno});"
                " correct it or write one object a line"
            ) from error
        items.append(item)
    for start in range(0, len(items), _ITEMS):
        yield b"\n".join(map(orjson.dumps, items[start : start + _ITEMS]))
