"""Predicates as text for people; not a language, and never parsed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from .predicate import (
    And,
    AnyField,
    Atom,
    Bound,
    Cidr,
    Constant,
    Exists,
    FieldComparison,
    Glob,
    IsTrue,
    Nested,
    Not,
    OneOf,
    Or,
    Predicate,
    Range,
    Regex,
    Test,
    Words,
)
from .values import Case, Value

_SHOWN_VALUES = 3


def show(predicate: Predicate) -> str:
    """Write a predicate on one line; long lists are cut and their length is said."""
    match predicate:
        case Constant(truth):
            return "unknown" if truth is None else "always" if truth else "never"
        case And(operands):
            return " and ".join(_grouped(operand) for operand in operands) or "always"
        case Or(operands):
            return " or ".join(_grouped(operand) for operand in operands) or "never"
        case Not(operand):
            return f"not {_grouped(operand)}"
        case IsTrue(operand):
            return show(operand)
        case Atom(field=field, test=test):
            return f"{field} {_test(test)}"
        case AnyField(test=test, inside=inside):
            where = f"any value in {inside}" if inside else "any field"
            return f"{where} {_test(test)}"
        case FieldComparison(left, relation, right):
            return f"{left} {relation.value} {right}"
        case Nested(path, operand):
            return f"some {path} with {_grouped(operand)}"
        case _:
            assert_never(predicate)


def conjuncts(predicate: Predicate) -> tuple[Predicate, ...]:
    """Split a predicate into the conditions that must all hold."""
    match predicate:
        case And(operands):
            return tuple(part for operand in operands for part in conjuncts(operand))
        case Not(Or(operands)):
            # The strong connectives obey De Morgan, unknown included.
            return tuple(part for operand in operands for part in conjuncts(Not(operand)))
        case _:
            return (predicate,)


def merged(parts: Iterable[Predicate]) -> tuple[Predicate, ...]:
    """Join the conditions that one field is none of several values into one, where the first stands."""
    refused: dict[Atom, tuple[Value, ...]] = {}
    order: dict[Predicate, None] = {}
    for part in parts:
        match part:
            case Not(Atom(test=OneOf(values, case)) as atom):
                key = replace(atom, test=OneOf((), case))
                refused[key] = (*refused.get(key, ()), *values)
                order[key] = None
            case _:
                order[part] = None
    return tuple(
        _none_of(part, refused[part]) if isinstance(part, Atom) and part in refused else part
        for part in order
    )


def _none_of(key: Predicate, values: tuple[Value, ...]) -> Predicate:
    match key:
        case Atom(test=OneOf(case=case)):
            return Not(replace(key, test=OneOf(values, case)))
        case _:
            return key


def fields_of(predicate: Predicate) -> frozenset[str]:
    """Return the names of the fields that a predicate reads."""
    match predicate:
        case Constant() | AnyField(inside=""):
            return frozenset()
        case AnyField(inside=inside):
            return frozenset({inside})
        case And(operands) | Or(operands):
            return frozenset().union(*map(fields_of, operands))
        case Not(operand) | IsTrue(operand) | Nested(operand=operand):
            return fields_of(operand)
        case Atom(field=field):
            return frozenset({field})
        case FieldComparison(left=left, right=right):
            return frozenset({left, right})
        case _:
            assert_never(predicate)


def reads_any_field(predicate: Predicate) -> bool:
    """Say whether a predicate looks at the values of every field of an event."""
    match predicate:
        case AnyField(inside=inside):
            return not inside
        case And(operands) | Or(operands):
            return any(map(reads_any_field, operands))
        case Not(operand) | IsTrue(operand) | Nested(operand=operand):
            return reads_any_field(operand)
        case Constant() | Atom() | FieldComparison():
            return False
        case _:
            assert_never(predicate)


def _grouped(predicate: Predicate) -> str:
    text = show(predicate)
    return f"({text})" if isinstance(predicate, And | Or) else text


def _test(test: Test) -> str:
    match test:
        case Exists():
            return "exists"
        case OneOf(values, case):
            return f"is {_list(values)}{_case(case)}"
        case Glob(parts, case):
            shape = "".join(part if isinstance(part, str) else part.value for part in parts)
            return f"is like {_value(shape)}{_case(case)}"
        case Regex(pattern, _, flags, case):
            return f"matches /{pattern}/{flags}{_case(case)}"
        case Range(lower, upper):
            return " and ".join(filter(None, (_bound(">", lower), _bound("<", upper))))
        case Cidr(networks):
            return f"is in network {_list(networks)}"
        case Words(words, phrase):
            return f"holds {'the phrase' if phrase else 'a word of'} {_value(' '.join(words))}"
        case _:
            assert_never(test)


def _bound(sign: str, bound: Bound | None) -> str:
    if bound is None:
        return ""
    return f"{sign}{'=' if bound.inclusive else ''} {_value(bound.value)}"


def _list(values: tuple[Value, ...]) -> str:
    shown = ", ".join(_value(value) for value in values[:_SHOWN_VALUES])
    if len(values) == 1:
        return shown
    more = f", … ({len(values)} values)" if len(values) > _SHOWN_VALUES else ""
    return f"one of {shown}{more}"


def _value(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False)


def _case(case: Case) -> str:
    return "" if case is Case.EXACT else " in any case"
