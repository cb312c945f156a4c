"""Word boundaries of regular expressions: written without them where that is exact, else said."""

from __future__ import annotations

import re

import pytest

from sigma.backends.sigmaproof_kusto.pattern import open_boundaries, safe_pattern
from tests.sigma.backends.kusto_table import rendered, rule_of

BEFORE = "(?:^|[^0-9A-Za-z_])"
AFTER = "(?:[^0-9A-Za-z_]|$)"

WRITTEN = {
    r"\bfoo": rf"{BEFORE}foo",
    r"foo\b": rf"foo{AFTER}",
    r"(?i)\bfoo\b": rf"(?i){BEFORE}foo{AFTER}",
    r"\b(foo|bar)\b": rf"{BEFORE}(foo|bar){AFTER}",
    r"\b(?:foo|(x)y)+\b": rf"{BEFORE}(?:foo|(x)y)+{AFTER}",
    r"\b\w+\b": rf"{BEFORE}[0-9A-Za-z_]+{AFTER}",
    r"^\bfoo\b$": "^foo$",
    r"foo\b-x": "foo-x",
    r"\\\bcmd\.exe": r"\\cmd\.exe",
    r"a\b\sb": r"a[\t\n\f\r ]b",
    r"foo\b|bar": r"foo\b|bar",
    r"\bx?y": r"\bx?y",
    r"\b(foo|-x)": r"\b(foo|-x)",
    r"\b(?:foo)?x": r"\b(?:foo)?x",
    r"\b(?:|x)": r"\b(?:|x)",
    r"x*\b": r"x*\b",
    r"é\b": r"é\b",
    r"a.\bb": r"a.\bb",
    r"[ab]\bc": r"[ab]\bc",
    r"(?m)\bfoo": r"(?m)\bfoo",
    r"\Bfoo": r"\Bfoo",
    r"a\bb": r"a\bb",
}
TEXTS = [
    "".join(parts)
    for left in ("", "foo", "x", "-", " ", "a\\", "a ", "\n", "_")
    for middle in ("foo", "bar", "xy", "-x", "cmd.exe", "x", "b", "1")
    for right in ("", "foo", "x", "-", " ", "-x", "\n", "_", "b")
    for parts in ((left, middle, right),)
]


@pytest.mark.parametrize(("pattern", "expected"), WRITTEN.items(), ids=WRITTEN)
def test_a_boundary_is_written_by_what_stands_beside_it(pattern: str, expected: str) -> None:
    written = safe_pattern(pattern, "")
    assert written == expected
    # Python's $ also stands before a last line feed, Kusto's does not.
    here = re.compile(written.replace("$", r"\Z"), re.ASCII)
    there = re.compile(pattern.replace("$", r"\Z"), re.ASCII)
    assert [one for one in TEXTS if bool(here.search(one)) != bool(there.search(one))] == []


@pytest.mark.parametrize(("pattern", "expected"), WRITTEN.items(), ids=WRITTEN)
def test_what_stays_is_known(pattern: str, expected: str) -> None:
    stays = bool(re.search(r"\\[bB]", expected))
    assert bool(open_boundaries(pattern, "")) is stays


def test_lines_have_boundaries_of_their_own() -> None:
    assert safe_pattern(r"\bfoo", "m") == r"(?m)\bfoo"


@pytest.mark.parametrize("detection", [{"s|re": r"a.\bb"}], ids=str)
def test_a_boundary_that_stays_is_said(detection: object) -> None:
    notes = [
        text for code, text in rendered(rule_of(detection))[1] if code == "kusto-regex-unicode"
    ]
    (said,) = notes
    assert said.startswith(r"s: \b in the regular expression 'a.\\bb' knows the letters of ASCII")
    assert "kusto-regex-unicode" not in dict(rendered(rule_of({"s|re": r"\bb"}))[1])
