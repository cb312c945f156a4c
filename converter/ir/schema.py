"""What is known about the fields of a log source or table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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

    def type_of(self, field: str) -> FieldType:
        """Return the field's type; keyword where the field is unknown."""
        return self.types.get(field, FieldType.KEYWORD)

    def knows(self, field: str) -> bool:
        """Say whether the type is known, not assumed."""
        return field in self.types

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
