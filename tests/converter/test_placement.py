"""Rules on the platform of a target: which pack and which tables hold their events there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from converter.diagnostic import Severity
from converter.errors import InputError, Unsupported
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, RuleResult
from sigma.sigmaproof.mapping_reader import pack_from_text

PACK = Path(__file__).parents[1] / "data" / "two_choices.mapping.yml"


def _rule(
    fields: dict[str, str], tables: tuple[str, ...] = (), extra: str = "service: mail"
) -> PortableRule:
    pack = pack_from_text(PACK.read_text(encoding="utf-8"), PACK.name)
    tests = ", ".join(f"{name}: {value}" for name, value in fields.items())
    text = f"""
title: A rule
logsource: {{product: acme, {extra}}}
detection:
  a: {{{tests}}}
  condition: a
"""
    (rule,) = read_rules(text, "rule.yml", ImportOptions(packs=(pack,), tables=tables))
    return rule


@dataclass(frozen=True)
class Choice:
    """Fields of a rule and what the user wants, and the tables that it is written for."""

    target: str
    fields: dict[str, str]
    table: str
    wanted: tuple[str, ...] = ()
    others: str = ""


CHOICES = {
    "the first set of tables": Choice(
        "sentinel", {"user": "bob"}, "AcmeShort_CL", others="--tables AcmeLong_CL"
    ),
    "the one that keeps every field": Choice(
        "sentinel", {"user": "bob", "detail": "x"}, "AcmeLong_CL"
    ),
    "the one that the user has": Choice(
        "sentinel", {"user": "bob"}, "AcmeLong_CL", ("AcmeLong_CL",)
    ),
    "that of the platform": Choice("xdr", {"user": "bob"}, "AcmeHunt"),
}


@pytest.mark.parametrize("case", CHOICES.values(), ids=CHOICES)
def test_a_rule_is_written_for_the_best_tables(case: Choice) -> None:
    target = target_named(case.target)
    rendered = render_placed(placed(_rule(case.fields, case.wanted), target), target)
    lines = [line for line in rendered.text.splitlines() if not line.startswith("//")]
    assert lines[0] == case.table
    notes = [one.message for one in rendered.diagnostics if one.code == "tables-chosen"]
    assert [case.others in note for note in notes] == ([True] if case.others else [])


@pytest.mark.parametrize("case", CHOICES.values(), ids=CHOICES)
def test_the_chosen_tables_detect_the_same(case: Choice) -> None:
    results = verify([_rule(case.fields, case.wanted)], [Claim(case.target)], (), Options())
    (result,) = (one for one in results if isinstance(one, RuleResult))
    assert result.targets[0].verdict == Agrees()


def test_a_field_that_no_table_of_the_platform_keeps_is_named() -> None:
    target = target_named("xdr")
    with pytest.raises(Unsupported, match="detail.*AcmeHunt has no column for it"):
        render_placed(placed(_rule({"detail": "x"}), target), target)


def test_tables_that_the_pack_does_not_know_are_refused() -> None:
    with pytest.raises(InputError, match="no set of tables of pack acme_mail holds Acme together"):
        placed(_rule({"user": "bob"}, ("Acme",)), target_named("sentinel"))


def test_fields_that_the_first_tables_lack_are_a_warning() -> None:
    target = target_named("sentinel")
    rendered = render_placed(placed(_rule({"detail": "x"}), target), target)
    (warning,) = (one for one in rendered.diagnostics if one.code == "tables-lack-fields")
    assert warning.severity is Severity.WARNING
    assert "AcmeShort_CL has no column for detail, so the rule is written for AcmeLong_CL" in (
        warning.message
    )


def test_the_warning_names_what_fills_the_tables() -> None:
    target = target_named("sentinel")
    rendered = render_placed(placed(_windows("service: security", "AccessList"), target), target)
    (warning,) = (one.message for one in rendered.diagnostics if one.code == "tables-lack-fields")
    assert "SecurityEvent has no column for AccessList" in warning
    assert "only the connector Windows Forwarded Events fills WindowsEvent" in warning
    assert "Windows Security Events via AMA fills SecurityEvent" in warning


def _windows(source: str, field: str, tables: tuple[str, ...] = ()) -> PortableRule:
    text = f"""
title: A rule
logsource: {{product: windows, {source}}}
detection: {{a: {{{field}: x}}, condition: a}}
"""
    (rule,) = read_rules(text, "rule.yml", ImportOptions(tables=tables))
    return rule


def _aks(tables: tuple[str, ...]) -> PortableRule:
    text = """
title: A rule
logsource: {product: azure, service: platformlogs}
detection: {a: {properties.log.objectRef.resource: nodes}, condition: a}
"""
    (rule,) = read_rules(text, "rule.yml", ImportOptions(tables=tables))
    return rule


SECURITY = ("SecurityEvent",)
NOT_IN_WANTED = {
    "a column that the table lacks": (
        _windows("service: security", "AccessList", SECURITY),
        "AccessList.*SecurityEvent has no column for it",
    ),
    "events of a channel of another table": (
        _windows("service: sysmon", "Image", SECURITY),
        "what the rule finds is in WindowsEvent, not in SecurityEvent",
    ),
    "a category that another table holds, too": (
        _windows("category: process_creation", "Image", SECURITY),
        "is in WindowsEvent and SecurityEvent, not in SecurityEvent alone",
    ),
    "columns that tell which table holds the events": (
        _aks(("AzureDiagnostics",)),
        "AzureDiagnostics has no column for properties.log.objectRef.resource; what .* AKSAudit",
    ),
}


@pytest.mark.parametrize(("rule", "reason"), NOT_IN_WANTED.values(), ids=NOT_IN_WANTED)
def test_a_rule_that_the_wanted_tables_cannot_say_is_refused(
    rule: PortableRule, reason: str
) -> None:
    target = target_named("sentinel")
    with pytest.raises(Unsupported, match=reason):
        render_placed(placed(rule, target), target)


@pytest.mark.parametrize(
    "rule",
    [
        _windows("service: security", "ShareName", SECURITY),
        _windows("service: security", "AccessList", ("WindowsEvent",)),
        _aks(("AKSAudit", "AKSAuditAdmin", "AzureDiagnostics")),
    ],
)
def test_a_rule_that_the_wanted_tables_can_say_reads_no_others(rule: PortableRule) -> None:
    target = target_named("sentinel")
    rendered = render_placed(placed(rule, target), target)
    assert set(rendered.searched) <= set(rule.options.tables)
    assert "tables-lack-fields" not in {one.code for one in rendered.diagnostics}


PROCESS_AND_CONNECTION = """
title: A process
name: process
logsource: {product: windows, category: process_creation}
detection: {a: {Image: x}, condition: a}
---
title: A connection
name: connection
logsource: {product: windows, category: network_connection}
detection: {a: {Image: x}, condition: a}
---
title: Both
"""
NEW_TERMS = "correlation: {type: new_terms, rules: [process, connection], group-by: [Computer], timespan: 5d}"
TEMPORAL = "correlation: {type: temporal, rules: [process, connection], group-by: [Computer], timespan: 5m}"
TOO_MANY_SOURCES = {
    "new terms": (
        PROCESS_AND_CONNECTION + NEW_TERMS,
        "log sources .product windows, category process_creation; product windows, category network_con",
    ),
    "no tables": (
        (PROCESS_AND_CONNECTION + TEMPORAL).replace(
            "category: network_connection", "service: acme"
        ),
        "tables of Microsoft [SD].* for all log sources of the correlation; none for product windows, service acme",
    ),
}


@pytest.mark.parametrize("name", ["sentinel", "xdr"])
@pytest.mark.parametrize(("text", "reason"), TOO_MANY_SOURCES.values(), ids=TOO_MANY_SOURCES)
def test_rules_of_several_log_sources_are_refused(name: str, text: str, reason: str) -> None:
    (rule,) = read_rules(text, "rule.yml", ImportOptions())
    with pytest.raises(Unsupported, match=reason):
        placed(rule, target_named(name))


def test_wanted_tables_of_several_log_sources_are_read_alone() -> None:
    target = target_named("sentinel")
    text = PROCESS_AND_CONNECTION + TEMPORAL
    (rule,) = read_rules(text, "rule.yml", ImportOptions(tables=("WindowsEvent",)))
    assert set(render_placed(placed(rule, target), target).searched) == {"WindowsEvent"}
    (rule,) = read_rules(text, "rule.yml", ImportOptions(tables=("SigninLogs",)))
    with pytest.raises(InputError, match="SigninLogs is no table of the rule's log sources"):
        placed(rule, target)


def test_the_condition_of_the_log_source_is_part_of_the_rule() -> None:
    target = target_named("sentinel")
    text = render_placed(placed(_rule({"user": "bob"}), target), target).text
    assert 'Kind == "acme.mail"' in text
    other = render_placed(placed(_rule({"user": "bob"}, extra="service: login"), target), target)
    assert 'Kind == "acme.login"' in other.text


def test_an_elastic_rule_on_several_sources_is_written_for_one_and_says_so() -> None:
    pack = pack_from_text(PACK.read_text(encoding="utf-8"), PACK.name)
    text = """
[metadata]
[rule]
name = "A rule"
description = "A rule."
severity = "low"
risk_score = 21
rule_id = "1e5e1b6f-6d2b-4f0a-8f07-3f6b37b8d5a1"
type = "query"
language = "kuery"
index = ["logs-acme.*", "winlogbeat-*"]
query = "user.name: bob"
"""
    (rule,) = read_rules(text, "rule.toml", ImportOptions(packs=(pack,)))
    target = target_named("sentinel")
    rendered = render_placed(placed(rule, target), target)
    (part,) = (one.message for one in rendered.diagnostics if one.code == "platform-covers-part")
    assert "winlogbeat-*" in part
    results = verify([rule], [Claim("sentinel")], (), Options())
    (result,) = (one for one in results if isinstance(one, RuleResult))
    assert result.targets[0].verdict == Agrees()
