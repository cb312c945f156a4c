"""The JSON report: one object, version 1, documented in docs/report.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TextIO

import orjson

from converter.diagnostic import Diagnostic
from harness.verdict import (
    WORDS,
    Approximate,
    Counterexample,
    Differs,
    Failed,
    Invalid,
    Report,
    RuleResult,
    Status,
    TargetResult,
    UnsupportedTarget,
    Verdict,
    word,
)


def write(report: Report, stream: TextIO) -> None:
    """Write the report as indented JSON with a stable order of keys."""
    document = {
        "version": 1,
        "rules": [_rule(rule) for rule in report.rules],
        "summary": _summary(report),
    }
    stream.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")


def _summary(report: Report) -> Mapping[str, int]:
    counts: dict[str, int] = {"rules": len(report.rules), "equivalent": 0}
    for verdict, name in WORDS.items():
        counts[name] = report.count(verdict)
    return counts


def _rule(rule: RuleResult) -> Mapping[str, object]:
    return {
        "path": rule.path,
        "id": rule.id,
        "title": rule.title,
        "type": rule.type,
        "events_made": rule.events_made,
        "conversion": {
            "status": rule.status.value,
            "diagnostics": [_diagnostic(diagnostic) for diagnostic in rule.diagnostics],
        },
        "targets": [_target(target) for target in rule.targets],
    }


def _target(result: TargetResult) -> Mapping[str, object]:
    reason = _reason(result.verdict)
    diagnostics = (*((reason,) if reason else ()), *result.diagnostics)
    return {
        "target": result.target,
        "verdict": word(result.verdict),
        "conversion": _conversion(result),
        "base_rule_only": result.is_base_only,
        "events": result.events,
        "not_representable": result.not_representable,
        "alerts": result.alerts,
        "runs": {"executed": result.runs, "total": result.total_runs},
        **_counts(result.verdict),
        "counterexample": _counterexample(result.verdict),
        "diagnostics": [_diagnostic(diagnostic) for diagnostic in diagnostics],
    }


def _conversion(result: TargetResult) -> Mapping[str, object] | None:
    """Say what is left out or chosen; None where the text is one for the whole rule."""
    if not result.is_partial:
        return None
    return {
        "status": Status.PARTIAL.value,
        "dropped": [
            {
                "clause": loss.text,
                "reason": loss.reason,
                "effect": loss.effect,
                "gained": loss.gained,
                "lost": loss.lost,
            }
            for loss in result.losses
        ],
        "choices": list(result.choices),
    }


def _reason(verdict: Verdict) -> Diagnostic | None:
    match verdict:
        case Invalid(reason) | UnsupportedTarget(reason) | Failed(reason):
            return reason
        case _:
            return None


def _counts(verdict: Verdict) -> Mapping[str, int]:
    match verdict:
        case Approximate(missed, extra):
            return {"missed": missed, "extra": extra}
        case _:
            return {}


def _counterexample(verdict: Verdict) -> Mapping[str, object] | None:
    match verdict:
        case Differs(counterexample):
            return _example(counterexample)
        case _:
            return None


def _example(example: Counterexample) -> Mapping[str, object]:
    return {
        "event": {"id": example.event_id, "document": example.document},
        "minimal": example.is_minimal,
        "run_end": _time(example.run_end),
        "term": list(example.term),
        "sigma_alerts": example.reference_alerts,
        "target_alerts": not example.reference_alerts,
        "missed": example.missed,
        "extra": example.extra,
        "companions": [
            {"id": event_id, "document": document} for event_id, document in example.companions
        ],
        "findings": [
            {"condition": finding.condition, "sigma": finding.reference, "target": finding.target}
            for finding in example.findings
        ],
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _diagnostic(diagnostic: Diagnostic) -> Mapping[str, object]:
    document: dict[str, object] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
    }
    if diagnostic.hint:
        document["hint"] = diagnostic.hint
    if diagnostic.span:
        document["line"] = diagnostic.span.line
        document["column"] = diagnostic.span.column
    return document
