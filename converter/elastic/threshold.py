"""The section `threshold` of a rule file, which is the same in TOML and in Kibana's JSON."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import Fields
from .rule import Cardinality

MAXIMUM_GROUP_FIELDS = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """What a group of documents must reach."""

    fields: tuple[str, ...]
    value: int
    cardinality: Cardinality | None


def limits_of(rule: Fields) -> Limits:
    """Read the section; a key that is not known there is an error, since it would be lost."""
    if rule.get("threshold") is None:
        rule.fail("threshold", "no 'threshold' in a rule of type threshold", "add field and value")
    section = rule.table("threshold")
    limits = Limits(_group_fields(section), _at_least_one(section), _cardinality(section))
    _refuse_unknown(section)
    return limits


def _group_fields(section: Fields) -> tuple[str, ...]:
    """Read the group's fields; older exports have one text, empty for none, in place of a list."""
    single = section.get("field")
    if isinstance(single, str):
        return (single,) if single else ()
    fields = section.texts("field")
    if len(fields) > MAXIMUM_GROUP_FIELDS:
        what = f"{len(fields)} threshold fields"
        section.fail("field", what, f"give at most {MAXIMUM_GROUP_FIELDS} fields")
    if "" in fields:
        section.fail("field", "a threshold field has no name", "write its name or remove it")
    if len(set(fields)) < len(fields):
        section.fail("field", "a threshold field is listed twice", "list each field once")
    return fields


def _cardinality(section: Fields) -> Cardinality | None:
    entries = section.tables("cardinality")
    if len(entries) > 1:
        what = f"{len(entries)} entries of 'cardinality', of which Elastic reads the first only"
        section.fail("cardinality", what, "keep one")
    for entry in entries:
        field = entry.text("field")
        if not field:
            entry.fail("field", "the field of 'cardinality' has no name", "write its name")
        found = Cardinality(field, _at_least_one(entry))
        _refuse_unknown(entry)
        return found
    return None


def _at_least_one(section: Fields) -> int:
    value = section.integer("value")
    if value < 1:
        section.fail("value", f"'value' must be at least 1; found {value}", "write 1 or more")
    return value


def _refuse_unknown(section: Fields) -> None:
    for key in section.unasked():
        where = section.name.removeprefix("rule.")
        section.fail(key, f"'{key}' is no key of {where}", "remove it")
