"""Rules on the platform of a target: which pack and which tables hold their events there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

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
