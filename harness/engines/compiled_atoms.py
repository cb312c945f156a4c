"""Expressions that decide one atom on a looked-up field.

Only what is cheap on one plain value is written out; everything else, such as no value, several
values and rare views, is asked of the interpreter, so that it alone defines the meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from converter.ir import (
    Atom,
    Case,
    Exists,
    Glob,
    Missing,
    OneOf,
    Quantifier,
    Range,
    Regex,
    Test,
    Value,
    View,
    Wildcard,
)
from converter.ir.values import fold

from .compiled_source import Fields, FieldValue, Source
from .predicate import evaluate, glob
from .regex import compiled

_TEXT_VIEWS = (View.TEXT, View.KEYWORD, View.RAW)
_NUMBER_VIEWS = (View.NUMBER, View.COERCED_NUMBER, View.RAW)
_BOOLEAN_VIEWS = (View.BOOLEAN, View.LENIENT_BOOLEAN, View.RAW)


@dataclass(frozen=True, slots=True)
class _Quick:
    """Expressions that decide the test for the values that satisfy `guard`."""

    guard: str
    holds: str
    fails: str
    is_total: bool = False
    """For other values `holds` is false and nothing is raised."""


def add_condition(atom: Atom, wanted: bool, leave: str, fields: Fields, source: Source) -> None:
    """Add lines that leave the function unless the atom's truth is `wanted`.

    What the value nearly always is, one text or one boolean, is decided before anything else is asked.
    """
    value, settling = fields.unsettled(atom.field)
    answer = _boolean_answer(atom)
    text = _quick(atom, value, fields, source) if answer is None and settling else None
    indent = "    "
    if settling and answer is not None:
        source.add(f"if {value} is not {answer is wanted}:")
    elif text is not None and text.guard == _is_text(value):
        source.add(f"if {text.guard}:", f"    if {text.fails if wanted else text.holds}: {leave}")
        source.add("else:")
    else:
        indent = ""
    source.add(*(indent + line for line in settling))
    source.add(f"{indent}if not {atom_expression(atom, wanted, fields, source)}: {leave}")


def atom_expression(atom: Atom, wanted: bool, fields: Fields, source: Source) -> str:
    """Return an expression that is true iff the atom's truth is `wanted`."""
    value = fields.value(atom.field)
    if _is_presence(atom):
        return f"({value} is {'not ' if wanted else ''}None)"
    otherwise = f"{source.constant(decision(atom, wanted))}({value})"
    if atom.quantifier is Quantifier.JOINED:
        return otherwise
    answer = _boolean_answer(atom)
    if answer is not None:
        right = answer is wanted
        return f"({value} is {right} or {value} is not {not right} and {otherwise})"
    quick = _quick(atom, value, fields, source)
    if quick is None:
        return otherwise
    if not quick.is_total:
        return f"({quick.holds if wanted else quick.fails} if {quick.guard} else {otherwise})"
    if wanted:
        return f"({quick.holds} or not {quick.guard} and {otherwise})"
    return f"({quick.fails} and ({quick.guard} or {otherwise}))"


def decision(atom: Atom, wanted: bool) -> Callable[[FieldValue], bool]:
    """Return the interpreter's answer for a field's value: is the atom's truth `wanted`."""
    probe = replace(atom, field="value")
    when_missing = evaluate(probe, {}) is wanted

    def decide(value: FieldValue) -> bool:
        if value is None:
            return when_missing
        node = list(value) if isinstance(value, tuple) else value
        return evaluate(probe, {"value": node}) is wanted

    return decide


def _is_presence(atom: Atom) -> bool:
    return (
        atom.test == Exists()
        and atom.missing is Missing.FALSE
        and atom.quantifier is not Quantifier.SINGLE
    )


def _boolean_answer(atom: Atom) -> bool | None:
    """Return the one boolean that satisfies the atom, if it is a test for one boolean."""
    if atom.view in _BOOLEAN_VIEWS and isinstance(atom.test, OneOf):
        answers = {value for value in atom.test.values if isinstance(value, bool)}
        if len(answers) == 1:
            return answers.pop()
    return None


def _quick(atom: Atom, value: str, fields: Fields, source: Source) -> _Quick | None:
    if atom.view in _TEXT_VIEWS and (quick := _quick_text(atom, value, fields, source)):
        return quick
    if atom.view in _NUMBER_VIEWS:
        return _quick_number(atom.test, value, source)
    return None


def _quick_text(atom: Atom, value: str, fields: Fields, source: Source) -> _Quick | None:
    is_text = _is_text(value)
    match atom.test:
        case OneOf(values, case):
            texts = frozenset(fold(text, case) for text in values if isinstance(text, str))
            if not texts:
                return None
            local, guard = _folded(atom.field, case, fields)
            if len(texts) == 1:
                (text,) = texts
                return _Quick(guard, f"{local} == {text!r}", f"{local} != {text!r}", is_total=True)
            name = source.constant(texts)
            return _Quick(guard, f"{local} in {name}", f"{local} not in {name}", is_total=True)
        case Glob(parts, case) if test := _affix_test(parts, case):
            local, guard = _folded(atom.field, case, fields)
            return _Quick(guard, test.format(local), f"not {test.format(local)}")
        case Glob(parts, case):
            test = f"{source.constant(glob(parts, case))}({value})"
            return _Quick(is_text, test, f"not {test}")
        case Regex(pattern, dialect, flags, case):
            search = source.constant(compiled(pattern, dialect, flags, case).search)
            return _Quick(is_text, f"{search}({value}) is not None", f"{search}({value}) is None")
        case _:
            return None


def _is_text(value: str) -> str:
    return f"{value}.__class__ is str"


def _folded(field: str, case: Case, fields: Fields) -> tuple[str, str]:
    """Return the local variable of a field's folded text, and the test that it holds one text."""
    if case is Case.EXACT:
        value = fields.value(field)
        return value, _is_text(value)
    local = fields.folded(field, case)
    return local, f"{local} is not None"


def _affix_test(parts: Sequence[str | Wildcard], case: Case) -> str | None:
    """Return the test of one text with `*` before it, behind it or both; `{}` is the value."""
    match parts:
        case (Wildcard.MANY, str(text), Wildcard.MANY):
            method = "__contains__"
        case (Wildcard.MANY, str(text)):
            method = "endswith"
        case (str(text), Wildcard.MANY):
            method = "startswith"
        case _:
            return None
    literal = repr(fold(text, case)).replace("{", "{{").replace("}", "}}")
    return f"({literal} in {{}})" if method == "__contains__" else f"{{}}.{method}({literal})"


def _quick_number(test: Test, value: str, source: Source) -> _Quick | None:
    is_number = f"{value}.__class__ is int"
    match test:
        case OneOf(values):
            numbers = frozenset(number for number in values if _is_number(number))
            if not numbers:
                return None
            name = source.constant(numbers)
            return _Quick(is_number, f"{value} in {name}", f"{value} not in {name}")
        case Range(lower, upper) if lower or upper:
            if not all(_is_number(bound.value) for bound in (lower, upper) if bound):
                return None
            above = f"{lower.value!r} <{'=' * lower.inclusive} " if lower else ""
            below = f" <{'=' * upper.inclusive} {upper.value!r}" if upper else ""
            inside = f"{above}{value}{below}"
            return _Quick(is_number, inside, f"not {inside}")
        case _:
            return None


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
