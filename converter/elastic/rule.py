"""Elastic rules as frozen classes, whatever file they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from converter.ir import Schedule

Language = Literal["kuery", "lucene"]


@dataclass(frozen=True, slots=True)
class Technique:
    """One ATT&CK technique with its sub-techniques, as ids and names."""

    id: str
    name: str
    subtechniques: tuple[Technique, ...] = ()


@dataclass(frozen=True, slots=True)
class Threat:
    """One tactic and its techniques."""

    framework: str
    tactic_id: str
    tactic_name: str
    techniques: tuple[Technique, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleHeader:
    """What every rule type carries besides its detection."""

    path: str
    """The file as the user named it."""
    id: str
    name: str
    description: str
    severity: str
    risk_score: int
    license: str = ""
    author: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    threats: tuple[Threat, ...] = ()
    investigation_fields: tuple[str, ...] = ()
    creation_date: str = ""
    """YYYY-MM-DD, empty when the file has none."""
    updated_date: str = ""
    maturity: str = ""
    max_signals: int = 100
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """Every other key of the file, by dotted name (`rule.note`, `metadata.integration`), unchanged."""


@dataclass(frozen=True, slots=True)
class QueryRule:
    """An alert for each matching document."""

    header: RuleHeader
    index: tuple[str, ...]
    language: Language
    query: str
    query_line: int
    """Line of the file on which the query text starts."""
    schedule: Schedule
    query_keeps_lines: bool = False
    """Line breaks of the query are line breaks of the file; JSON escapes them."""


@dataclass(frozen=True, slots=True)
class NewTermsRule:
    """An alert for each term that a document of the window is the first to have."""

    header: RuleHeader
    index: tuple[str, ...]
    language: Language
    query: str
    query_line: int
    schedule: Schedule
    fields: tuple[str, ...]
    """One to three field names."""
    history: timedelta
    """Length of the history: a run at `end` reads from `end - history`."""
    query_keeps_lines: bool = False
    """As in QueryRule."""


@dataclass(frozen=True, slots=True)
class Cardinality:
    """A least number of different values of a field."""

    field: str
    value: int


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """An alert for each group of the window's documents that is large enough."""

    header: RuleHeader
    index: tuple[str, ...]
    language: Language
    query: str
    query_line: int
    schedule: Schedule
    fields: tuple[str, ...]
    """What documents are grouped by: up to five field names; without any, all are one group."""
    value: int
    """Least number of documents, at least 1."""
    cardinality: Cardinality | None = None
    """What else must hold of a group."""
    query_keeps_lines: bool = False
    """As in QueryRule."""


ElasticRule = QueryRule | NewTermsRule | ThresholdRule


def file_line(rule: ElasticRule, query_line: int) -> int:
    """Return the line of the rule file for a one-based line of its query."""
    return rule.query_line + (query_line - 1 if rule.query_keeps_lines else 0)
