from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.errors import Unsupported
from converter.ir import Schema
from harness.engines.job import Job, RefusedText
from harness.engines.kusto import execute_job
from harness.engines.kusto_text import INGESTION_COLUMN
from harness.events.event import Dataset, Event
from harness.events.rows import Rows
from tests.oracles.kusto.binder import bind

MATRIX = yaml.safe_load(
    (Path(__file__).parents[2] / "data/cases/kusto_matrix.yml").read_text(encoding="utf-8")
)
CASES: list[dict[str, Any]] = MATRIX["cases"]
COLUMNS: dict[str, str] = MATRIX["columns"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def cell(row: dict[str, object], name: str, kind: str) -> object:
    value = row.get(name)
    if value is None:
        return "" if kind == "string" else None
    return str(value) if kind == "string" else value


def job(predicate: str) -> Job:
    rows = MATRIX["rows"]
    ids = tuple(str(row["id"]) for row in rows)
    cells = tuple((*(cell(row, name, kind) for name, kind in COLUMNS.items()), NOW) for row in rows)
    table = Rows("T", {**COLUMNS, INGESTION_COLUMN: "datetime"}, cells, ids, ())
    events = tuple(Event(one, NOW, NOW, {}) for one in ids)
    schema = Schema({})
    return Job(f"T\n| where {predicate}", Dataset(events, schema), (), (), None, schema, (table,))


def named(case: dict[str, Any]) -> str:
    return str(case["predicate"])


@pytest.mark.parametrize("case", [one for one in CASES if "ids" in one], ids=named)
def test_the_engine_answers_as_kusto_does(case: dict[str, Any]) -> None:
    alerts = execute_job(job(case["predicate"])).alerts
    assert sorted(int(min(alert.ids)) for alert in alerts) == case["ids"]


@pytest.mark.parametrize("case", [one for one in CASES if "refused" in one], ids=named)
def test_the_engine_refuses_what_the_platform_refuses(case: dict[str, Any]) -> None:
    with pytest.raises(RefusedText) as refusal:
        execute_job(job(case["predicate"]))
    assert refusal.value.diagnostic.code == case["refused"]


@pytest.mark.parametrize("case", [one for one in CASES if "invalid" in one], ids=named)
def test_the_engine_refuses_what_only_the_service_refuses(case: dict[str, Any]) -> None:
    with pytest.raises(RefusedText) as refusal:
        execute_job(job(case["predicate"]))
    assert refusal.value.diagnostic.code == case["invalid"]


@pytest.mark.parametrize("case", [one for one in CASES if "unsupported" in one], ids=named)
def test_the_engine_does_not_guess(case: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match=case["unsupported"]):
        execute_job(job(case["predicate"]))


def test_microsofts_binder_takes_and_refuses_the_same() -> None:
    queries = [(f"T\n| where {case['predicate']}", {"T": COLUMNS}) for case in CASES]
    for case, answer in zip(CASES, bind(queries), strict=True):
        refused = "refused" in case
        assert bool(answer.findings) is refused, case["predicate"]
        if refused and case["refused"] != "KS001":
            assert case["refused"] in answer.codes, case["predicate"]
