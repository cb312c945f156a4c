"""New terms in Sigma: the correlation type, its two spellings and what they mean.

`docs/new-terms.md` specifies the extension. One rule holds this together: the fields of a term and the
history are the correlation's own `group-by` and `timespan`, so that pipelines map them as ever; only
what Sigma has no key for (look-back, interval, time field) is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Any, Self, TypeVar

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationTimespan,
    SigmaCorrelationType,
    SigmaRuleReference,
)
from sigma.exceptions import SigmaError, SigmaRuleLocation
from sigma.rule import EnumLowercaseStringMixin

from .errors import NewTermsError
from .new_terms_section import (
    DEFAULT_INTERVAL,
    DEFAULT_LOOKBACK,
    DEFAULT_TIMESTAMP,
    OWN_KEYS,
    OwnValues,
    duration,
    duration_text,
    read_boolean,
    read_fields,
    read_history,
    read_own_values,
    read_rules,
    refuse_short_history,
    refuse_unknown_keys,
    refuse_wrong_number,
)

ATTRIBUTE = "sigmaproof"
"""Custom attribute of the portable spelling; its `new_terms` holds our keys."""

T = TypeVar("T")


class ExtensionCorrelationType(EnumLowercaseStringMixin, Enum):
    """Correlation types that the Sigma specification does not have.

    They are no members of pySigma's enumeration, so that a backend that does not know them raises.
    """

    NEW_TERMS = auto()


@dataclass(frozen=True, slots=True)
class NewTermsSpec:
    """What a new-terms correlation asks for."""

    fields: tuple[str, ...]
    """The term: one to three field names, as they stand after the pipeline."""
    history: timedelta
    """A run at `end` reads the base events of [end - history, end]."""
    lookback: timedelta = DEFAULT_LOOKBACK
    """A term is new when its first base event is strictly later than end - lookback."""
    interval: timedelta = DEFAULT_INTERVAL
    """Time between the ends of two runs."""
    timestamp: str = DEFAULT_TIMESTAMP
    """Event field that holds the primary time; pipelines do not map it."""
    timestamp_fallback: bool = True
    """Whether an event without the primary time is judged by `@timestamp`."""


@dataclass
class SigmaNewTermsRule(SigmaCorrelationRule):
    """A correlation of the extension's type `new_terms`."""

    # The type is ignored below because an enumeration with members cannot be extended.
    type: ExtensionCorrelationType = ExtensionCorrelationType.NEW_TERMS  # type: ignore[assignment]
    lookback: timedelta = DEFAULT_LOOKBACK
    interval: timedelta = DEFAULT_INTERVAL
    timestamp: str = DEFAULT_TIMESTAMP
    timestamp_fallback: bool = True

    @classmethod
    def from_dict(
        cls,
        rule: dict[str, Any],
        collect_errors: bool = False,
        source: SigmaRuleLocation | None = None,
    ) -> Self:
        """Build the rule from a document of type `new_terms`."""
        # Asked of the parent class, which keeps document keys named like our fields.
        common, errors = SigmaCorrelationRule.from_dict_common_params(rule, collect_errors, source)
        no_names: list[str] = []
        section = _section(rule.get("correlation"), errors)
        _check(lambda: _refuse_both_spellings(rule), None, errors)
        _check(lambda: refuse_unknown_keys(section), None, errors)
        rules = _check(lambda: read_rules(section), no_names, errors)
        fields = _check(lambda: read_fields(section), no_names, errors)
        history = _check(lambda: read_history(section), SigmaCorrelationTimespan("14d"), errors)
        generate = _check(lambda: read_boolean(section, "generate", False), False, errors)
        own = _check(lambda: read_own_values(section), OwnValues(), errors)
        _check(lambda: refuse_short_history(history, own), None, errors)
        for error in errors:
            error.source = error.source or source
        if errors and not collect_errors:
            raise errors[0]
        return cls(
            rules=[SigmaRuleReference(name) for name in rules],
            group_by=fields,
            timespan=history,
            generate=generate,
            lookback=own.lookback,
            interval=own.interval,
            timestamp=own.timestamp,
            timestamp_fallback=own.timestamp_fallback,
            errors=errors,
            **common,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the document, with every duration written out."""
        document = super().to_dict()
        if self.license is not None:  # pySigma forgets it
            document["license"] = self.license
        correlation: dict[str, object] = {
            "type": str(self.type),
            "rules": [reference.reference for reference in self.rules or []],
            "group-by": list(self.group_by or []),
            "timespan": self.timespan.spec,
            "lookback": duration_text(self.lookback),
            "interval": duration_text(self.interval),
        }
        if self.timestamp != DEFAULT_TIMESTAMP:
            correlation["timestamp"] = self.timestamp
        if not self.timestamp_fallback:
            correlation["timestamp-fallback"] = False
        if self.generate:
            correlation["generate"] = True
        document["correlation"] = correlation
        return document


def new_terms_of(rule: SigmaCorrelationRule) -> NewTermsSpec | None:
    """Return what a correlation asks for in either spelling; None for any other correlation.

    Raises `NewTermsError` when the portable section contradicts the correlation around it, or when a
    pipeline did not map the fields of the term one to one.
    """
    if isinstance(rule, SigmaNewTermsRule):
        own = OwnValues(rule.lookback, rule.interval, rule.timestamp, rule.timestamp_fallback)
    elif (section := portable_section(rule)) is not None:
        own = read_own_values(section)
        duration(rule.timespan.spec, "timespan")  # pySigma also has months and years
        refuse_short_history(rule.timespan, own)
    else:
        return None
    fields = tuple(rule.group_by or ())
    refuse_wrong_number(fields)
    refuse_lossy_mapping(rule, fields)
    return NewTermsSpec(
        fields,
        timedelta(seconds=rule.timespan.seconds),
        own.lookback,
        own.interval,
        own.timestamp,
        own.timestamp_fallback,
    )


def portable_section(rule: SigmaCorrelationRule) -> Mapping[str, object] | None:
    """Return our section of a portable correlation; None where there is none."""
    if not _has_portable_section(rule.custom_attributes):
        return None
    section = rule.custom_attributes[ATTRIBUTE]["new_terms"]
    if section is None:
        section = {}
    if not isinstance(section, Mapping):
        raise NewTermsError(
            f"{ATTRIBUTE}.new_terms is no mapping", "write `new_terms: {}` or keys below it"
        )
    if not _is_event_count_of_one(rule):
        raise NewTermsError(
            f"{ATTRIBUTE}.new_terms stands in a correlation that is not its portable spelling",
            "write `type: event_count` and `condition: {eq: 1}` without aliases, or remove the section",
        )
    if unknown := [str(key) for key in section if key not in OWN_KEYS]:
        raise NewTermsError(
            f"{ATTRIBUTE}.new_terms does not know {unknown[0]!r}",
            f"use only {', '.join(OWN_KEYS)}",
        )
    return section


def _has_portable_section(document: Mapping[str, object]) -> bool:
    attribute = document.get(ATTRIBUTE)
    return isinstance(attribute, Mapping) and "new_terms" in attribute


def _refuse_both_spellings(document: Mapping[str, object]) -> None:
    if _has_portable_section(document):
        raise NewTermsError(
            f"{ATTRIBUTE}.new_terms stands in a correlation of type new_terms",
            "keep one of the two spellings",
        )


def _is_event_count_of_one(rule: SigmaCorrelationRule) -> bool:
    condition = rule.condition
    return (
        rule.type is SigmaCorrelationType.EVENT_COUNT
        and isinstance(condition, SigmaCorrelationCondition)
        and condition.op is SigmaCorrelationConditionOperator.EQ
        and condition.count == 1
        and condition.fieldref is None
        and len(rule.aliases) == 0
    )


def _check(read: Callable[[], T], default: T, errors: list[SigmaError]) -> T:
    """Return what `read` returns; on an error note it and return the default."""
    try:
        return read()
    except SigmaError as error:
        errors.append(error)
        return default


def _section(correlation: object, errors: list[SigmaError]) -> Mapping[str, object]:
    if isinstance(correlation, Mapping):
        return correlation
    errors.append(NewTermsError("correlation is no mapping", "write its keys below it"))
    return {}


def refuse_lossy_mapping(rule: SigmaCorrelationRule, fields: tuple[str, ...]) -> None:
    """Refuse a mapping that changed how many values a term has.

    pySigma keeps the document's own `correlation` among the custom attributes; a rule that was not
    built from a document cannot be checked against it.
    """
    if len(set(fields)) < len(fields):
        raise NewTermsError(
            f"two fields of the term are mapped to one: {', '.join(fields)}",
            "map each field of the term to a field of its own",
            "group-by",
        )
    written = rule.custom_attributes.get("correlation")
    names = written.get("group-by") if isinstance(written, Mapping) else None
    if isinstance(names, str):
        names = [names]
    if isinstance(names, list) and len(names) != len(fields):
        raise NewTermsError(
            f"{len(names)} fields of the term became {len(fields)}: {', '.join(fields)}",
            "map each field of the term to exactly one field",
            "group-by",
        )
