"""Log files: what is read, what is refused and where."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.events.compression import plain_chunks
from harness.events.errors import LogError
from harness.events.json_lines import whole_lines
from harness.events.log import SkippedLines, read_log

TWO = b'{"a":1}\n{"a":2}\n'


def written(folder: Path, data: bytes, name: str = "log.ndjson") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        TWO,
        TWO.removesuffix(b"\n"),
        TWO.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + TWO,
        b'\n{"a":1}\n   \n\n{"a":2}\n\n',
        b'[{"a":1},{"a":2}]',
        b' [\n  {"a": 1},\n  {"a": 2}\n]\n',
        b'{"_id":"x","_source":{"a":1}}\n{"_index":"i","_source":{"a":2}}\n',
        b'[{"_id":"x","_source":{"a":1}}, {"a":2}]',
        b'{\n  "a": 1\n}\n{\n  "a": 2\n}\n',
        b'\xef\xbb\xbf\n {\r\n"a": 1}\r\n\r\n{"a": 2}',
        b'{\n  "_id": "x", "_source": {"a": 1}\n}{"a": 2}',
    ],
    ids=[
        "lines",
        "no last line break",
        "carriage returns",
        "byte order mark",
        "blank lines",
        "array",
        "array on several lines",
        "search hits",
        "array of search hits",
        "objects on several lines",
        "objects on several lines, with a mark",
        "search hits on several lines",
    ],
)
def test_every_spelling_of_a_log_gives_the_same_documents(tmp_path: Path, data: bytes) -> None:
    assert list(read_log(written(tmp_path, data))) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("name", ["log.ndjson", "log.gz", "log.zst"])
@pytest.mark.parametrize(
    "pack",
    [
        bytes,
        gzip.compress,
        zstandard.compress,
        lambda data: gzip.compress(data[:8]) + gzip.compress(data[8:]),
        lambda data: gzip.compress(data) + bytes(512),
        lambda data: zstandard.compress(data[:5]) + zstandard.compress(data[5:]),
        lambda data: b"\x50\x2a\x4d\x18\x02\x00\x00\x00hi" + zstandard.compress(data),
    ],
    ids=["plain", "gzip", "zstd", "gzip members", "gzip padded", "zstd frames", "zstd skippable"],
)
def test_compression_is_seen_by_content_not_by_name(
    tmp_path: Path, pack: Callable[[bytes], bytes], name: str
) -> None:
    path = written(tmp_path, pack(TWO), name)
    assert list(read_log(path)) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    "data",
    [
        TWO,
        gzip.compress(TWO),
        gzip.compress(TWO[:8]) + bytes(5) + gzip.compress(TWO[8:]) + bytes(5),
        zstandard.compress(TWO[:8]) + zstandard.compress(TWO[8:]),
    ],
    ids=["plain", "gzip", "padded gzip", "zstd"],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_bytes_may_come_in_pieces_of_any_size(data: bytes, size: int) -> None:
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    assert b"".join(plain_chunks(pieces, "log")) == TWO


def test_files_are_read_one_after_the_other_and_places_name_them(tmp_path: Path) -> None:
    first = written(tmp_path, b'{"a":1}\n\n{"a":2}\n', "one")
    second = written(tmp_path, b'[{"a":3},{"a":4}]', "two")
    log = read_log(first, second)
    assert [(document["a"], log.place()) for document in log] == [
        (1, f"{first}:1"),
        (2, f"{first}:3"),
        (3, f"{second}: item 1"),
        (4, f"{second}: item 2"),
    ]


def test_standard_input_is_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(gzip.compress(TWO) * 2)))
    log = read_log("-")
    places = [log.place() for _ in log]
    assert places == [f"<standard input>:{line}" for line in range(1, 5)]


def test_documents_are_named_by_hit_then_event_id_then_place(tmp_path: Path) -> None:
    lines = [
        b'{"_id":"hit","_source":{"event":{"id":"inner"}}}',
        b'{"event":{"id":"inner"}}',
        b'{"event.id":["dotted","x"]}',
        b'{"_source":{"a":1}}',
        b'{"a":1}',
    ]
    path = written(tmp_path, b"\n".join(lines))
    log = read_log(path)
    names = [log.identify(document) for document in log]
    assert names == ["hit", "inner", "dotted", f"{path}:4", f"{path}:5"]


BAD_LINES = {
    "broken": (b'{"a":', "line is not JSON (unexpected end of data at column 6); write one JSON"),
    "text": (b"hello", "line is not JSON (unexpected character"),
    "not a number": (b'{"a":NaN}', "line is not JSON"),
    "two objects": (b'{"a":1}{"b":2}', "line is not JSON"),
    "two objects and a comma": (b'{"a":1},{"b":2}', "line is not JSON"),
    "an array": (b'[{"a":1}]', "line is no JSON object; write one object a line"),
    "a number": (b"0", "line is no JSON object; write one object a line"),
    "null": (b"null", "line is no JSON object; write one object a line"),
    "latin-1": ('{"a":"\u00e9"}'.encode("latin-1"), "line is not UTF-8 text; convert the log to"),
    "utf-16 inside": ('{"a":1}'.encode("utf-16-le"), "line is not"),
}


@pytest.mark.parametrize("case", BAD_LINES)
@pytest.mark.parametrize("before", [0, 1, 4000])
def test_a_bad_line_is_refused_with_its_number(tmp_path: Path, case: str, before: int) -> None:
    line, message = BAD_LINES[case]
    good = b'{"a":"0123456789"}\n'
    path = written(tmp_path, b"{}\n" + good * before + line + b"\n" + good)
    with pytest.raises(LogError) as caught:
        list(read_log(path))
    assert str(caught.value).startswith(f"{path}:{before + 2}: {message}")


@pytest.mark.parametrize("case", BAD_LINES)
def test_bad_lines_can_be_counted_instead(tmp_path: Path, case: str) -> None:
    line, message = BAD_LINES[case]
    path = written(tmp_path, b'{"a":1}\n' + (line + b"\n") * 7 + b'{"a":2}')
    skipped = SkippedLines()
    log = read_log(path, skipped=skipped)
    assert [(document, log.place()) for document in log] == [
        ({"a": 1}, f"{path}:1"),
        ({"a": 2}, f"{path}:9"),
    ]
    assert skipped.count == 7
    assert [example.split(": ")[0] for example in skipped.examples] == [
        f"{path}:{number}" for number in range(2, 7)
    ]
    assert message in skipped.examples[0]


@pytest.mark.parametrize(
    ("data", "documents", "bad"),
    [
        (b'{"a":[1\n2]}\n', [], 2),
        (b'{"a":[1\n2]}\n{"b":1},{"c":2}\n', [], 3),
        (b'{"a":[1\n2]},7,{"c":2}\n', [], 2),
        (b'{"a":1}\n{"b":1},{"c":2}', [{"a": 1}], 1),
        (b'{"a":1},0,{"c":2}\n{"b":1}', [{"b": 1}], 1),
        (b'{"a":1},\n{"b":1}', [{"b": 1}], 1),
    ],
)
def test_lines_are_documents_one_by_one_though_they_are_decoded_together(
    tmp_path: Path, data: bytes, documents: list[object], bad: int
) -> None:
    skipped = SkippedLines()
    assert list(read_log(written(tmp_path, data), skipped=skipped)) == documents
    assert skipped.count == bad


WHOLE_FILES = {
    "utf-16": ('{"a":1}\n'.encode("utf-16"), ":1: text is UTF-16 or UTF-32; convert the log to"),
    "utf-16 without mark": ('{"a":1}\n'.encode("utf-16-le"), ":1: text is UTF-16 or UTF-32"),
    "empty": (b"", ": log is empty; give one JSON object a line"),
    "only line breaks": (b"\n \r\n\n", ": log is empty; give one JSON object a line"),
    "empty gzip": (gzip.compress(b""), ": log is empty"),
    "empty array": (b"[]", ": log is empty"),
    "truncated gzip": (
        gzip.compress(TWO)[:-9],
        ": gzip data ends early; the file is incomplete, fetch it again",
    ),
    "truncated zstd": (zstandard.compress(TWO)[:-3], ": zstd data ends early; the file is"),
    "damaged gzip": (gzip.compress(TWO)[:10] + b"\xff" * 30, ": gzip data is damaged ("),
    "text behind gzip": (gzip.compress(TWO) + b"hello", ": gzip data is damaged ("),
    "broken array": (b'[{"a":1},\n{"a":}]', ":2: JSON array is broken ("),
    "array that goes on": (b'[{"a":1}]\n{"a":2}', ":2: JSON array is broken ("),
    "broken object on several lines": (b'{\n"a":1}\n{\n"a":}', ":4: JSON is broken ("),
    "line behind objects": (b'{\n"a":1}\nhello', ":3: JSON is broken ("),
    "number behind objects": (b'{\n"a":1}\n5', ": item 2: line is no JSON object"),
    "objects that are not UTF-8": (b'{\n"a":"\xff"}', ": is not UTF-8 text; convert the log"),
    "array of numbers": (b"[1]", ": item 1: line is no JSON object"),
}


@pytest.mark.parametrize("case", WHOLE_FILES)
def test_a_file_that_is_no_log_is_refused(tmp_path: Path, case: str) -> None:
    data, message = WHOLE_FILES[case]
    path = written(tmp_path, data)
    with pytest.raises(LogError) as caught:
        list(read_log(path))
    assert str(caught.value).startswith(f"{path}{message}")


def test_an_incomplete_file_is_refused_even_when_bad_lines_are_skipped(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(TWO)[:-9])
    with pytest.raises(LogError, match="ends early"):
        list(read_log(path, skipped=SkippedLines()))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"nowhere\.ndjson: no such file; check the path"):
        list(read_log(tmp_path / "nowhere.ndjson"))


def test_a_directory_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="is a directory; name the log files in it"):
        list(read_log(tmp_path))


def test_a_log_named_twice_is_refused() -> None:
    with pytest.raises(LogError, match="a: named more than once; name each log once"):
        read_log("a", "b", "a")


def test_progress_tells_how_many_bytes_of_the_files_were_read(tmp_path: Path) -> None:
    first = written(tmp_path, b'{"a":"0123456789"}\n' * 20_000, "one")
    second = written(tmp_path, gzip.compress(TWO), "two")
    told: list[int] = []
    assert len(list(read_log(first, second, progress=told.append))) == 20_002
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == first.stat().st_size + second.stat().st_size


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab\n", max_size=9).map(str.encode), max_size=6), st.integers(0, 70_000))
def test_pieces_of_whole_lines_are_the_text(chunks: list[bytes], filler: int) -> None:
    chunks = [*chunks, b"x" * filler, b"\n", *chunks]
    pieces = list(whole_lines(chunks))
    assert b"\n".join(pieces) == b"".join(chunks).removesuffix(b"\n")
