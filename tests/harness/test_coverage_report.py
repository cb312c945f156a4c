"""The coverage report: every rule counts once for each of its sources, and nothing is left without a reason."""

from __future__ import annotations

from io import StringIO

from converter.diagnostic import Diagnostic, Severity
from harness.report.coverage import write
from harness.verdict import (
    Agrees,
    Failed,
    LossResult,
    Report,
    RuleResult,
    Status,
    TargetResult,
    UnsupportedTarget,
    Verdict,
)

NO_COLUMN = Diagnostic("unsupported", Severity.ERROR, "field a has no column; field b has none")
LOSS = LossResult("user.name: bob", "the table has no user", "wider", 2, 0)


def _rule(
    title: str, verdict: Verdict, *sources: str, losses: tuple[LossResult, ...] = ()
) -> RuleResult:
    result = TargetResult("sentinel", verdict, 1, 1, losses=losses)
    return RuleResult(
        f"{title}.toml", "", title, "query", Status.LOSSLESS, (), (result,), sources=sources
    )


def _written() -> str:
    refused = RuleResult("x.toml", "", "Unread", "", Status.REFUSED, (NO_COLUMN,), ())
    rules = (
        _rule("Ported", Agrees(), "aws", "okta"),
        _rule("In part", Agrees(), "aws", losses=(LOSS,)),
        _rule("Not at all", UnsupportedTarget(NO_COLUMN), "aws"),
        _rule("Broken", Failed(NO_COLUMN)),
        _rule("Nor this", UnsupportedTarget(NO_COLUMN), "x"),
        refused,
    )
    stream = StringIO()
    write(Report(rules, ()), stream)
    return stream.getvalue()


def test_rules_are_counted_by_source_and_once_in_all() -> None:
    lines = _written().splitlines()
    assert "| aws | 3 | 1 (33%) | 1 | 1 | 0 |" in lines
    assert "| okta | 1 | 1 (100%) | 0 | 0 | 0 |" in lines
    assert "| other | 1 | 0 (0%) | 0 | 0 | 1 |" in lines
    assert "| other sources (1) | 1 | 0 (0%) | 0 | 1 | 0 |" in lines
    assert "| all | 5 | 1 (20%) | 1 | 2 | 1 |" in lines


def test_every_rule_that_is_not_ported_has_its_reason() -> None:
    lines = _written().splitlines()
    assert "| aws | In part | `user.name: bob` | wider | the table has no user |" in lines
    assert (
        "| field a has no column; field b has none | 2 | Not at all (aws)<br>Nor this (x) |"
        in lines
    )
    assert "| other | Broken | failed |" in lines
    assert "| field a has no column; field b has none | 1 | Unread |" in lines
