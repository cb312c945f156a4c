"""A number in a column of text is the number where the field of the term holds one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from converter.ir import ALWAYS, FieldType, Filter, NewTerms, Plan, Schema, TermField, Value, View
from harness.engines.execution import Alert, Execution
from harness.term_values import by_type_of_field

SCHEMA = Schema({"number": FieldType.LONG, "text": FieldType.KEYWORD}, frozenset())
TERMS = (TermField("number", View.RAW), TermField("text", View.KEYWORD))
PLAN = NewTerms(ALWAYS, TERMS, timedelta(days=1))
ALERT = Alert(datetime(2026, 1, 1, tzinfo=UTC), (), None, frozenset())


def found(term: tuple[Value, ...], plan: Plan = PLAN) -> tuple[Value, ...]:
    alerts = (replace(ALERT, term=term),)
    return by_type_of_field(Execution(alerts), plan, SCHEMA).alerts[0].term


@pytest.mark.parametrize(
    ("held", "value"),
    [("5", 5), ("-5", -5), (5, 5), ("05", "05"), ("5.0", "5.0"), ("", ""), ("five", "five")],
)
def test_a_plain_number_is_one_in_a_field_of_numbers(held: Value, value: Value) -> None:
    assert found((held, "5")) == (value, "5")


def test_a_filter_has_no_terms() -> None:
    assert found((), Filter(ALWAYS)) == ()
