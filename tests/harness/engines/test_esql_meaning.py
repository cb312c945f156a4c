"""What conditions and functions of ES|QL are, and which queries the platform refuses."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from converter.ir import FieldType, Schema
from converter.languages import esql
from harness.engines.esql import check
from harness.engines.esql.source import EventSource
from harness.engines.esql.table import tabulate
from harness.events.event import Dataset, Document, Event

_CASES = Path(__file__).parents[2] / "data" / "cases"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_MEANING = yaml.safe_load((_CASES / "esql_meaning.yml").read_text(encoding="utf-8"))
_FUNCTIONS = yaml.safe_load((_CASES / "esql_functions.yml").read_text(encoding="utf-8"))
_ERRORS = yaml.safe_load((_CASES / "esql_errors.yml").read_text(encoding="utf-8"))
_SCHEMA = Schema({name: FieldType(kind) for name, kind in _MEANING["types"].items()})


def _conditions() -> list[object]:
    return [
        pytest.param(case["document"], str(condition), wanted, id=f"{case['rule']} {condition}")
        for case in _MEANING["cases"]
        for wanted in ("true", "false", "unknown")
        for condition in case.get(wanted, ())
    ]


@pytest.mark.parametrize(("document", "condition", "wanted"), _conditions())
def test_condition_has_its_truth(document: Document, condition: str, wanted: str) -> None:
    kept = _keeps(document, condition)
    kept_by_negation = _keeps(document, f"NOT ({condition})")
    found = "true" if kept else "false" if kept_by_negation else "unknown"
    assert found == wanted
    assert not (kept and kept_by_negation)


def _keeps(document: Document, condition: str) -> bool:
    source = EventSource(Dataset((Event("1", _NOW, _NOW, document),), _SCHEMA))
    return len(tabulate(f"FROM a | WHERE {condition}", source, _NOW).rows) == 1


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        pytest.param(expression, value, id=f"{rule} {expression}")
        for rule, values in _FUNCTIONS.items()
        for expression, value in values.items()
    ],
)
def test_function_has_its_value(expression: str, value: object) -> None:
    source = EventSource(Dataset((), Schema({})))
    ((found,),) = tabulate(f"ROW x = {expression}", source, _NOW).rows
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("case", _ERRORS["verification"], ids=lambda case: str(case["text"]))
def test_platform_refuses_the_query(case: dict[str, object]) -> None:
    kinds = {"host.name": "keyword", "flat": "flattened", **_MEANING["types"]}
    schema = Schema({name: FieldType(kind) for name, kind in kinds.items()})
    diagnostics = check(str(case["text"]), schema)
    assert str(case["message"]) in diagnostics[0].message
    assert diagnostics[0].span is not None
    assert diagnostics[0].span.column == case["column"]


def test_every_problem_is_reported_once() -> None:
    query = 'FROM a | WHERE zz == 1 AND k == 1 | EVAL x = yy + 1 | WHERE x LIKE "a" | KEEP x, qq'
    messages = [diagnostic.message for diagnostic in check(query, _SCHEMA)]
    assert [message.partition(" [")[0] for message in messages] == [
        "unknown column",
        "first argument of",
        "unknown column",
        "unknown column",
    ]


def test_field_of_an_event_is_a_column() -> None:
    event = Event("1", _NOW, _NOW, {"seen": {"here": "x"}})
    query = 'FROM a | WHERE seen.here == "x"'
    assert check(query, _SCHEMA)
    assert not check(query, _SCHEMA, Dataset((event,), _SCHEMA))


def test_null_of_several_values_is_a_warning() -> None:
    source = EventSource(Dataset((Event("1", _NOW, _NOW, {"k": ["x", "y"]}),), _SCHEMA))
    (warning,) = tabulate('FROM a | WHERE k == "x"', source, _NOW).warnings
    assert warning.message == (
        'k == "x" is null for some rows: a function of single values met several values'
    )


def test_cut_by_the_default_limit_is_a_warning() -> None:
    events = tuple(Event(str(number), _NOW, _NOW, {"k": "x"}) for number in range(1001))
    source = EventSource(Dataset(events, _SCHEMA))
    table = tabulate("FROM a | KEEP k", source, _NOW)
    assert len(table.rows) == 1000
    assert [warning.code for warning in table.warnings] == ["esql-truncated"]
    assert len(tabulate("FROM a | KEEP k | LIMIT 1001", source, _NOW).rows) == 1001


def test_every_rule_has_a_case() -> None:
    rules = Path(esql.__file__ or "").with_name("SEMANTICS.md").read_text(encoding="utf-8")
    stated = set(re.findall(r"^- \*\*(ESQL-\d+)\*\*", rules, re.MULTILINE))
    cases = "".join(path.read_text(encoding="utf-8") for path in _CASES.glob("esql_*.yml"))
    # test_esql_lowering.py is the case of the last one.
    assert stated - {"ESQL-25"} == set(re.findall(r"\bESQL-\d+\b", cases))
