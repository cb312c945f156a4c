"""Values of terms as their fields have them: a column of text holds the number 5 as the text 5."""

from __future__ import annotations

from dataclasses import replace

from converter.ir import FieldType, NewTerms, Plan, Schema, Threshold, Value

from .engines.execution import Alert, Execution


def by_type_of_field(execution: Execution, plan: Plan, schema: Schema) -> Execution:
    """Return the alerts of a text with whole numbers where the fields of the plan's terms hold some."""
    match plan:
        case NewTerms(terms=terms) | Threshold(terms=terms):
            numbers = [schema.type_of(term.field) is FieldType.LONG for term in terms]
        case _:
            return execution
    if not any(numbers):
        return execution
    alerts = tuple(_with_numbers(alert, numbers) for alert in execution.alerts)
    return replace(execution, alerts=alerts)


def _with_numbers(alert: Alert, numbers: list[bool]) -> Alert:
    pairs = zip(alert.term, numbers, strict=True)
    return replace(
        alert, term=tuple(_number(value) if is_number else value for value, is_number in pairs)
    )


def _number(value: Value) -> Value:
    """Return the whole number that a text is in its one plain form."""
    is_plain = isinstance(value, str) and value.removeprefix("-").isdecimal()
    return int(value) if is_plain and str(int(value)) == value else value
