"""What every rule type carries besides its detection, read from a rule file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from types import MappingProxyType

from .fields import Fields
from .rule import RuleHeader
from .source import RuleSource
from .threat import threat_tables, threats_of, with_references, without_empty_lists

SEVERITIES = ("low", "medium", "high", "critical")


def header_of(rule: Fields, metadata: Fields) -> RuleHeader:
    """Read the header; call it last, since it keeps in `extra` every key that nobody read."""
    threats = threats_of(rule.tables("threat"))
    written = with_references(threat_tables(threats))
    if without_empty_lists(rule.get("threat") or []) != written:
        rule.asked.discard("threat")  # something in it has no place in Threat, so it is kept whole
    return RuleHeader(
        path=rule.source.path,
        id=rule.text("rule_id"),
        name=rule.text("name"),
        description=rule.text("description"),
        severity=_severity(rule),
        risk_score=_risk_score(rule),
        license=rule.text("license", ""),
        author=rule.texts("author"),
        references=rule.texts("references"),
        false_positives=rule.texts("false_positives"),
        tags=rule.texts("tags"),
        threats=threats,
        investigation_fields=_investigation_fields(rule),
        creation_date=_date(metadata, "creation_date") or _day_of(rule, "created_at"),
        updated_date=_date(metadata, "updated_date") or _day_of(rule, "updated_at"),
        maturity=metadata.text("maturity", ""),
        max_signals=rule.integer("max_signals", 100),
        extra=MappingProxyType(_extra(rule.source, (rule, metadata))),
    )


def _severity(rule: Fields) -> str:
    severity = rule.text("severity")
    if severity not in SEVERITIES:
        rule.fail("severity", f'unknown severity "{severity}"', f"use {', '.join(SEVERITIES)}")
    return severity


def _risk_score(rule: Fields) -> int:
    score = rule.integer("risk_score")
    if not 0 <= score <= 100:
        rule.fail("risk_score", f"'risk_score' is {score}", "use a number from 0 to 100")
    return score


def _investigation_fields(rule: Fields) -> tuple[str, ...]:
    table = rule.table("investigation_fields")
    names = table.texts("field_names")
    if table.unasked():
        rule.asked.discard("investigation_fields")
    return names


def _date(metadata: Fields, key: str) -> str:
    """Read `YYYY/MM/DD` as `YYYY-MM-DD`."""
    text = metadata.text(key, "")
    day = text.replace("/", "-")
    if text and not _is_day(day):
        metadata.fail(key, f"'{key}' is \"{text}\"", "write it as YYYY/MM/DD")
    return day


def _day_of(rule: Fields, key: str) -> str:
    """Read the day of an instant that Kibana wrote; the key itself stays in `extra`."""
    value = rule.values.get(key)
    day = value[:10] if isinstance(value, str) else ""
    return day if _is_day(day) else ""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("YYYY-MM-DD")


def _extra(source: RuleSource, read: Iterable[Fields]) -> dict[str, object]:
    left = {fields.name: fields.unasked() for fields in read}
    tables = {name: left.get(name, dict(table)) for name, table in source.tables.items()}
    return {
        f"{name}.{key}": value
        for name, table in tables.items()
        for key, value in table.items()
        if value is not None
    }
