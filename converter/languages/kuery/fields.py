"""What a field name of a query means in a schema: where its values stand, and how they are indexed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from converter.diagnostic import Span
from converter.errors import Unsupported
from converter.ir import Case, FieldType, Schema
from converter.ir.located import READABLE_HINT

from . import ast

CONTAINERS = frozenset({FieldType.OBJECT, FieldType.NESTED})
_TEXT_LIKE = frozenset(
    {FieldType.KEYWORD, FieldType.WILDCARD, FieldType.CONSTANT_KEYWORD, FieldType.TEXT}
)
_MULTI_FIELDS = {
    "text": (FieldType.TEXT, Case.EXACT),
    "keyword": (FieldType.KEYWORD, Case.EXACT),
    "caseless": (FieldType.KEYWORD, Case.LOWER),
}
"""How Elastic's own mappings index a value once more, by the last part of the name (KUERY-32)."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field as one leaf of the query asks it."""

    name: str
    """As the query names it."""
    path: str
    """Where a document has its values."""
    type: FieldType
    is_known: bool
    """Whether the type comes from the schema or is assumed (KUERY-37)."""
    case: Case = Case.EXACT
    nested: str | None = None
    """Path of the innermost nested object that it is in."""
    is_key: bool = False
    """Whether it names a key inside a flattened field."""


def field_named(name: str, schema: Schema, span: Span) -> Field:
    """Look a name up; raises `Unsupported` for a sub-field of a field that has none."""
    nested = next(
        (above for above in _above(name) if schema.types.get(above) is FieldType.NESTED), None
    )
    if reason := schema.refusal_of(name):
        raise Unsupported(f"field {name}: {reason}", span, READABLE_HINT)
    if schema.knows(name):
        case = Case.LOWER if name in schema.lower_case else Case.EXACT
        path = schema.path_of(name)
        return Field(name, path, schema.type_of(name), is_known=True, case=case, nested=nested)
    parent = next((above for above in _above(name) if schema.knows(above)), None)
    match None if parent is None else schema.type_of(parent):
        case FieldType.FLATTENED:
            return Field(name, name, FieldType.FLATTENED, is_known=True, nested=nested, is_key=True)
        case None | FieldType.OBJECT | FieldType.NESTED:
            return Field(name, name, schema.type_of(name), is_known=False, nested=nested)
        case parent_type:
            suffix = name[len(parent or "") + 1 :]
            if parent_type in _TEXT_LIKE and suffix in _MULTI_FIELDS:
                field_type, case = _MULTI_FIELDS[suffix]
                return Field(name, parent or "", field_type, True, case, nested)
            raise Unsupported(
                f"sub-field {suffix} of the {parent_type.value} field {parent}",
                span,
                f"what it holds is not known; ask {parent}, or add {name} to the schema",
            )


def fields_fitting(pattern: ast.Pattern, schema: Schema, prefix: str = "") -> list[Field]:
    """Return the known fields behind `prefix` that a pattern fits; objects are no fields (KUERY-31)."""
    return [
        field_named(known, schema, pattern.span)
        for known, field_type in sorted(schema.types.items())
        if field_type not in CONTAINERS
        and known.startswith(prefix)
        and pattern.fits(known.removeprefix(prefix))
    ]


def _above(name: str) -> Iterator[str]:
    """Yield the names of the objects that a field is in, innermost first."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name
