"""chdb as a second engine: where it is trusted, what it says there, and why it is not trusted elsewhere."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

from harness.engines import kusto_opinion
from harness.engines.chdb_trust import Reading
from harness.engines.kusto_opinion import second_opinion
from harness.engines.kusto_text import executable
from tests.sigma.backends.kusto_table import cases, ids_of, rendered, rule_of, stored

CONDITIONS = cases("kusto_conditions.yml")
if find_spec("chdb") is None and os.environ.get("SIGMAPROOF_REQUIRE_ORACLES") != "1":
    pytest.skip("chdb is not installed; install '.[chdb]'", allow_module_level=True)


def found_by(text: str) -> set[str]:
    return {str(one) for one in ids_of(text)}


def opinion(text: str) -> tuple[str, str]:
    given = second_opinion(text, [stored()], found_by(text))
    return given.code, given.message


def test_chdb_agrees_wherever_it_is_trusted() -> None:
    given = {}
    for case in CONDITIONS:
        text, _ = rendered(rule_of(case["detection"], case.get("not", False)))
        given[case["name"]] = opinion(text)
    codes = [code for code, _ in given.values()]
    assert {name: one for name, one in given.items() if one[0] == "engines-disagree"} == {}
    assert codes.count("second-opinion") > 40


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("T | where d contains 'x'", "the column d is of type dynamic"),
        ("T | where t == datetime(2024-06-01)", "of type datetime"),
        ("T | where ipv4_is_in_range(ip, '10.0.0.0/8')", "it calls ipv4_is_in_range"),
        ("T | where tostring(b) == 'True'", "it calls tostring"),
        ("T | where s =~ 'Ünal'", "a letter that is not ASCII"),
        ('T | where s contains "a\\nb"', "a literal has an escape"),
        ("T | where s == 'x' | summarize count() by s", "more than a filter"),
        ("let x = 5; T | where n == x", "an expression whose meaning there is not known"),
        ("T | where s in ((T | project s))", "an expression whose meaning there is not known"),
        ("T | where g == guid(6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11)", "guid"),
        ("T | where n == 1 and r == 1.5 and b and m == 3 and s == 'é'", "ASCII"),
    ],
)
def test_chdb_is_not_asked_where_its_answer_means_nothing(text: str, reason: str) -> None:
    given = second_opinion(text, [stored()], set())
    assert given.code == "no-second-opinion"
    assert reason in given.message


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("T | where n != 5", "10"),
        ("T | where not(b == true)", "10"),
        ("T | where s matches regex 'line1.line2'", "9"),
    ],
)
def test_rows_that_it_reads_otherwise_are_left_out(
    text: str, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opinion(text)[0] == "second-opinion"
    monkeypatch.setattr(kusto_opinion, "is_trusted", trust_all)
    code, message = opinion(text)
    assert code == "engines-disagree"
    assert f"the engines disagree on event {event}" in message


def trust_all(reading: Reading, row: object) -> bool:
    return True


def test_both_engines_and_the_event_are_named() -> None:
    text = "T | where s =~ 'admin'"
    given = second_opinion(text, [stored()], {"1", "2", "6", "7"})
    assert given.message == (
        "the engines disagree on event 6, and on 1 other events: duckdb-kql finds it, chdb does not"
    )
    given = second_opinion(text, [stored()], {"1"})
    assert given.message == ("the engines disagree on event 2: chdb finds it, duckdb-kql does not")


def test_a_failure_leaves_nothing_behind_for_the_next_question() -> None:
    text = "T | where s contains 'adm' 'in'"
    assert executable(text).text == text
    assert opinion(text)[0] in ("no-second-opinion", "second-opinion")
    assert opinion("T | where s == 'admin'") == (
        "second-opinion",
        "chdb finds the same on 11 of 11 rows",
    )


def test_no_rows_are_no_opinion() -> None:
    empty = stored()
    nothing = type(empty)(empty.name, empty.columns, [])
    given = second_opinion("T | where s == 'admin'", [nothing], set())
    assert given.message.startswith("chdb is not asked: no row")
