"""Log files as streams of decoded documents.

A log is NDJSON (one JSON object a line) or one JSON array, plain or compressed. What is not a JSON
object stops the reading with its file and line, or is counted and left out: never dropped silently.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import length_hint
from pathlib import Path
from typing import cast

import orjson

from .compression import plain_chunks
from .errors import LogError
from .event import Document, values_of

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_EXAMPLES = 5


@dataclass(slots=True)
class SkippedLines:
    """Lines and events that were left out: how many, and the first few in words."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, error: LogError) -> None:
        """Count one, and keep its message while there are few."""
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(str(error))


def read_log(
    *paths: str | Path,
    skipped: SkippedLines | None = None,
    progress: Callable[[int], None] | None = None,
) -> Log:
    """Return the documents of log files, one file after the other; `-` is standard input.

    With `skipped`, bad lines are counted there and reading goes on; without, the first one raises.
    `progress` is called with the number of bytes that were read, decompressed, every few hundred
    lines.
    """
    return Log([str(path) for path in paths], skipped, progress)


class Log:
    """Documents of log files in the order of the files; iterate once.

    While a document is the last one that was yielded, `place` and `identify` speak about it. Memory
    is one chunk of the file, whatever its size, except that a JSON array is read whole.
    """

    def __init__(
        self,
        paths: Sequence[str],
        skipped: SkippedLines | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        for path in paths:
            if paths.count(path) > 1:
                raise LogError(f"{path}: named more than once; name each log once")
        self._paths = paths
        self._skipped = skipped
        self._progress = progress
        self._label = ""
        self._first = 1
        self._lines: list[bytes] = []
        self._remaining: Iterator[bytes] = iter(())
        self._hit: Document = {}
        self._hit_id: str | None = None
        self._bytes = 0

    def __iter__(self) -> Iterator[dict[str, object]]:
        """Yield each document; the `_source` of a search hit instead of the hit.

        Raises LogError.
        """
        for lines in self._batches():
            self._lines = lines
            self._remaining = iter(lines)
            decoded = map(orjson.loads, self._remaining)
            while True:
                try:
                    # The map goes on behind the line that failed.
                    for document in decoded:
                        if document.__class__ is not dict:
                            self._refuse("is no JSON object; write one object a line")
                        elif "_source" in document:
                            yield self._inside(document)
                        else:
                            yield document
                    break
                except orjson.JSONDecodeError as error:
                    self._refuse_undecoded(error)
            self._first += len(lines)

    def place(self) -> str:
        """Return `file:line` of the last document, `file: item N` in a JSON array."""
        return f"{self._label}{self._number()}"

    def identify(self, document: Document) -> str:
        """Return the last document's `_id` as a search hit, else its `event.id`, else its place."""
        hit_id = self._hit_id if document is self._hit else None
        return hit_id or event_id(document) or self.place()

    def _number(self) -> int:
        return self._first + len(self._lines) - length_hint(self._remaining) - 1

    def _inside(self, hit: dict[str, object]) -> dict[str, object]:
        source, identity = hit["_source"], hit.get("_id")
        if not isinstance(source, dict):
            return hit
        self._hit = source
        self._hit_id = identity if isinstance(identity, str) else None
        return source

    def _refuse_undecoded(self, error: orjson.JSONDecodeError) -> None:
        line = self._lines[self._number() - self._first]
        if not line.strip():
            return
        try:
            line.decode()
        except UnicodeDecodeError:
            self._refuse("is not UTF-8 text; convert the log to UTF-8")
        else:
            self._refuse(
                f"is not JSON ({error.msg} at column {error.colno}); write one JSON object a line"
            )

    def _refuse(self, what: str) -> None:
        error = LogError(f"{self.place()}: line {what}")
        if self._skipped is None:
            raise error
        self._skipped.add(error)

    def _batches(self) -> Iterator[list[bytes]]:
        for path in self._paths:
            name = "<standard input>" if path == "-" else path
            self._label = f"{name}:"
            self._first = 1
            is_empty = True
            with _opened(path) as stream:
                for lines in self._file(stream, name):
                    is_empty = is_empty and not any(map(bytes.strip, lines))
                    yield lines
            if is_empty:
                raise LogError(f"{name}: log is empty; give one JSON object a line")

    def _file(self, stream: io.BufferedIOBase, name: str) -> Iterator[list[bytes]]:
        """Yield the file's lines in batches; the items of an array count as lines."""
        chunks = self._counted(plain_chunks(stream, name))
        start = next(chunks, b"")
        if start.startswith(_UTF_16_MARKS) or b"\0" in start[:4]:
            raise LogError(f"{name}:1: text is UTF-16 or UTF-32; convert the log to UTF-8")
        start = start.removeprefix(_BYTE_ORDER_MARK)
        if start.lstrip().startswith(b"["):
            self._label = f"{name}: item "
            yield _items(start + b"".join(chunks), name)
        else:
            yield from _lines(start, chunks)

    def _counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._bytes += len(chunk)
            if self._progress:
                self._progress(self._bytes)
            yield chunk


def event_id(document: Document) -> str | None:
    """Return the first `event.id` of a document as text."""
    event = document.get("event")
    if isinstance(event, dict) and isinstance(identity := event.get("id"), str):
        return identity
    for value in values_of(document, "event.id"):
        return str(value)
    return None


def _lines(start: bytes, chunks: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Yield whole lines, a batch for each chunk; a line may span many chunks."""
    pieces: list[bytes] = []
    chunk: bytes | None = start
    while chunk is not None:
        lines = chunk.split(b"\n")
        if len(lines) > 1:
            lines[0] = b"".join((*pieces, lines[0]))
            pieces = [lines.pop()]
            yield lines
        else:
            pieces.append(chunk)
        chunk = next(chunks, None)
    if rest := b"".join(pieces):
        yield [rest]


def _items(text: bytes, name: str) -> list[bytes]:
    """Return the items of a JSON array, each as the line that it could have been."""
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise LogError(
            f"{name}:{error.lineno}: JSON array is broken ({error.msg} at column {error.colno});"
            " correct it or write one object a line"
        ) from error
    return [orjson.dumps(item) for item in items]


@contextmanager
def _opened(path: str) -> Iterator[io.BufferedIOBase]:
    if path == "-":
        # typeshed says BinaryIO; it is buffered, and so are its stand-ins.
        yield cast("io.BufferedIOBase", sys.stdin.buffer)
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115 - closed below; here only opening may fail
    except FileNotFoundError as error:
        raise LogError(f"{path}: no such file; check the path") from error
    except IsADirectoryError as error:
        raise LogError(f"{path}: is a directory; name the log files in it") from error
    except OSError as error:
        raise LogError(f"{path}: cannot be read ({error.strerror}); check the file") from error
    with stream:
        yield stream
