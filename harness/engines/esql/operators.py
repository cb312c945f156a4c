"""Compiles operators: logic, comparison, IN, patterns and arithmetic (ESQL-6 to ESQL-12)."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence

from converter.diagnostic import Span
from converter.ir import Case, RegexDialect, Wildcard
from converter.languages.esql.patterns import (
    BadPattern,
    like_parts,
    likes_everything,
    matches_everything,
    plain_expression,
)
from converter.languages.esql.syntax import Comparator, Connective, Pattern
from harness.engines.predicate import glob
from harness.engines.regex import compiled as regular_expression

from .casting import Unconvertible, converter
from .compiled import SINGLE, Compiled, Context, Evaluate, Row, constant, folded, per_run
from .lifting import Warn
from .types import STRING, Cell, Scalar, Type, comparable

Test = Callable[[Scalar], bool]

_COMPARE: dict[Comparator, Callable[..., bool]] = {
    Comparator.EQUAL: operator.eq,
    Comparator.NOT_EQUAL: operator.ne,
    Comparator.LESS: operator.lt,
    Comparator.LESS_OR_EQUAL: operator.le,
    Comparator.GREATER: operator.gt,
    Comparator.GREATER_OR_EQUAL: operator.ge,
}
_ORDERED = frozenset({Comparator.LESS, Comparator.LESS_OR_EQUAL}) | {
    Comparator.GREATER,
    Comparator.GREATER_OR_EQUAL,
}
IMPLICIT = frozenset({Type.BOOLEAN, Type.IP, Type.DATETIME})
"""The types that a string literal becomes when it meets them (ESQL-10)."""


def cast_literal(context: Context, literal: Compiled, target: Type, span: Span) -> Compiled:
    """Convert a constant string to a type, or report that it cannot be."""
    convert = converter(Type.KEYWORD, target)
    text = literal.evaluate(())
    if convert is None or not isinstance(text, str):
        return literal
    if target is Type.BOOLEAN and text.lower() not in ("true", "false"):
        return context.problem(f"cannot convert string [{text}] to [boolean]", span)
    try:
        return constant(target, convert(text))
    except Unconvertible:
        return context.problem(f"cannot convert string [{text}] to [{target.value}]", span)


def negation(operand: Compiled) -> Compiled:
    """Compile NOT (ESQL-6)."""
    inner = operand.evaluate

    def evaluate(row: Row) -> Cell:
        value = inner(row)
        return (not value) if isinstance(value, bool) else None

    return folded(Compiled(Type.BOOLEAN, evaluate, operand.is_constant, operand.reads_now))


def connection(connective: Connective, operands: Sequence[Compiled]) -> Compiled:
    """Compile AND or OR over its operands in order (ESQL-6)."""
    inners = [one.evaluate for one in operands]
    decides = connective is Connective.OR

    def evaluate(row: Row) -> Cell:
        result: bool | None = not decides
        for inner in inners:
            value = inner(row)
            if value is decides:
                return decides
            if not isinstance(value, bool):
                result = None
        return result

    return folded(Compiled(Type.BOOLEAN, evaluate, *_constancy(operands)))


def nullness(operand: Compiled) -> Compiled:
    """Compile IS NULL, which is never null itself (ESQL-7)."""
    inner = operand.evaluate
    return folded(
        Compiled(
            Type.BOOLEAN, lambda row: inner(row) is None, operand.is_constant, operand.reads_now
        )
    )


def comparison(
    context: Context, comparator: Comparator, left: Compiled, right: Compiled, span: Span
) -> Compiled:
    """Compile a comparison whose literals are converted already (ESQL-9)."""
    if not comparable(left.type, right.type):
        return context.problem(
            f"first argument of [{context.source(span)}] is [{left.type.value}] so second argument"
            f" must also be [{left.type.value}] but was [{right.type.value}]",
            span,
        )
    if Type.BROKEN in (left.type, right.type):
        return Compiled(Type.BROKEN, left.evaluate)
    if comparator in _ORDERED and Type.BOOLEAN in (left.type, right.type):
        return context.problem(
            f"[{comparator.value}] in [{context.source(span)}] does not order booleans", span
        )
    several = context.warner(span, SINGLE)
    compare = _COMPARE[comparator]
    if right.is_constant and not right.reads_now:
        evaluate = _against_constant(compare, left.evaluate, right.evaluate(()), several)
    else:
        evaluate = _between(
            compare, per_run(left, context.clock), per_run(right, context.clock), several
        )
    return folded(Compiled(Type.BOOLEAN, evaluate, *_constancy((left, right))))


def _against_constant(
    compare: Callable[..., bool], left: Evaluate, limit: Cell, several: Warn
) -> Evaluate:
    if limit is None:
        return lambda row: None

    def evaluate(row: Row) -> Cell:
        value = left(row)
        if value is None:
            return None
        if isinstance(value, tuple) or isinstance(limit, tuple):
            several()
            return None
        return compare(value, limit)

    return evaluate


def _between(
    compare: Callable[..., bool], left: Evaluate, right: Evaluate, several: Warn
) -> Evaluate:
    def evaluate(row: Row) -> Cell:
        value = left(row)
        if value is None:
            return None
        other = right(row)
        if other is None:
            return None
        if isinstance(value, tuple) or isinstance(other, tuple):
            several()
            return None
        return compare(value, other)

    return evaluate


def membership(
    context: Context, operand: Compiled, items: Sequence[Compiled], span: Span
) -> Compiled:
    """Compile IN: true if an item is equal, else null if one is null (ESQL-9)."""
    for item in items:
        if not comparable(operand.type, item.type):
            return context.problem(
                f"[{context.source(span)}] compares [{operand.type.value}]"
                f" with [{item.type.value}]",
                span,
            )
    several = context.warner(span, SINGLE)
    everything = (operand, *items)
    if all(item.is_constant and not item.reads_now for item in items):
        evaluate = _among_constants(
            operand.evaluate, [item.evaluate(()) for item in items], several
        )
    else:
        evaluate = _among(operand.evaluate, [item.evaluate for item in items], several)
    return folded(Compiled(Type.BOOLEAN, evaluate, *_constancy(everything)))


def _among_constants(operand: Evaluate, items: Sequence[Cell], several: Warn) -> Evaluate:
    known = frozenset(item for item in items if item is not None and not isinstance(item, tuple))
    otherwise = None if None in items else False

    def evaluate(row: Row) -> Cell:
        value = operand(row)
        if value is None:
            return None
        if isinstance(value, tuple):
            several()
            return None
        return True if value in known else otherwise

    return evaluate


def _among(operand: Evaluate, items: Sequence[Evaluate], several: Warn) -> Evaluate:
    def evaluate(row: Row) -> Cell:
        value = operand(row)
        if value is None:
            return None
        if isinstance(value, tuple):
            several()
            return None
        result: bool | None = False
        for item in items:
            other = item(row)
            if isinstance(other, tuple):
                several()
            elif other is None:
                result = None
            elif other == value:
                return True
        return result

    return evaluate


def matching(
    context: Context, kind: Pattern, operand: Compiled, patterns: Sequence[str], span: Span
) -> Compiled:
    """Compile LIKE or RLIKE (ESQL-11, ESQL-12)."""
    if operand.type is Type.BROKEN:
        return operand
    if operand.type not in STRING | {Type.NULL}:
        return context.problem(
            f"argument of [{context.source(span)}] must be [string],"
            f" found value type [{operand.type.value}]",
            span,
        )
    try:
        tests = [_test_of(kind, pattern, span) for pattern in patterns]
    except BadPattern as error:
        return context.problem(f"invalid pattern in [{context.source(span)}]: {error}", span)
    if None in tests:
        # ESQL-11: a pattern that matches every text asks for a value only.
        return _presence(operand)
    evaluate = _any_test([test for test in tests if test], operand.evaluate, context, span)
    return folded(Compiled(Type.BOOLEAN, evaluate, operand.is_constant, operand.reads_now))


def _test_of(kind: Pattern, pattern: str, span: Span) -> Test | None:
    """Compile one pattern; None for one that matches everything."""
    if kind is Pattern.LIKE:
        parts = like_parts(pattern)
        if likes_everything(parts):
            return None
        if not any(isinstance(part, Wildcard) for part in parts):
            text = "".join(part for part in parts if isinstance(part, str))
            return lambda value: value == text
        matches = glob(parts, Case.EXACT)
        return lambda value: matches(str(value))
    if matches_everything(pattern):
        return None
    expression = regular_expression(
        plain_expression(pattern, span), RegexDialect.LUCENE, "", Case.EXACT
    )
    return lambda value: expression.search(str(value)) is not None


def _presence(operand: Compiled) -> Compiled:
    return negation(nullness(operand))


def _any_test(tests: Sequence[Test], operand: Evaluate, context: Context, span: Span) -> Evaluate:
    several = context.warner(span, SINGLE)

    def evaluate(row: Row) -> Cell:
        value = operand(row)
        if value is None:
            return None
        if isinstance(value, tuple):
            several()
            return None
        return any(test(value) for test in tests)

    return evaluate


def _constancy(operands: Iterable[Compiled]) -> tuple[bool, bool]:
    """Say whether an expression over these is constant, and whether it reads the clock."""
    parts = tuple(operands)
    return all(one.is_constant for one in parts), any(one.reads_now for one in parts)
