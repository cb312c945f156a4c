"""Every subtly wrong copy of a rendered text is found out, but for those that mean the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import pytest

from converter.deliverables.kibana import TERM_LOGIC_IN_RULE_FILE
from converter.deliverables.kibana import write as write_kibana_rule
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import render
from harness.compare import Comparison, compare
from harness.engines.job import RefusedText
from harness.engines.registry import engine_for
from harness.events.dataset import load_dataset
from harness.reference import Reference, reference_on, restricted
from harness.samples import LOG, RULE, sample
from harness.schedule.window import Run
from harness.subject import Material, Subject, job_of, material_for
from harness.subjects import Claim, subject_of
from samples.signins.cases import CASES
from tests.harness.mutants import Mutant, mutants
from tests.harness.replacements import anti_join

_RUNS = 1200
"""Enough for every run with an event on a boundary and every event in some window."""

TARGETS = ("kuery", "lucene", "esql", "sentinel", "kusto-ecs")

_REQUIRED_BY_NEXT = (
    "in the classic parser, the AND after a clause makes it required, whatever is before"
)
_MUST_NOT = "in the classic parser, OR NOT is must not, like AND NOT"
_NO_TIME = "alerts without a time compare by run and term, and those are the same"
_ONE_WORD = "a number is one word, so that to have it is to be it"

EQUIVALENT: dict[tuple[str, str], str] = {
    (
        "lucene",
        "or instead of and: azure.signinlogs.properties.is_interactive:false",
    ): _REQUIRED_BY_NEXT,
    (
        "lucene",
        'or instead of and: azure.signinlogs.properties.user_type:"Member"',
    ): _REQUIRED_BY_NEXT,
    (
        "lucene",
        'or instead of and: NOT azure.signinlogs.properties.client_app_used:"Browser"',
    ): _MUST_NOT,
    (
        "lucene",
        'or instead of and: NOT source.as.organization.name:"MICROSOFT-CORP-MSN-AS-BLOCK"',
    ): _MUST_NOT,
    ("lucene", "or instead of and: NOT azure.signinlogs.properties.app_id:("): _MUST_NOT,
    (
        "esql",
        "drop: AND primary_time <= NOW()",
    ): "an event is visible from its primary time on, so a run sees none of the future",
    ("esql", "no time in the result"): _NO_TIME,
    (
        "sentinel",
        "drop: | where TimeGenerated >= ago(history + delay)",
    ): "it only bounds the scan; no event of the log is ingested later than the delay",
    ("sentinel", "no time in the result"): _NO_TIME,
    ("sentinel", "!has_cs: | where AutonomousSystemNumber"): _ONE_WORD,
    ("kusto-ecs", "no time in the result"): _NO_TIME,
}
"""Mutants that no event can tell from the original, with the reason."""


class Bench(NamedTuple):
    rule: PortableRule
    subject: Subject
    material: Material
    reference: Reference
    telling: tuple[Run, ...]
    """The first run of each event of a case, and the runs whose window starts on one.

    They find out nearly all mutants in a part of the time; the rest needs all runs.
    """


@lru_cache
def bench(target: str) -> Bench:
    path = sample(RULE)
    (rule,) = read_rules(path.read_text(encoding="utf-8"), str(path), ImportOptions())
    dataset = load_dataset([str(sample(LOG))], rule.schedule, rule.schema)
    everything = reference_on(rule.plan, dataset, rule.schedule, _RUNS)
    subject = subject_of(rule, Claim(target))
    material = material_for(subject, dataset)
    reference = restricted(everything, material.dataset)
    return Bench(rule, subject, material, reference, _telling_runs(reference))


def _telling_runs(reference: Reference) -> tuple[Run, ...]:
    ids = {event.id for case in CASES for event in case()}
    times = {event.time for event in reference.dataset.events if event.id in ids}
    firsts = {next((r for r in reference.runs if r.start <= time <= r.end), None) for time in times}
    return tuple(run for run in reference.runs if run in firsts or run.start in times)


def is_found_out(target: str, text: str) -> bool:
    """Say whether the verdict on a text is anything but agreement."""
    try:
        return any(
            not comparison(target, text, runs).is_equal
            for runs in (bench(target).telling, bench(target).reference.runs)
        )
    except RefusedText:
        return True


def comparison(target: str, text: str, runs: tuple[Run, ...]) -> Comparison:
    """Compare a text with the rule in some of the runs."""
    _, subject, material, reference, _ = bench(target)
    engine = engine_for(subject.language)
    assert engine is not None
    execution = engine.execute_job(job_of(replace(subject, text=text), material, runs))
    ends = {run.end for run in runs}
    alerts = tuple(one for one in reference.execution.alerts if one.run_end in ends)
    return compare(replace(reference.execution, alerts=alerts), execution)


def texts(target: str) -> Iterator[Mutant]:
    """Yield the mutants of a target: of its text, and of the rule file where that holds the terms."""
    rule = bench(target).rule
    rendered = render(rule.documents, rule.path, target_named(target), rule.pack)
    yield from mutants(rendered.text, rendered.target.language)
    if rendered.target.language not in TERM_LOGIC_IN_RULE_FILE:
        return
    file = json.loads(write_kibana_rule(rule.documents, rendered)[0])
    for name, change in (
        ("a shorter history", {"history_window_start": "now-13d"}),
        ("a longer history", {"history_window_start": "now-15d"}),
        ("one term field less", {"new_terms_fields": file["new_terms_fields"][:1]}),
        ("another term field", {"new_terms_fields": [file["new_terms_fields"][0], "source.ip"]}),
    ):
        yield Mutant(f"rule file: {name}", json.dumps({**file, **change}))


@pytest.mark.parametrize("target", TARGETS)
def test_the_text_itself_agrees(target: str) -> None:
    assert not is_found_out(target, bench(target).subject.text)


@pytest.mark.parametrize("target", TARGETS)
def test_every_mutant_is_found_out_but_equivalent_ones(target: str) -> None:
    all_mutants = list(texts(target))
    survivors = {mutant.name for mutant in all_mutants if not is_found_out(target, mutant.text)}
    expected = {name for (owner, name) in EQUIVALENT if owner == target}
    assert survivors == expected
    assert len(all_mutants) >= 40, f"{target} has only {len(all_mutants)} mutants"
    names = [mutant.name for mutant in all_mutants]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("target", ["sentinel", "kusto-ecs"])
def test_an_anti_join_without_a_gap_agrees(target: str) -> None:
    form = anti_join("", "<=")
    text, count = re.subn(form.pattern, form.replacement, bench(target).subject.text)
    assert count == 1
    assert comparison(target, text, bench(target).telling).is_equal
