"""What is known about the fields of a log source or table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from .predicate import View


class FieldType(Enum):
    """Field types of an Elasticsearch mapping."""

    KEYWORD = "keyword"
    WILDCARD = "wildcard"
    CONSTANT_KEYWORD = "constant_keyword"
    TEXT = "text"
    LONG = "long"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    IP = "ip"
    DATE = "date"
    FLATTENED = "flattened"
    NESTED = "nested"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Schema:
    """Types by field name. A field that is not listed is assumed keyword, and single or multiple."""

    types: Mapping[str, FieldType]
    single_valued: frozenset[str] = frozenset()
    """Fields that never hold an array in this source."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Multi-field or alias to the field of the events that holds its values."""
    lower_case: frozenset[str] = frozenset()
    """Keyword fields that Elasticsearch compares in lower case, values and queries alike."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Field to why no condition on it, or on what is inside it, can be read."""

    def type_of(self, field: str) -> FieldType:
        """Return the field's type; keyword where the field is unknown."""
        return self.types.get(field, FieldType.KEYWORD)

    def knows(self, field: str) -> bool:
        """Say whether the type is known, not assumed."""
        return field in self.types

    def of_type(self, kind: FieldType) -> frozenset[str]:
        """Return the known fields of a type."""
        return frozenset(name for name, found in self.types.items() if found is kind)

    def path_of(self, field: str) -> str:
        """Return the field of the events that holds the values of a field."""
        return self.values.get(field, field)

    def refusal_of(self, field: str) -> str:
        """Return why no condition on the field can be read; empty where one can."""
        if not self.unreadable:
            return ""
        parts = field.split(".")
        above = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((self.unreadable[name] for name in above if name in self.unreadable), "")

    def term_view(self, field: str) -> View:
        """Return how a term reads the field: a known keyword field holds numbers as text."""
        is_text = self.knows(field) and self.type_of(field) in (
            FieldType.KEYWORD,
            FieldType.WILDCARD,
            FieldType.CONSTANT_KEYWORD,
        )
        return View.KEYWORD if is_text else View.RAW

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Return the known fields whose full name fits a pattern with `*`, sorted."""
        expression = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
        return tuple(sorted(name for name in self.types if expression.fullmatch(name)))
