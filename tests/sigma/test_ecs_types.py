from __future__ import annotations

import csv

from sigma.sigmaproof.ecs import KUSTO_TYPES, FieldTypes, ecs_types
from tests.corpus import shared


def test_every_type_of_ecs_has_a_kusto_type() -> None:
    assert set(ecs_types().types.values()) <= set(KUSTO_TYPES)


def test_the_table_says_what_ecs_says() -> None:
    with shared("data/ecs/ecs-types.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert ecs_types().types == {row["field"]: row["type"] for row in rows}
    assert ecs_types().multiple == {row["field"] for row in rows if row["array"] == "yes"}


def test_a_column_of_an_array_is_dynamic() -> None:
    columns = ecs_types().kusto()
    assert columns["event.category"] == "dynamic"
    assert columns["event.action"] == "string"
    assert columns["source.as.number"] == "long"
    assert columns["@timestamp"] == "datetime"
    assert columns["source.ip"] == "string"
    assert columns["event.risk_score"] == "real"


def test_a_log_source_wins_over_ecs() -> None:
    ecs = FieldTypes({"a": "keyword", "b": "keyword", "c": "long"}, frozenset({"a", "b"}))
    source = FieldTypes({"b": "long", "d": "boolean"}, frozenset({"d"}), frozenset({"b"}))
    merged = ecs.merged(source)
    assert merged.kusto() == {"a": "dynamic", "b": "long", "c": "long", "d": "dynamic"}
    assert merged.single == {"b"}
