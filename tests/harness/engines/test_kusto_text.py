from __future__ import annotations

import pytest

from harness.engines.kusto_segments import segments_of, shortened
from harness.engines.kusto_text import FUNCTIONS, INGESTION_COLUMN, executable, names_in

UNTOUCHED = [
    "T | where s == 'ingestion_time()'",
    'T | where s == "say \\"ingestion_time()\\""',
    'T | where s == @"ingestion_time()""ingestion_time()"',
    "T // ingestion_time() and ipv4_is_in_range(a, b)\n| take 1",
    "T | where ['ingestion_time()'] == 'x'",
    "T | where my_ingestion_time() > x",
    "T | where ingestion_time_utc() > x",
    "T | where ingestion_time (x) > y",
    "T | extend ipv4_is_in_range = 1",
    "T | where s == 'ipv6_is_in_range(a, b)'",
    "",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_words_in_strings_names_and_comments_stay(text: str) -> None:
    changed = executable(text)
    assert (changed.text, changed.prelude, changed.replacements) == (text, (), 0)


def test_the_ingestion_time_becomes_the_column_of_the_rows() -> None:
    changed = executable(
        "T\n| where ingestion_time() > ago(1h) and ingestion_time ( ) < now() // x()"
    )
    column = INGESTION_COLUMN
    assert changed.text == f"T\n| where {column} > ago(1h) and {column} < now() // x()"
    assert changed.replacements == 2


def test_functions_that_the_engine_lacks_stand_in_front_on_the_first_line() -> None:
    text = 'T\n| where ipv4_is_in_range(ip, "10.0.0.0/8")\n'
    changed = executable(text)
    assert changed.prelude == ("ipv4_is_in_range",)
    assert changed.text == f"{FUNCTIONS['ipv4_is_in_range']} {text}"


def test_nothing_but_the_allowed_changes_is_made() -> None:
    text = (
        "// ingestion_time()\nlet w = 1h;\nT\n| where ipv6_is_in_range(ip, '::/0')"
        " and s != 'ingestion_time()'\n| where ingestion_time() > ago(w)\n"
    )
    changed = executable(text)
    without_prelude = changed.text.removeprefix(f"{FUNCTIONS['ipv6_is_in_range']} ")
    before, after = text.rsplit("ingestion_time()", 1)
    assert without_prelude == f"{before}{INGESTION_COLUMN}{after}"


def test_a_comparison_with_every_column_is_one_with_each() -> None:
    text = """T\n| where * contains "a" and not(* matches regex @"b") and n * 2 > 3 // * has "c\""""
    changed = executable(text, ["s", "it's"])
    assert changed.text == (
        """T\n| where (['s'] contains "a" or ['it\\'s'] contains "a")"""
        """ and not((['s'] matches regex @"b" or ['it\\'s'] matches regex @"b")) and n * 2 > 3"""
        """ // * has "c\""""
    )
    assert changed.expansions == 2
    assert executable(text).text == text


def test_names_are_found_with_and_without_brackets() -> None:
    assert {"a.b", "s", "where", "T"} <= names_in("T | where ['a.b'] == s // other")
    assert "other" not in names_in("T // other")


SPLIT = """// heading | with a pipe
let x = T | where a == 1;
union
    (T
    | where b == ';|' // c
    | project b),
    (U)
// why
| where c in (
    "1",
    "2")
| summarize count() by c
"""


def test_a_text_is_split_at_the_pipes_of_its_last_statement() -> None:
    segments = segments_of(SPLIT)
    assert segments.declarations == "let x = T | where a == 1;\n"
    assert [one.text for one in segments.operators] == [
        "union (T | where b == ';|' | project b), (U)",
        'where c in ( "1", "2")',
        "summarize count() by c",
    ]
    assert [one.condition for one in segments.operators] == [None, 'c in ( "1", "2")', None]


def test_a_condition_is_asked_for_alone_but_with_the_columns_it_needs() -> None:
    text = "T | where a == 1 | extend z = a + 1 | where b == 2 | where z == 3"
    assert segments_of(text).asking(4) == "T\n| extend z = a + 1\n| where z == 3"


def test_a_long_list_is_cut_for_people() -> None:
    values = ", ".join(f'"{number}"' for number in range(9))
    assert shortened(f"a !in ({values}) or b") == 'a !in ("0", "1", "2", … 9 values) or b'
    assert shortened('a in ("1", "2", "3")') == 'a in ("1", "2", "3")'
