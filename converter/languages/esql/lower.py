"""Lowers conditions on single fields to predicates (ESQL-25).

Every atom says what ES|QL does with no value (unknown) and with several (unknown, except in MV_…
functions). What is compared with another field, or calculated, is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable

from converter.errors import Unsupported
from converter.ir import (
    NEVER,
    And,
    Atom,
    Bound,
    Cidr,
    Constant,
    Exists,
    FieldType,
    Glob,
    IsTrue,
    Missing,
    Not,
    OneOf,
    Or,
    Predicate,
    Range,
    Regex,
    RegexDialect,
    Schema,
    Test,
    Value,
    View,
    Wildcard,
)
from converter.ir.located import located
from converter.languages import kuery, lucene

from .operands import (
    Operand,
    case_of,
    check_type,
    constant_of,
    decoded_variants,
    lower_variants,
    operand_of,
    quantifier_for,
    typed,
)
from .patterns import (
    BadPattern,
    like_parts,
    likes_everything,
    matches_everything,
    plain_expression,
)
from .syntax import (
    Boolean,
    Call,
    Column,
    Comparator,
    Comparison,
    Connective,
    Expression,
    In,
    IsNull,
    Logical,
    Matches,
    Null,
    Pattern,
    Text,
)
from .syntax import Not as NotNode

_UNKNOWN = Constant(None)
_FLIPPED = {
    Comparator.EQUAL: Comparator.EQUAL,
    Comparator.NOT_EQUAL: Comparator.NOT_EQUAL,
    Comparator.LESS: Comparator.GREATER,
    Comparator.LESS_OR_EQUAL: Comparator.GREATER_OR_EQUAL,
    Comparator.GREATER: Comparator.LESS,
    Comparator.GREATER_OR_EQUAL: Comparator.LESS_OR_EQUAL,
}
_COMPARE: dict[Comparator, Callable[[int, int], bool]] = {
    Comparator.EQUAL: operator.eq,
    Comparator.NOT_EQUAL: operator.ne,
    Comparator.LESS: operator.lt,
    Comparator.LESS_OR_EQUAL: operator.le,
    Comparator.GREATER: operator.gt,
    Comparator.GREATER_OR_EQUAL: operator.ge,
}
_AFFIXES = {
    "STARTS_WITH": (False, True),
    "ENDS_WITH": (True, False),
    "CONTAINS": (True, True),
}


def lower_where(expression: Expression, schema: Schema) -> Predicate:
    """Return what a condition means; raise `Unsupported` with the span of what cannot be said."""
    return located(_Lowering(schema).condition(expression), schema)


class _Lowering:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def condition(self, expression: Expression) -> Predicate:
        match expression:
            case Boolean(value):
                return Constant(value)
            case Null():
                return _UNKNOWN
            case Column(name) if self._schema.type_of(name) is FieldType.BOOLEAN:
                return _scalar(Operand(name, View.BOOLEAN), OneOf((True,)))
            case NotNode(operand):
                return Not(self.condition(operand))
            case Logical(connective, operands):
                lowered = tuple(self.condition(operand) for operand in operands)
                return And(lowered) if connective is Connective.AND else Or(lowered)
            case Comparison():
                return self._comparison(expression)
            case In(operand, items):
                return self._membership(operand, items, expression)
            case Matches():
                return self._matches(expression)
            case IsNull(operand):
                return self._is_null(operand)
            case Call():
                return self._call(expression)
            case _:
                raise _refused(expression)

    def _comparison(self, comparison: Comparison) -> Predicate:
        if isinstance(comparison.left, Call) and comparison.left.function == "MV_COUNT":
            return self._counted(comparison.left, comparison)
        operand, constant = operand_of(comparison.left, self._schema), comparison.right
        comparator = comparison.comparator
        if operand is None:
            operand, constant = operand_of(comparison.right, self._schema), comparison.left
            comparator = _FLIPPED[comparator]
        values = constant_of(constant)
        if operand is None or values is None or len(values) > 1:
            raise _refused(comparison)
        if not values:
            return _UNKNOWN
        check_type(operand, values[0], comparison)
        value = typed(operand, values[0])
        match comparator:
            case Comparator.EQUAL:
                return self._equal(operand, (value,), comparison)
            case Comparator.NOT_EQUAL:
                return Not(self._equal(operand, (value,), comparison))
            case _:
                return _bounded(operand, comparator, value, comparison)

    def _counted(self, count: Call, comparison: Comparison) -> Predicate:
        """Lower a comparison of MV_COUNT that only asks whether there is one value or several."""
        match count.arguments, constant_of(comparison.right):
            case (Column() as column,), (int(limit),):
                operand = operand_of(column, self._schema)
                of_one, *of_more = (
                    _COMPARE[comparison.comparator](number, limit)
                    for number in (1, 2, max(limit, 2), max(limit, 2) + 1)
                )
            case _:
                raise _refused(comparison)
        if operand is None or len(set(of_more)) > 1:
            raise _refused(comparison)
        present = Atom(operand.field, View.RAW, Exists(), missing=Missing.UNKNOWN)
        several = And((present, Not(IsTrue(_scalar(operand, Exists())))))
        match of_one, of_more[0]:
            case True, True:
                return present
            case True, False:
                return Or((Not(present), Not(several)))
            case False, True:
                return several
            case _:
                return Not(present)

    def _equal(self, operand: Operand, values: tuple[Value, ...], place: Expression) -> Predicate:
        if operand.extreme or operand.separator is not None:
            raise _refused(place)
        values = _spellings(operand, values, place)
        return _scalar(operand, OneOf(values, case_of(operand))) if values else _never(operand)

    def _membership(
        self, expression: Expression, items: tuple[Expression, ...], place: Expression
    ) -> Predicate:
        operand = operand_of(expression, self._schema)
        constants = [constant_of(item) for item in items]
        if operand is None or None in constants:
            raise _refused(place)
        values = [one[0] for one in constants if one is not None and len(one) == 1]
        has_null = () in constants
        for value in values:
            check_type(operand, value, place)
        if not values:
            return _UNKNOWN if has_null else _never(operand)
        equal = self._equal(operand, tuple(typed(operand, value) for value in values), place)
        return Or((equal, _UNKNOWN)) if has_null else equal

    def _matches(self, matches: Matches) -> Predicate:
        operand = operand_of(matches.operand, self._schema)
        if operand is None or not operand.is_text or operand.extreme == "MV_MAX":
            raise _refused(matches)
        if operand.is_encoded:
            raise _refused(matches)
        tests = [self._pattern(operand, matches, text.value) for text in matches.texts]
        if None in tests:
            # ESQL-11: such a pattern asks for a value only.
            return Atom(operand.field, View.RAW, Exists())
        atoms = tuple(_scalar(operand, test) for test in tests if test is not None)
        return atoms[0] if len(atoms) == 1 else Or(atoms)

    def _pattern(self, operand: Operand, matches: Matches, text: str) -> Test | None:
        """Lower one pattern; None for one that matches everything."""
        if matches.pattern is Pattern.RLIKE:
            if operand.is_lower:
                raise _refused(matches)
            if matches_everything(text):
                return None
            return Regex(plain_expression(text, matches.span), RegexDialect.LUCENE)
        try:
            parts = like_parts(text)
        except BadPattern as error:
            raise Unsupported(f"pattern {text!r}", matches.span, str(error)) from error
        if likes_everything(parts):
            return None
        if operand.is_lower:
            _check_folds(parts, matches)
        return Glob(parts, case_of(operand))

    def _is_null(self, expression: Expression) -> Predicate:
        operand = operand_of(expression, self._schema)
        if operand is not None:
            return Not(Atom(operand.field, View.RAW, Exists()))
        inner = self.condition(expression)
        return And((Not(IsTrue(inner)), Not(IsTrue(Not(inner)))))

    def _call(self, call: Call) -> Predicate:
        match call.function, call.arguments:
            case "COALESCE", (Column(), Boolean()):
                # An array of booleans passes through as it is, and is neither true nor false.
                raise _refused(call)
            case "COALESCE", (inner, Boolean(False)):
                return IsTrue(self.condition(inner))
            case "COALESCE", (inner, Boolean(True)):
                return Not(IsTrue(Not(self.condition(inner))))
            case "MV_CONTAINS", (superset, subset):
                return self._contains(superset, subset, call)
            case (("STARTS_WITH" | "ENDS_WITH" | "CONTAINS"), (text, Text(part))):
                return self._affix(call.function, text, part, call)
            case "CIDR_MATCH", (address, *networks):
                return self._in_networks(address, networks, call)
            case "KQL", (Text(text),):
                return kuery.lower(kuery.parse(text), self._schema)
            case "QSTR", (Text(text),):
                return lucene.lower(lucene.parse(text), self._schema)
            case _:
                raise _refused(call)

    def _contains(self, superset: Expression, subset: Expression, place: Expression) -> Predicate:
        operand, values = operand_of(superset, self._schema), constant_of(subset)
        if operand is None or values is None or operand.extreme or operand.separator is not None:
            raise _refused(place)
        atoms: list[Predicate] = []
        for value in values:
            check_type(operand, value, place)
            spellings = _spellings(operand, (typed(operand, value),), place)
            test = OneOf(spellings, case_of(operand))
            atoms.append(Atom(operand.field, operand.view, test) if spellings else NEVER)
        return atoms[0] if len(atoms) == 1 else And(tuple(atoms))

    def _affix(self, function: str, text: Expression, part: str, place: Expression) -> Predicate:
        operand = operand_of(text, self._schema)
        if operand is None or not (operand.is_text and operand.is_plain):
            raise _refused(place)
        before, behind = _AFFIXES[function]
        parts = (Wildcard.MANY, part, Wildcard.MANY)[not before : 3 if behind else 2]
        return _scalar(operand, Glob(tuple(one for one in parts if one != "")))

    def _in_networks(
        self, address: Expression, networks: Iterable[Expression], place: Expression
    ) -> Predicate:
        operand = operand_of(address, self._schema)
        texts = [constant_of(network) for network in networks]
        if operand is None or operand.view is not View.IP or operand.is_text:
            raise _refused(place)
        if operand.extreme == "MV_MAX":
            raise _refused(place)
        known = tuple(str(one[0]) for one in texts if one is not None and len(one) == 1)
        if len(known) < len(texts):
            raise _refused(place)
        return _scalar(operand, Cidr(known))


def _bounded(
    operand: Operand, comparator: Comparator, value: Value, place: Expression
) -> Predicate:
    if operand.view is View.BOOLEAN or operand.is_lower or operand.separator is not None:
        raise _refused(place)
    if operand.extreme == "MV_FIRST":
        raise _refused(place)
    bound = Bound(value, comparator in (Comparator.LESS_OR_EQUAL, Comparator.GREATER_OR_EQUAL))
    upwards = comparator in (Comparator.GREATER, Comparator.GREATER_OR_EQUAL)
    test = Range(bound, None) if upwards else Range(None, bound)
    quantifier = quantifier_for(operand, upwards=upwards)
    return Atom(operand.field, operand.view, test, quantifier, Missing.UNKNOWN)


def _scalar(operand: Operand, test: Test) -> Predicate:
    """Return a test of exactly one value, or of the one that a function makes of several."""
    return Atom(
        operand.field,
        operand.view,
        test,
        operand.quantifier,
        Missing.UNKNOWN,
        operand.separator or "",
    )


def _spellings(operand: Operand, values: tuple[Value, ...], place: Expression) -> tuple[Value, ...]:
    """Return the texts of a field that equal one of these once they are read as the operand is."""
    if operand.is_encoded:
        return decoded_variants(values)
    return lower_variants(values, place) if operand.is_lower else values


def _never(operand: Operand) -> Predicate:
    """Return what is false of one value and unknown otherwise."""
    return Not(_scalar(operand, Exists()))


def _check_folds(parts: tuple[str | Wildcard, ...], place: Expression) -> None:
    """Refuse a pattern on TO_LOWER whose letters do not fold by A to Z alone."""
    for part in parts:
        if isinstance(part, str) and (not part.isascii() or "k" in part or part != part.lower()):
            raise Unsupported(
                f"pattern {part!r} on TO_LOWER",
                place.span,
                "letters other than a to z, and k, fold differently",
            )


def _refused(expression: Expression) -> Unsupported:
    return Unsupported(
        "a condition that is not on one field and constants",
        expression.span,
        "compare a field with a constant",
    )
