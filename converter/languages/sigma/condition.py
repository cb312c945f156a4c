"""Lowers the conditions of a Sigma rule: what joins its comparisons."""

from __future__ import annotations

from collections.abc import Iterator

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
    ConditionValueExpression,
    SigmaCondition,
)
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from converter.errors import InputError, Unsupported
from converter.ir import And, Atom, FieldType, Not, OneOf, Or, Predicate

from .items import refuse_forgotten_case
from .keyword import lower_keyword
from .value import Context, lower_value

_Parsed = ConditionItem | ConditionFieldEqualsValueExpression | ConditionValueExpression


def lower_rule(rule: SigmaRule, context: Context) -> Predicate:
    """Return what the rule says about one event, its log source left aside."""
    refuse_forgotten_case(rule)
    # SIGMA-16: several conditions are or.
    return any_of([_lower_condition(one, rule, context) for one in rule.detection.parsed_condition])


def any_of(operands: list[Predicate]) -> Predicate:
    """Join by or; equality tests that differ in their value only become one test."""
    merged: list[Predicate] = []
    for operand in operands:
        previous = merged[-1] if merged else None
        joined = _joined(previous, operand) if previous is not None else None
        if joined is None:
            merged.append(operand)
        else:
            merged[-1] = joined
    return merged[0] if len(merged) == 1 else Or(tuple(merged))


def _joined(left: Predicate, right: Predicate) -> Predicate | None:
    """Return one atom for two equality tests; None where they differ in more than their values."""
    match left, right:
        case Atom(test=OneOf(one, case)), Atom(test=OneOf(other, other_case)) if (
            left.field == right.field and left.view is right.view and case is other_case
        ):
            return Atom(left.field, left.view, OneOf(tuple(dict.fromkeys(one + other)), case))
        case _:
            return None


def _lower_condition(condition: SigmaCondition, rule: SigmaRule, context: Context) -> Predicate:
    try:
        _refuse_empty_selectors(condition, rule)
        parsed = condition.parsed
    except SigmaError as error:
        raise InputError(f"rule {rule.title!r}: {error}; correct its condition") from error
    if parsed is None:
        raise Unsupported(f"condition {condition.condition!r} tests nothing")
    return _lower_parsed(parsed, context)


def _lower_parsed(parsed: _Parsed, context: Context) -> Predicate:
    match parsed:
        case ConditionAND():  # SIGMA-6
            return And(tuple(_operands(parsed, context)))
        case ConditionOR():
            return any_of(list(_operands(parsed, context)))
        case ConditionNOT():  # SIGMA-3
            return Not(any_of(list(_operands(parsed, context))))
        case ConditionFieldEqualsValueExpression():
            return any_of(lower_value(parsed.field, parsed.value, context))
        case ConditionValueExpression():
            return any_of(lower_keyword(parsed.value, context.schema.of_type(FieldType.DATE)))
        case _:
            raise Unsupported(f"condition of type {type(parsed).__name__}")


def _operands(parsed: ConditionItem, context: Context) -> Iterator[Predicate]:
    for argument in parsed.args:
        if argument is None:
            raise Unsupported("a condition over a detection that tests nothing")
        yield _lower_parsed(argument, context)


def _refuse_empty_selectors(condition: SigmaCondition, rule: SigmaRule) -> None:
    """Refuse `1 of x*` without any detection x (SIGMA-16)."""
    for item in _items(condition.parse(postprocess=False)):
        if isinstance(item, ConditionSelector) and not item.resolve_referenced_detections(
            rule.detection
        ):
            raise Unsupported(
                f"condition {condition.condition!r}: {' of '.join(item.args)} names no detection",
                hint="correct the pattern or remove it",
            )


def _items(parsed: object) -> Iterator[ConditionItem]:
    if isinstance(parsed, ConditionItem):
        yield parsed
        for argument in parsed.args:
            yield from _items(argument)
