from __future__ import annotations

import re

import pytest

from converter.ir import Case, RegexDialect
from harness.engines.regex import compiled
from harness.events.event import values_of
from harness.generate.fields import document_of
from harness.generate.regex_samples import samples


def test_fields_nest_but_for_those_that_are_values_and_prefixes_at_once() -> None:
    fields = {"a.b": 1, "a.c.d": [2], "process.name": "x", "process.name.caseless": "X"}
    document = document_of(fields)
    assert document == {
        "a": {"b": 1, "c": {"d": [2]}},
        "process.name": "x",
        "process.name.caseless": "X",
    }
    assert values_of(document, "process.name.caseless") == ("X",)
    assert values_of(document, "process.name") == ("x",)


@pytest.mark.parametrize(
    "pattern",
    [
        "abc",
        "a|b|cd",
        "(?:foo|bar)+baz",
        "[^a-z]{2}x?",
        r"\d{1,3}\.\d+",
        r"^C:\\\\Users\\[^\\]+\\",
        r"\bpowershell(?:\.exe)?\b",
        "(?i:x)y",
        r"\x41\u0042",
        "[]a]b",
        ".*?end$",
        "a{3}(b{2,}|c)*",
    ],
)
def test_samples_fit_their_pattern(pattern: str) -> None:
    found = samples(pattern)
    assert any(re.search(pattern, text) for text in found), found


@pytest.mark.parametrize("pattern", ["ab*", "[0-9a-f]{4}", "a.c|d", r"x\.y\*"])
def test_samples_fit_anchored_patterns_too(pattern: str) -> None:
    search = compiled(pattern, RegexDialect.LUCENE, "", Case.EXACT).search
    assert any(search(text) for text in samples(pattern))


@pytest.mark.parametrize("pattern", ["(", "[", "a{", "\\", ")", "(?<", "*", ""])
def test_a_broken_pattern_gives_samples_and_no_crash(pattern: str) -> None:
    assert samples(pattern)
