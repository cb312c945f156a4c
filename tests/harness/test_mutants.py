"""Every subtly wrong copy of a rendered text is found out, but for those that mean the same."""

from __future__ import annotations

import json
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
from harness.compare import compare
from harness.engines.job import RefusedText
from harness.engines.registry import engine_for
from harness.events.dataset import load_dataset
from harness.reference import Reference, reference_on, restricted
from harness.samples import LOG, RULE, sample
from harness.subject import Material, Subject, job_of, material_for
from harness.subjects import Claim, subject_of
from tests.harness.mutants import Mutant, mutants

_RUNS = 1200
"""Enough for every run with an event on a boundary and every event in some window."""

TARGETS = ("kuery", "lucene", "esql", "sentinel", "kusto-ecs")

EQUIVALENT: dict[tuple[str, str], str] = {
    (
        "lucene",
        r"or instead of and: \nAND NOT (azure\S+client_app_used)",
    ): "after AND, the classic parser reads OR NOT as must not (LUCENE: a AND b OR NOT c is +a +b -c)",
    (
        "esql",
        "drop: AND primary_time <= NOW()",
    ): "an event is visible from its primary time on, so a run sees none of the future",
    (
        "sentinel",
        "drop: | where TimeGenerated >= ago(history + delay)",
    ): "it only bounds the scan; no event of the log is ingested later than the delay",
}
"""Mutants that no event can tell from the original, with the reason."""


class Bench(NamedTuple):
    rule: PortableRule
    subject: Subject
    material: Material
    reference: Reference


@lru_cache
def bench(target: str) -> Bench:
    path = sample(RULE)
    (rule,) = read_rules(path.read_text(encoding="utf-8"), str(path), ImportOptions())
    dataset = load_dataset([str(sample(LOG))], rule.schedule, rule.schema)
    everything = reference_on(rule.plan, dataset, rule.schedule, _RUNS)
    subject = subject_of(rule, Claim(target))
    material = material_for(subject, dataset)
    return Bench(rule, subject, material, restricted(everything, material.dataset))


def is_found_out(target: str, text: str) -> bool:
    """Say whether the verdict on a text is anything but agreement."""
    _, subject, material, reference = bench(target)
    engine = engine_for(subject.language)
    assert engine is not None
    job = job_of(replace(subject, text=text), material, reference.runs)
    try:
        execution = engine.execute_job(job)
    except RefusedText:
        return True
    return not compare(reference.execution, execution).is_equal


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
    assert len(all_mutants) >= 14, f"{target} has only {len(all_mutants)} mutants"
