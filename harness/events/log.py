"""Log files as streams of decoded documents.

A log is NDJSON (one JSON object a line), one JSON array, or JSON objects that each start with a brace on a
line of its own, plain or compressed. What is not a JSON object stops the reading with its file and line, or is counted and left out: never dropped silently.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from operator import length_hint
from pathlib import Path
from typing import cast

import orjson

from .compression import plain_chunks
from .errors import LogError
from .event import Document, values_of
from .json_lines import array_as_lines, decoded_lines, objects_as_lines, whole_lines

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CHUNK = 1 << 17
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
    `progress` is called now and then with the number of bytes of the files that were read so far.
    """
    return Log([str(path) for path in paths], skipped, progress)


class Log:
    """Documents of log files in the order of the files; iterate once.

    While a document is the last one that was yielded, `place` and `identify` speak about it. Memory
    is one chunk of the file, whatever its size, except that what is no NDJSON is read whole.
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
        self._count = 0
        self._remaining: Iterator[object] = iter(())
        self._hit: Document = {}
        self._hit_id: str | None = None
        self._bytes = 0

    def __iter__(self) -> Iterator[dict[str, object]]:
        """Yield each document; the `_source` of a search hit instead of the hit.

        Raises LogError.
        """
        return chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[Iterator[dict[str, object]]]:
        for text in self._texts():
            documents = decoded_lines(text)
            if documents is None:
                yield self._line_by_line(text.split(b"\n"))
            else:
                remaining = iter(documents)
                self._count, self._remaining = len(documents), remaining
                # Let go of the documents, so that the next are decoded into the same memory.
                del documents
                yield remaining
            self._first += self._count

    def _line_by_line(self, lines: Sequence[bytes]) -> Iterator[dict[str, object]]:
        """Yield the documents of lines that are not all plain documents."""
        remaining = iter(lines)
        self._count, self._remaining = len(lines), remaining
        for line in remaining:
            try:
                document = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                self._refuse_undecoded(line, error)
            else:
                if isinstance(document, dict):
                    yield self._inside(document) if "_source" in document else document
                else:
                    self._refuse("is no JSON object; write one object a line")

    def place(self) -> str:
        """Return `file:line` of the last document, `file: item N` where it is no line."""
        return f"{self._label}{self._first + self._count - length_hint(self._remaining) - 1}"

    def identify(self, document: Document) -> str:
        """Return the last document's `_id` as a search hit, else its `event.id`, else its place."""
        hit_id = self._hit_id if document is self._hit else None
        return hit_id or event_id(document) or self.place()

    def _inside(self, hit: dict[str, object]) -> dict[str, object]:
        source, identity = hit["_source"], hit.get("_id")
        if not isinstance(source, dict):
            return hit
        self._hit = source
        self._hit_id = identity if isinstance(identity, str) else None
        return source

    def _refuse_undecoded(self, line: bytes, error: orjson.JSONDecodeError) -> None:
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

    def _texts(self) -> Iterator[bytes]:
        for path in self._paths:
            name = "<standard input>" if path == "-" else path
            self._label, self._first = f"{name}:", 1
            is_empty = True
            with _opened(path) as stream:
                for text in self._texts_of(stream, name):
                    is_empty = is_empty and not text.strip()
                    yield text
            if is_empty:
                raise LogError(f"{name}: log is empty; give one JSON object a line")

    def _texts_of(self, stream: io.BufferedIOBase, name: str) -> Iterator[bytes]:
        """Yield the file in pieces of whole lines; objects on several lines become lines."""
        chunks = plain_chunks(self._counted(stream), name)
        start = next(chunks, b"")
        if start.startswith(_UTF_16_MARKS) or b"\0" in start[:4]:
            raise LogError(f"{name}:1: text is UTF-16 or UTF-32; convert the log to UTF-8")
        start = start.removeprefix(_BYTE_ORDER_MARK)
        if start.lstrip().startswith(b"["):
            self._label = f"{name}: item "
            yield from array_as_lines(start + b"".join(chunks), name)
        elif start.lstrip().partition(b"\n")[0].strip() == b"{":
            self._label = f"{name}: item "
            yield from objects_as_lines(start + b"".join(chunks), name)
        else:
            yield from whole_lines(chain((start,), chunks))

    def _counted(self, stream: io.BufferedIOBase) -> Iterator[bytes]:
        # read1 returns what a pipe has now, so that a live log is not held back.
        while chunk := stream.read1(_CHUNK):
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
