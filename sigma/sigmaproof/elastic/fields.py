"""What a pipeline told about the fields of the log source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .refusal import refusal

ECS_TYPES = "sigmaproof_ecs_types"
SINGLE_VALUED = "sigmaproof_single_valued"
REFUSED_FIELDS = "sigmaproof_refused_fields"
INDEX = "sigmaproof_index"
DEFAULT_INDEX = "logs-*"


class Kind(Enum):
    """What the values of a field are, as far as a comparison minds."""

    UNKNOWN = "unknown"
    """Not in the type tables: compared as keyword, a number or boolean as what it is."""
    KEYWORD = "keyword"
    WILDCARD = "wildcard"
    TEXT = "text"
    WHOLE_NUMBER = "whole number"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ADDRESS = "ip address"
    DATE = "date"

    @property
    def is_numeric(self) -> bool:
        """Say whether the values are numbers."""
        return self in (Kind.WHOLE_NUMBER, Kind.NUMBER)


_FLATTENED = "flattened"
_NESTED = "nested"
_KINDS = {
    "boolean": Kind.BOOLEAN,
    "byte": Kind.WHOLE_NUMBER,
    "constant_keyword": Kind.WILDCARD,
    "date": Kind.DATE,
    "date_nanos": Kind.DATE,
    "double": Kind.NUMBER,
    _FLATTENED: Kind.WILDCARD,
    "float": Kind.NUMBER,
    "half_float": Kind.NUMBER,
    "integer": Kind.WHOLE_NUMBER,
    "ip": Kind.ADDRESS,
    "keyword": Kind.KEYWORD,
    "long": Kind.WHOLE_NUMBER,
    "match_only_text": Kind.TEXT,
    "scaled_float": Kind.NUMBER,
    "short": Kind.WHOLE_NUMBER,
    "text": Kind.TEXT,
    "unsigned_long": Kind.WHOLE_NUMBER,
    "wildcard": Kind.WILDCARD,
}
"""Kind by field type of Elasticsearch; a type that is not listed is refused."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field as a rule names it after the pipeline."""

    name: str
    kind: Kind
    type_name: str
    """Type in Elasticsearch; empty where it is unknown."""
    is_single: bool
    """Whether it never holds an array."""
    nested: str = ""
    """Path of the innermost nested object that it is in; empty where it is in none."""
    is_key: bool = False
    """Whether it is a key of a flattened field."""


def field_of(name: str, state: Mapping[str, object]) -> Field:
    """Look a field up in a pipeline's state."""
    refused = state.get(REFUSED_FIELDS)
    if isinstance(refused, Mapping) and name in refused:
        raise refusal(f"field {name}: {refused[name]}", "compare another field")
    types = state.get(ECS_TYPES)
    known: Mapping[str, str] = types if isinstance(types, Mapping) else {}
    type_name = _type_of(name, known)
    single = state.get(SINGLE_VALUED)
    is_single = isinstance(single, frozenset | set) and name in single
    nested = _nested_above(name, known)
    if type_name is None:
        _refuse_object(name, known)
        _refuse_multi_field(name, known)
        return Field(name, Kind.UNKNOWN, "", is_single, nested)
    kind = _KINDS.get(str(type_name))
    if kind is None:
        raise refusal(
            f"field {name} has the type {type_name}, whose values cannot be compared",
            "name one of the fields inside it",
        )
    is_key = name not in known
    return Field(name, kind, str(type_name), is_single, nested, is_key)


def _type_of(name: str, types: Mapping[str, str]) -> str | None:
    """Return the type of a field; a key of a flattened field has that of the field."""
    if name in types:
        return types[name]
    is_key = any(types.get(parent) == _FLATTENED for parent in _above(name))
    return _FLATTENED if is_key else None


def _nested_above(name: str, types: Mapping[str, str]) -> str:
    """Return the path of the innermost nested object above a field."""
    return next((parent for parent in _above(name) if types.get(parent) == _NESTED), "")


def _above(name: str) -> list[str]:
    """Return the names of the objects that a field is in, the innermost first."""
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]


def _refuse_object(name: str, types: Mapping[str, str]) -> None:
    """Refuse a name that is in no table, but is an object of fields that are."""
    below = next((other for other in types if other.startswith(f"{name}.")), None)
    if below is not None:
        raise refusal(
            f"field {name} is an object, of {below} for one, and has no values of its own",
            "name one of the fields inside it",
        )


def _refuse_multi_field(name: str, types: Mapping[str, str]) -> None:
    """Refuse what can only be a multi-field: rules and events have its values under its parent."""
    for parent in _above(name):
        if types.get(parent) in _KINDS:
            raise refusal(
                f"field {name} is a multi-field, which indexes the values of {parent} once more",
                f"name {parent}, or declare {name} by a schema",
            )


def refuse_pattern_on_key(field: Field) -> None:
    """Refuse a wildcard or regular expression on a key of a flattened field, as Elasticsearch does (KUERY-29)."""
    if field.is_key:
        raise refusal(
            f"field {field.name}: a pattern that is no prefix, a regular expression or a comparison"
            " without regard to case on a key of a flattened field, where Elasticsearch refuses it",
            "compare it with cased strings or |cased|startswith",
        )


def index_patterns(state: Mapping[str, object]) -> tuple[str, ...]:
    """Return the index patterns of the log source."""
    index = state.get(INDEX, DEFAULT_INDEX)
    patterns = index.split(",") if isinstance(index, str) else index
    if not isinstance(patterns, list | tuple):
        raise refusal(f"the pipeline's {INDEX} is {index!r}", "set it to index patterns")
    return tuple(str(pattern).strip() for pattern in patterns)
