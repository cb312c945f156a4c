from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import converter.languages.kusto
from converter.languages.kusto import check, lint, output_columns, tokens
from tests.oracles.kusto.binder import Answer, bind

FOUND = yaml.safe_load(
    (Path(__file__).parents[2] / "data/cases/kusto_check.yml").read_text(encoding="utf-8")
)
TABLES: dict[str, dict[str, str]] = FOUND["tables"]
ERRORS: list[dict[str, Any]] = FOUND["errors"]

WHO = {"who": "string", "da": "datetime", "lo": "long"}
GRID_TABLE = {
    "T": {
        "st": "string",
        "bo": "bool",
        "ii": "int",
        "lo": "long",
        "re": "real",
        "de": "decimal",
        "da": "datetime",
        "ti": "timespan",
        "dy": "dynamic",
        "gu": "guid",
    }
}
LITERALS = ["'a'", "1", "1.5", "true", "datetime(2024-01-01)", "1h", "dynamic([1])"]
OPERANDS = [*LITERALS, "gu", "de", "toint(1)", "dy"]
OPERATORS = "==|!=|=~|!~|>|<=|contains|!contains_cs|has|startswith|endswith_cs|matches regex|and|or|hasprefix"
LIST_OPERATORS = "in|!in|in~|!in~|has_any|has_all"
BOUNDS = "1 .. 2|'a' .. 'b'|datetime(2024-01-01) .. now()|1h .. 2h|datetime(2024-01-01) .. 1h"
FUNCTIONS = (
    "not(@)|tolower(@)|tostring(@)|toint(@)|todouble(@)|todatetime(@)|toguid(@)|todynamic(@)|parse_json(@)"
    "|isempty(@)|isnull(@)|strlen(@)|parse_ipv4(@)|parse_ipv6(@)|array_length(@)|ago(@)|hourofday(@)"
    "|dayofweek(@)|bag_keys(@)|ipv4_is_private(@)|ipv4_is_in_range(@, 'a')|ipv6_is_in_range('a', @)"
    "|set_has_element(@, 'a')|array_index_of(@, 'a')|iff(@, 1, 2)|coalesce(@, @)|datetime_part('hour', @)"
    "|split(@, 'a')|strcat(@, 'a')|substring(@, 1)"
)
PIPELINES = (
    "summarize count() by @;distinct @;summarize arg_min(@, st, lo) by bo;summarize m=min(@), sum(@)"
    ";summarize countif(@);mv-expand @;mv-expand @ to typeof(string) | where @ =~ 'a';where @"
    ";where @.k == 'a';where @[0] == 1;sort by @;top 1 by @;where isempty(@) and not(@)"
    ";project @ | where st == 'a';extend z=@ | where z > 1;summarize arg_min(da, @) by st | where @ contains 'a'"
    ";where @ > ago(1h);project-rename q=@ | where @ == 1;project-away @ | where @ == 1"
)


def grid() -> Iterator[str]:
    for column in GRID_TABLE["T"]:
        for operator in OPERATORS.split("|"):
            yield from (f"T | where {column} {operator} {operand}" for operand in OPERANDS)
        for operator in LIST_OPERATORS.split("|"):
            yield from (f"T | where {column} {operator} ({literal})" for literal in LITERALS)
        for operator in "+-*/%":
            yield from (f"T | extend q = {column} {operator} {one}" for one in OPERANDS)
        yield from (f"T | where {column} between ({bounds})" for bounds in BOUNDS.split("|"))
        yield from (f"T | extend q = {one.replace('@', column)}" for one in FUNCTIONS.split("|"))
        yield from (f"T | {one.replace('@', column)}" for one in PIPELINES.split(";"))


def test_the_binder_refuses_the_same_types_over_a_grid() -> None:
    texts = list(grid())
    assert len(texts) > 3000
    disagreed = {}
    for text, answer in zip(texts, bind([(one, GRID_TABLE) for one in texts]), strict=True):
        ours = {finding.code for finding in check(text, GRID_TABLE)}
        # The binder may name a second reason for one fault; ours is always one of its own.
        if bool(ours) is not bool(answer.codes) or not ours <= set(answer.codes):
            disagreed[text] = (ours, answer.codes)
    assert disagreed == {}


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case["text"])
def test_a_fault_is_named_with_code_and_place(case: dict[str, Any]) -> None:
    finding = check(case["text"], TABLES)[0]
    assert finding.code == case["code"]
    assert finding.span is not None
    assert f"{finding.span.line}:{finding.span.column}" == case["at"]


def test_the_binder_names_the_same_faults_at_the_same_places() -> None:
    answers = bind([(case["text"], TABLES) for case in ERRORS])
    for case, answer in zip(ERRORS, answers, strict=True):
        assert place_of(case["text"], answer, case) == expected_place(case), case["text"]


def place_of(text: str, answer: Answer, case: dict[str, Any]) -> tuple[bool, str]:
    is_syntax = case["code"] == "KS001"  # the binder has a code of its own for each kind of fault
    first = next((one for one in answer.findings if is_syntax or one.code == case["code"]), None)
    if first is None:
        return False, ""
    if case.get("place") == "ours":
        return True, ""
    line = text.count("\n", 0, first.start) + 1
    return True, f"{line}:{first.start - text.rfind(chr(10), 0, first.start)}"


def expected_place(case: dict[str, Any]) -> tuple[bool, str]:
    return True, "" if case.get("place") == "ours" else case["at"]


@pytest.mark.parametrize("case", FOUND["lints"], ids=lambda case: case["text"])
def test_a_lint_finds_what_binds_but_misleads(case: dict[str, Any]) -> None:
    assert check(case["text"], TABLES) == ()
    (finding,) = lint(case["text"], TABLES)
    assert finding.code == case["code"]
    assert finding.span is not None
    assert f"{finding.span.line}:{finding.span.column}" == case["at"]


@pytest.mark.parametrize("case", FOUND["lints"], ids=lambda case: case["text"])
def test_a_text_that_says_it_right_has_no_findings(case: dict[str, Any]) -> None:
    assert check(case["right"], TABLES) + lint(case["right"], TABLES) == ()


def test_every_lint_has_a_case() -> None:
    folder = Path(converter.languages.kusto.__file__).parent
    named = "".join(path.read_text(encoding="utf-8") for path in folder.glob("lint*.py"))
    codes = set(re.findall(r'"(kusto-[a-z-]+)"', named))
    assert codes == {case["code"] for case in FOUND["lints"]}


@pytest.mark.parametrize("text", FOUND["clean"])
def test_a_right_text_has_no_findings(text: str) -> None:
    assert check(text, TABLES) + lint(text, TABLES) == ()


def test_the_binder_finds_no_fault_in_lints_and_clean_texts() -> None:
    lints = [text for case in FOUND["lints"] for text in (case["text"], case["right"])]
    texts = [*lints, *FOUND["clean"]]
    answers = bind([(text, TABLES) for text in texts])
    assert {t: a.codes for t, a in zip(texts, answers, strict=True) if a.findings} == {}


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("T | project st, size = lo * 2", {"st": "string", "size": "long"}),
        ("T | summarize arg_min(da, lo) by who = tolower(st)", WHO),
        (
            "T | summarize n = count(), max(lo) by st",
            {"st": "string", "n": "long", "max_lo": "long"},
        ),
        ("T | evaluate bag_unpack(dy)", None),
        ("T |", None),
    ],
)
def test_the_columns_of_a_result_are_known(text: str, columns: dict[str, str] | None) -> None:
    assert output_columns(text, TABLES) == columns


def test_a_construct_that_cannot_be_lowered_is_left_to_the_engine() -> None:
    assert check("T | as Q | where nope == 1", TABLES) == ()


def test_tokens_give_the_text_again() -> None:
    text = 'T // "a" it\'s\n| where s == @"a""\\" and [\'b c\'] != "x\\"y" and t > 1.5h .. 3d'
    assert "".join(token.text for token in tokens(text)) == text
