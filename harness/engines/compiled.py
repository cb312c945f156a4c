"""Predicates as generated Python functions, for streams of many documents.

`evaluate` of the interpreter is the meaning; a generated function answers only whether it is true.
Kleene's truth needs no third value for that: "is true" and "is false" of every node follow from the
same two of its operands, so that the whole function is plain boolean code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import assert_never, cast

from converter.ir import (
    And,
    AnyField,
    Atom,
    Constant,
    FieldComparison,
    IsTrue,
    Nested,
    Not,
    OneOf,
    Or,
    Predicate,
    Quantifier,
)
from harness.events.event import Document

from .compiled_atoms import add_condition, atom_expression
from .compiled_source import ExactFields, Fields, FieldValue, NestedFields, Source
from .predicate import evaluate

Selection = tuple[Document, FieldValue, FieldValue, str | None]
"""A matching document, two of its fields, and the texts of others, joined by a separator.

The text is None unless each of those others has exactly one value and that is text.
"""

_DEEPEST = 40
"""Deeper parts become functions of their own: Python limits the nesting of one expression."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Is the predicate's truth `wanted`, or, with `is_negated`, is it anything else."""

    predicate: Atom | AnyField | FieldComparison | Nested
    wanted: bool
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class _Every:
    """True when all parts are."""

    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Some:
    """True when a part is."""

    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Call:
    """Ask a function that was generated before."""

    function: Callable[[Document], object]


_Node = _Every | _Some | _Question | _Call


def compile_predicate(predicate: Predicate) -> Callable[[Document], bool]:
    """Return a function that says whether `evaluate(predicate, document) is True`.

    Documents must be decoded JSON, of the built-in types themselves. Raises Unsupported.
    """
    root = _reduced(_asked(predicate, True))
    # The generated text returns `False` or `True` only.
    return cast("Callable[[Document], bool]", _generate(root, "False", lambda _: "True"))


def compile_selection(
    predicate: Predicate, first: str, second: str, texts: Sequence[str], separator: str
) -> Callable[[Document], Selection | None]:
    """Return a function that gives a matching document with fields of it, None for others.

    It looks up each field once, for the predicate and for what it gives. Raises Unsupported.
    """

    def accept(fields: Fields) -> str:
        given = [fields.value(path) for path in (first, second)]
        joined = [fields.value(path) for path in texts]
        are_texts = " and ".join(f"{value}.__class__ is str" for value in joined)
        text = f" + {separator!r} + ".join(joined)
        return f"(document, {', '.join(given)}, {text} if {are_texts} else None)"

    root = _reduced(_asked(predicate, True))
    function = _generate(root, "None", accept, (first, second, *texts))
    # The generated text returns `None` or what `accept` writes only.
    return cast("Callable[[Document], Selection | None]", function)


def _asked(predicate: Predicate, wanted: bool) -> _Node:
    """Ask whether the truth is `wanted`, down to the leaves."""
    match predicate:
        case Constant(truth):
            return _Every(()) if truth is wanted else _Some(())
        case And(operands):
            parts = tuple(_asked(operand, wanted) for operand in operands)
            return _every(parts) if wanted else _some(parts)
        case Or(operands):
            parts = tuple(_asked(operand, wanted) for operand in operands)
            return _some(parts) if wanted else _every(parts)
        case Not(operand):
            return _asked(operand, not wanted)
        case IsTrue(operand):
            is_true = _asked(operand, True)
            return is_true if wanted else _complement(is_true)
        case Atom() | AnyField() | FieldComparison() | Nested():
            return _Question(predicate, wanted)
        case _:
            assert_never(predicate)


def _complement(node: _Node) -> _Node:
    match node:
        case _Every(parts):
            return _some(_complement(part) for part in parts)
        case _Some(parts):
            return _every(_complement(part) for part in parts)
        case _Question():
            return replace(node, is_negated=not node.is_negated)
        case _Call(function):
            return _Call(lambda document: not function(document))
        case _:
            assert_never(node)


def _every(parts: Iterable[_Node]) -> _Every:
    inner = (part.parts if isinstance(part, _Every) else (part,) for part in parts)
    return _Every(_merged([part for group in inner for part in group], is_some=False))


def _some(parts: Iterable[_Node]) -> _Some:
    inner = (part.parts if isinstance(part, _Some) else (part,) for part in parts)
    return _Some(_merged([part for group in inner for part in group], is_some=True))


def _merged(parts: Sequence[_Node], is_some: bool) -> tuple[_Node, ...]:
    """Make one test of several for values of the same field, as lists in rules become.

    "Some is true" and "every one is false" hold of several lists iff they hold of all their values.
    """
    merged: dict[object, _Node] = {}
    for number, part in enumerate(parts):
        key: object = number
        if isinstance(part, _Question) and (part.wanted is not part.is_negated) is is_some:
            key = _list_key(part) or number
        before = merged.get(key)
        merged[key] = part if before is None else _joined(before, part)
    return tuple(merged.values())


def _list_key(question: _Question) -> object:
    atom = question.predicate
    if not isinstance(atom, Atom) or not isinstance(atom.test, OneOf):
        return None
    if atom.quantifier is Quantifier.ALL:
        return None
    return replace(atom, test=OneOf((), atom.test.case)), question.wanted, question.is_negated


def _joined(before: _Node, part: _Node) -> _Node:
    match before, part:
        case (
            _Question(Atom(test=OneOf(values, case)) as atom),
            _Question(Atom(test=OneOf(more))),
        ):
            return replace(before, predicate=replace(atom, test=OneOf((*values, *more), case)))
        case _:
            raise TypeError("only lists are merged")


def _reduced(node: _Node, depth: int = 0) -> _Node:
    """Turn parts that are nested too deep into calls."""
    match node:
        case _Every(parts) | _Some(parts):
            if depth == _DEEPEST:
                return _Call(_generate(_reduced(node), "False", lambda _: "True"))
            inner = tuple(_reduced(part, depth + 1) for part in parts)
            return _Every(inner) if isinstance(node, _Every) else _Some(inner)
        case _Question() | _Call():
            return node
        case _:
            assert_never(node)


def _generate(
    root: _Node, reject: str, accept: Callable[[Fields], str], paths: Sequence[str] = ()
) -> Callable[[Document], object]:
    """Generate the function twice: for any document, and for those without dotted keys."""
    constants: dict[str, object] = {}
    general, nested = Source(constants), Source(constants)
    _write(root, reject, accept, ExactFields(general), general)
    known = sorted({*_fields(root), *paths})
    _write(root, reject, accept, NestedFields(nested, known, "general"), nested)
    text = general.function("general") + nested.function("nested")
    exec(compile(text, "<generated predicate>", "exec"), constants)  # noqa: S102 - see `Source`
    # Just defined by the text.
    return cast("Callable[[Document], object]", constants["nested"])


def _fields(node: _Node) -> Iterator[str]:
    match node:
        case _Every(parts) | _Some(parts):
            for part in parts:
                yield from _fields(part)
        case _Question(Atom(field)):
            yield field
        case _:
            return


def _write(
    root: _Node, reject: str, accept: Callable[[Fields], str], fields: Fields, source: Source
) -> None:
    """Write the body: leave at the first part that fails, look up fields where first needed."""
    leave = f"return {reject}"
    for part in root.parts if isinstance(root, _Every) else (root,):
        match part:
            case _Question(Atom() as atom, wanted, is_negated=False):
                add_condition(atom, wanted, leave, fields, source)
            case _:
                condition = _expression(part, fields, source)
                source.add(f"if not {condition}: {leave}")
    source.add(f"return {accept(fields)}")


def _expression(node: _Node, fields: Fields, source: Source) -> str:
    match node:
        case _Every(parts):
            inner = (_expression(part, fields, source) for part in parts)
            return f"({' and '.join(inner)})" if parts else "True"
        case _Some(parts):
            inner = (_expression(part, fields, source) for part in parts)
            return f"({' or '.join(inner)})" if parts else "False"
        case _Call(function):
            return f"{source.constant(function)}(document)"
        case _Question(predicate, wanted, is_negated):
            text = _question(predicate, wanted, fields, source)
            return f"(not {text})" if is_negated else text
        case _:
            assert_never(node)


def _question(
    predicate: Atom | AnyField | FieldComparison | Nested,
    wanted: bool,
    fields: Fields,
    source: Source,
) -> str:
    if isinstance(predicate, Atom):
        return atom_expression(predicate, wanted, fields, source)
    name = source.constant(lambda document: evaluate(predicate, document) is wanted)
    return f"{name}(document)"
