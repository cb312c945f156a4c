from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule

from converter.languages.kusto import check
from harness.engines.kusto_store import Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.backends.sigmaproof_kusto.expression import atom, some
from sigma.backends.sigmaproof_kusto.named_values import condition_lines, value_names
from sigma.backends.sigmaproof_kusto.search import TableSearch
from sigma.sigmaproof.tables import Column, Table
from tests.oracles.kusto.binder import bind
from tests.sigma.backends.kusto_table import pipeline

LONG = (
    "tostring(parse_json(tostring(parse_json(tostring(parse_json(Detail).first_level))"
    ".second_level)).third_level_of_the_detail)"
)
COLUMNS = {"TimeGenerated": "datetime", "Id": "string", "Detail": "string", "App": "string"}
EVENTS = Table("Events", columns={"long": Column(LONG, "string"), "app": Column("App", "string")})
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def converted(condition: str, values: list[str]) -> str:
    rule = SigmaRule.from_dict(
        {
            "title": "A rule",
            "logsource": {"category": "test"},
            "detection": {
                "app": {"app": "a"},
                "long": {"long|contains": values},
                "condition": condition,
            },
        }
    )
    backend = SigmaproofKustoBackend(pipeline(EVENTS))
    (text,) = backend.convert(SigmaCollection([rule]), "default")
    return str(text)


def body(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("//")]


def found(text: str) -> list[str]:
    rows = [
        (NOW, f"{place}{app}", detail, app, NOW)
        for place, detail in enumerate((nested("one"), nested("TWO"), nested("five"), "", None))
        for app in ("a", "b")
    ]
    table = StoredTable("Events", {**COLUMNS, INGESTION_COLUMN: "datetime"}, rows)
    with Store([table]) as store:
        result = store.query(text, NOW)
    place = result.columns.index("Id")
    return [str(row[place]) for row in result.rows]


def nested(value: str) -> str:
    return '{"first_level": {"second_level": {"third_level_of_the_detail": "' + value + '"}}}'


def test_an_expression_that_a_condition_repeats_is_named_before_its_first_use() -> None:
    text = converted("app and long", ["one", "two", "three"])
    assert body(text) == [
        "Events",
        '| where App =~ "a"',
        f"| extend LongValue1 = {LONG}",
        '| where LongValue1 contains "one" or LongValue1 contains "two" or LongValue1 contains "three"',
        "| project-away LongValue1",
    ]
    assert check(text, {"Events": COLUMNS}) == ()
    (answer,) = bind([(text, {"Events": COLUMNS})])
    assert answer.findings == ()
    assert [name for name, _ in answer.columns] == list(COLUMNS)


@pytest.mark.parametrize("condition", ["app and long", "not long", "app or not long"])
def test_the_name_stands_for_the_same_value(condition: str) -> None:
    named = converted(condition, ["one", "two", "three"])
    (extend,) = [line for line in body(named) if line.startswith("| extend")]
    plain = named.replace(f"{extend}\n", "").replace("| project-away LongValue1\n", "")
    assert found(named) == found(plain.replace("LongValue1", LONG))
    assert 0 < len(found(named)) < 10


def test_an_expression_of_what_a_look_up_adds_is_written_each_time() -> None:
    # Conditions on it move behind the others, where its name would not be known yet.
    added = LONG.replace("Detail", "Added")
    table = replace(EVENTS, columns={**EVENTS.columns, "long": Column(added, "string")})
    search = TableSearch(
        replace(table, extended={"Added": "tolower(Detail)"}),
        some([atom(f'{added} contains "{word}"') for word in ("one", "two", "three")]),
    )
    assert condition_lines(replace(search, table=table))[0] == f"| extend LongValue1 = {added}"
    assert "LongValue" not in "".join(condition_lines(search))
    assert value_names(search) == []


def test_an_expression_that_stands_there_twice_is_written_twice() -> None:
    text = converted("long", ["one", "two"])
    assert text.count(LONG) == 2
    assert "LongValue" not in text
