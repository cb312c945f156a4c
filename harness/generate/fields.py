"""Fields of an event in the making: full names to JSON values, turned into a document at the end.

Every part of this package works on such flat mappings; only `document_of` knows how documents nest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from converter.ir import FieldType, Schema, Value

Fields = Mapping[str, object]
"""Full field name to the JSON value there: scalar, array, None; a field that is not listed is absent."""


class Absent(Enum):
    """Stands for a field that the event does not have."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

_ONE_VALUE = frozenset({FieldType.CONSTANT_KEYWORD})
_TEXTS = frozenset({FieldType.KEYWORD, FieldType.WILDCARD, FieldType.TEXT, FieldType.FLATTENED})
_NEVER_VALUES = frozenset({FieldType.OBJECT, FieldType.NESTED})


def with_field(fields: Fields, name: str, raw: object) -> dict[str, object]:
    """Return the fields with another value; without the field where that is ABSENT."""
    changed = {key: value for key, value in fields.items() if key != name}
    if raw is not ABSENT:
        changed[name] = raw
    return changed


def can_hold_several(field: str, schema: Schema) -> bool:
    """Say whether the field may hold an array in this log source."""
    return field not in schema.single_valued and schema.type_of(field) not in _ONE_VALUE


def holds_text(field: str, schema: Schema) -> bool:
    """Say whether any text can be indexed in the field."""
    return schema.type_of(field) in _TEXTS


def holds_values(field: str, schema: Schema) -> bool:
    """Say whether the field has values at all, and not only fields below it."""
    return schema.type_of(field) not in _NEVER_VALUES


def unique(items: Iterable[object]) -> list[object]:
    """Return the items without repetitions, told apart by type as well; ABSENT and arrays included."""
    found: dict[str, object] = {}
    for item in items:
        found.setdefault(repr(item), item)
    return list(found.values())


def scalars(items: Iterable[object]) -> list[Value]:
    """Return those items that are one value."""
    return [item for item in items if isinstance(item, str | bool | int | float)]


def document_of(fields: Fields) -> dict[str, object]:
    """Nest fields into objects; names that are values and prefixes at once keep their dots."""
    document: dict[str, object] = {}
    for name in sorted(fields):
        if _is_crossed(name, fields):
            document[name] = fields[name]
        else:
            _place(document, name.split("."), fields[name])
    return document


def _is_crossed(name: str, fields: Fields) -> bool:
    """Say whether the field is a prefix of another one, or the other way round."""
    steps = name.split(".")
    below = any(other.startswith(name + ".") for other in fields)
    return below or any(".".join(steps[:end]) in fields for end in range(1, len(steps)))


def _place(document: dict[str, object], steps: list[str], raw: object) -> None:
    node = document
    for step in steps[:-1]:
        inner = node.setdefault(step, {})
        assert isinstance(inner, dict)
        node = inner
    node[steps[-1]] = raw
