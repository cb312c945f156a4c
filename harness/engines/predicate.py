"""The reference evaluator of predicates: an interpreter, one function a node, for clarity not speed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import assert_never

from converter.ir import (
    TIME_PARTS,
    And,
    AnyField,
    Atom,
    Bound,
    Case,
    Cidr,
    Constant,
    Exists,
    FieldComparison,
    Glob,
    IsTrue,
    Missing,
    Nested,
    Not,
    OneOf,
    Or,
    Predicate,
    Quantifier,
    Range,
    Regex,
    Relation,
    Test,
    Truth,
    Value,
    View,
    Wildcard,
    Words,
)
from converter.ir.values import fold
from harness.events.event import Document, values_of
from harness.events.time import instant

from .regex import compiled
from .view import address_text, network_range, read


def evaluate(predicate: Predicate, document: Document) -> Truth:
    """Return Kleene's truth of a predicate for one document."""
    match predicate:
        case Constant(truth):
            return truth
        case And(operands):
            return kleene_and(evaluate(operand, document) for operand in operands)
        case Or(operands):
            return kleene_or(evaluate(operand, document) for operand in operands)
        case Not(operand):
            truth = evaluate(operand, document)
            return None if truth is None else not truth
        case IsTrue(operand):
            return evaluate(operand, document) is True
        case Atom():
            return _atom(predicate, values_of(document, predicate.field))
        case AnyField(view, test, inside, without):
            values = values_inside(document, inside) if inside else every_value(document, without)
            return kleene_or(_test(view, test, value) for value in values)
        case FieldComparison():
            return _comparison(predicate, document)
        case Nested(path, operand):
            return any(
                evaluate(operand, inner) is True for inner in nested_documents(document, path)
            )
        case _:
            assert_never(predicate)


def kleene_and(truths: Iterable[Truth]) -> Truth:
    """Return the strong conjunction: false wins, then unknown."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def kleene_or(truths: Iterable[Truth]) -> Truth:
    """Return the strong disjunction: true wins, then unknown."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            result = None
    return result


def _atom(atom: Atom, values: Sequence[Value]) -> Truth:
    if not values:
        match atom.missing:
            case Missing.FALSE:
                return False
            case Missing.TRUE:
                return True
            case Missing.UNKNOWN:
                return None
            case Missing.EMPTY_TEXT:
                return _test(atom.view, atom.test, "")
            case _:
                assert_never(atom.missing)
    match atom.quantifier:
        case Quantifier.ANY:
            return kleene_or(_test(atom.view, atom.test, value) for value in values)
        case Quantifier.ALL:
            return kleene_and(_test(atom.view, atom.test, value) for value in values)
        case Quantifier.SINGLE:
            return None if len(values) > 1 else _test(atom.view, atom.test, values[0])
        case Quantifier.LEAST:
            return _test(atom.view, atom.test, _least(atom.view, values))
        case Quantifier.JOINED:
            joined = atom.separator.join(_distinct_texts(atom.view, values))
            return _test(View.KEYWORD, atom.test, joined)
        case _:
            assert_never(atom.quantifier)


def _least(view: View, values: Sequence[Value]) -> Value:
    """Return the value whose reading is the least; what cannot be read only counts alone."""
    readings = [(one, value) for value in values if (one := read(view, value)) is not None]
    if not readings:
        return values[0]
    return min(readings, key=lambda pair: (isinstance(pair[0], str), pair[0]))[1]


def _distinct_texts(view: View, values: Sequence[Value]) -> list[str]:
    """Return the different values as an index orders and writes them; what it cannot read is none."""
    readable = {one for value in values if (one := read(view, value)) is not None}
    if view is View.IP:
        return [
            address_text(one) for one in sorted(one for one in readable if isinstance(one, int))
        ]
    return sorted(one for one in readable if isinstance(one, str))


def _test(view: View, test: Test, raw: Value) -> Truth:
    if isinstance(test, Exists):
        return True
    if isinstance(test, Cidr):
        return _in_networks(test, raw)
    value = read(view, raw)
    if value is None:
        return False
    match test:
        case OneOf(values, case):
            return _is_one_of(view, values, case, value)
        case Glob(parts, case):
            return isinstance(value, str) and glob(parts, case)(value)
        case Regex(pattern, dialect, flags, case):
            return isinstance(value, str) and bool(
                compiled(pattern, dialect, flags, case).search(value)
            )
        case Range(lower, upper):
            return _above(view, lower, value) and _below(view, upper, value)
        case Words(words, phrase):
            return isinstance(value, str) and _has_words(words, phrase, value)
        case _:
            assert_never(test)


def _is_one_of(view: View, values: tuple[Value, ...], case: Case, value: Value) -> bool:
    if view is View.IP:
        ranges = (network_range(str(text)) for text in values)
        return any(
            low <= value <= high for low, high in filter(None, ranges) if isinstance(value, int)
        )
    if view is View.DATE:
        return value in [instant(moment) for moment in values if not isinstance(moment, bool)]
    if isinstance(value, str):
        folded = fold(value, case)
        return any(isinstance(text, str) and fold(text, case) == folded for text in values)
    return any(
        not isinstance(one, str)
        and isinstance(one, bool) == isinstance(value, bool)
        and one == value
        for one in values
    )


@lru_cache(maxsize=4096)
def glob(parts: tuple[str | Wildcard, ...], case: Case) -> Callable[[str], bool]:
    """Compile a glob into a test of the whole text."""
    pattern = "".join(_glob_part(part, case) for part in parts)
    match = re.compile(pattern, re.DOTALL).fullmatch
    return lambda text: match(fold(text, case)) is not None


def _glob_part(part: str | Wildcard, case: Case) -> str:
    if isinstance(part, str):
        return re.escape(fold(part, case))
    return ".*" if part is Wildcard.MANY else "."


def _bound_value(view: View, bound: Bound) -> Value | None:
    if view is View.DATE and not isinstance(bound.value, bool):
        return instant(bound.value)
    return bound.value if view in TIME_PARTS else read(view, bound.value)


def _above(view: View, bound: Bound | None, value: Value) -> bool:
    if bound is None:
        return True
    limit = _bound_value(view, bound)
    return _ordered(limit, value) or (
        bound.inclusive and _comparable(limit, value) and limit == value
    )


def _below(view: View, bound: Bound | None, value: Value) -> bool:
    if bound is None:
        return True
    limit = _bound_value(view, bound)
    return _ordered(value, limit) or (
        bound.inclusive and _comparable(limit, value) and limit == value
    )


def _comparable(left: Value | None, right: Value | None) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str)
    return left is not None and right is not None


def _ordered(left: Value | None, right: Value | None) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left < right
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left < right
    return False


def _in_networks(test: Cidr, raw: Value) -> Truth:
    value = read(View.IP, raw)
    if not isinstance(value, int):
        return None if test.unreadable_is_unknown else False
    ranges = (network_range(text) for text in test.networks)
    return any(low <= value <= high for low, high in filter(None, ranges))


def _has_words(words: tuple[str, ...], phrase: bool, text: str) -> bool:
    found = re.findall(r"\w+", text.lower())
    if not phrase:
        return any(word in found for word in words)
    size = len(words)
    return size > 0 and any(
        tuple(found[start : start + size]) == words for start in range(len(found) - size + 1)
    )


def _comparison(comparison: FieldComparison, document: Document) -> bool:
    left = _comparable_values(comparison, document, comparison.left)
    right = _comparable_values(comparison, document, comparison.right)
    return any(_relates(comparison.relation, one, other) for one in left for other in right)


def _comparable_values(comparison: FieldComparison, document: Document, field: str) -> list[Value]:
    readings = (read(comparison.view, value) for value in values_of(document, field))
    return [
        fold(value, comparison.case) if isinstance(value, str) else value
        for value in readings
        if value is not None
    ]


def _relates(relation: Relation, left: Value, right: Value) -> bool:
    if relation is Relation.EQUALS:
        # Numbers are one type, and Python holds 1 and True for equal.
        return left == right and isinstance(left, bool) is isinstance(right, bool)
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    match relation:
        case Relation.STARTS_WITH:
            return left.startswith(right)
        case Relation.ENDS_WITH:
            return left.endswith(right)
        case Relation.CONTAINS:
            return right in left
        case _:
            assert_never(relation)


def every_value(
    node: object, without: frozenset[str] = frozenset(), path: str = ""
) -> Iterable[Value]:
    """Yield every scalar of a document, in order, but for the fields that are left out."""
    match node:
        case dict():
            for key, inner in node.items():
                name = f"{path}.{key}" if path else str(key)
                if name not in without:
                    yield from every_value(inner, without, name)
        case list():
            for inner in node:
                yield from every_value(inner, without, path)
        case str() | bool() | int() | float():
            yield node


def values_inside(node: object, path: str) -> Iterable[Value]:
    """Yield every scalar at a path and below it (SIGMA-1)."""
    match node:
        case list():
            for item in node:
                yield from values_inside(item, path)
        case dict() if path:
            for key, inner in node.items():
                if path == key:
                    yield from every_value(inner)
                elif path.startswith(key + "."):
                    yield from values_inside(inner, path[len(key) + 1 :])


def nested_documents(document: Document, path: str) -> Iterable[Document]:
    """Yield each object of the array at `path`, wrapped so that full paths still lead into it."""
    for found in _objects_at(document, path):
        yield {path: found}


def _objects_at(node: object, path: str) -> Iterable[Mapping[str, object]]:
    match node:
        case list():
            for item in node:
                yield from _objects_at(item, path)
        case dict() if not path:
            yield node
        case dict():
            for key, inner in node.items():
                if path == key:
                    yield from _objects_at(inner, "")
                elif path.startswith(key + "."):
                    yield from _objects_at(inner, path[len(key) + 1 :])
