"""Every conformance case on every target: the text finds the events of the case, or says why it cannot."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pytest
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import ValueListPlaceholderTransformation

from converter import mapping
from converter.errors import ConversionError, Unsupported
from converter.ir import ALWAYS, Filter, Predicate
from converter.ir.show import fields_of
from converter.languages import sigma
from converter.registry import target_named
from converter.render import convert_with
from converter.target import Names
from harness.engines.execution import Execution
from harness.engines.plan import matching_events
from harness.engines.registry import engine_for
from harness.subject import Material, Subject, TableView, job_of, material_for
from harness.subjects import Claim, subject_of
from sigma.sigmaproof.errors import SigmaFileError
from sigma.sigmaproof.loader import load_documents
from tests.conformance import LOGS, RULES, Case, cases, schema
from tests.converter.languages.test_kuery_oracle import comparable, disagreements
from tests.oracles.kusto.binder import bind

TARGETS = ("kuery", "lucene", "esql", "eql", "kusto-ecs")
CONSTRUCTS = (
    "case", "contains", "startswith", "endswith", "wildcards", "escapes", "re", "cidr", "exists", "null", "empty",
    "numbers", "booleans", "comparisons", "lists", "all", "fieldref", "neq", "windash", "base64", "expand", "keywords",
    "time", "conditions", "of", "fields", "values", "missing", "arrays",
)  # fmt: skip
NOT_REPRESENTABLE = (
    "holds one value",
    "cannot tell an empty text",
    "cannot hold the value",
    "Kusto does not say whether",
)
"""Why an event may be left out of a Kusto table."""


def having(*, refused: bool = False, placeholders: bool = False) -> list[object]:
    return [
        pytest.param(case, id=case.key)
        for case in cases()
        if bool(case.refused) == refused and bool(case.placeholders) == placeholders
    ]


def found(execution: Execution) -> frozenset[str]:
    return frozenset(identity for alert in execution.alerts for identity in alert.ids)


class Rendered(NamedTuple):
    subject: Subject
    material: Material


@cache
def rendered(case: Case, target: str) -> Rendered:
    subject = subject_of(case.rule(), Claim(target))
    return Rendered(subject, material_for(subject, case.dataset()))


def texts(target: str) -> list[tuple[str, Rendered]]:
    """Return what is rendered of all cases, with the names of the cases."""
    return [
        (case.key, rendered(case, target))
        for case in cases()
        if not case.refused and not case.placeholders and target not in case.unsupported
    ]


def check_found(case: Case, target: str, one: Rendered) -> None:
    engine = engine_for(one.subject.language)
    assert engine is not None
    execution = engine.execute_job(job_of(one.subject, one.material, ()))
    ids = {event.id for event in one.material.dataset.events}
    assert (one.subject.text, found(execution)) == (
        one.subject.text,
        case.found_by(target) & ids,
    )


def test_every_construct_has_cases_and_events() -> None:
    assert sorted(CONSTRUCTS) == sorted({case.construct for case in cases()})
    assert sorted(CONSTRUCTS) == sorted(path.stem for path in LOGS.iterdir())
    assert sorted(CONSTRUCTS) == sorted(path.name for path in RULES.iterdir())


def test_every_case_names_events_of_its_log_and_leaves_some_out() -> None:
    for case in cases():
        known = {event.id for event in case.dataset().events}
        named = case.matches.union(*(one.missed | one.extra for one in case.differs.values()))
        assert (case.key, named - known) == (case.key, frozenset())
        if not case.refused:
            assert (case.key, case.matches != frozenset(), case.matches != known) == (
                case.key,
                True,
                True,
            )


@pytest.mark.parametrize("case", having())
def test_sigma_finds_the_events_of_a_case(case: Case) -> None:
    plan = case.rule().plan
    assert isinstance(plan, Filter)
    matching = matching_events(plan.predicate, case.dataset())
    assert frozenset(event.id for event in matching) == case.matches


@pytest.mark.parametrize("case", having(refused=True))
def test_rule_without_one_meaning_is_refused(case: Case) -> None:
    with pytest.raises((ConversionError, SigmaFileError)) as caught:
        case.rule()
    assert case.refused in str(caught.value)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", having())
def test_target_finds_the_events_of_a_case(case: Case, target: str) -> None:
    if target in case.unsupported:
        with pytest.raises(Unsupported) as caught:
            rendered(case, target)
        assert case.unsupported[target] in str(caught.value)
        return
    check_found(case, target, rendered(case, target))


def test_only_what_a_table_cannot_hold_or_kusto_does_not_say_is_left_out() -> None:
    reasons = {
        reason
        for _, one in texts("kusto-ecs")
        for reason in one.material.reasons.values()
        if not any(known in reason for known in NOT_REPRESENTABLE)
    }
    assert reasons == set()


def test_events_left_out_leave_something_to_find() -> None:
    wanted = {case.key: case.matches for case in cases()}
    nothing = {
        key
        for key, one in texts("kusto-ecs")
        if wanted[key].isdisjoint(event.id for event in one.material.dataset.events)
    }
    assert nothing == {"empty/command-line", "empty/empty"}


def test_kibanas_parser_reads_the_kuery_texts_as_we_do() -> None:
    found_texts = comparable([one.subject.text for _, one in texts("kuery")])
    assert len(found_texts) > 200
    assert disagreements(found_texts) == []


def test_microsofts_binder_takes_the_kusto_texts() -> None:
    names, subjects = zip(*texts("kusto-ecs"), strict=True)
    queries = [
        (one.subject.text, {table.table: table.columns for table in one.material.tables})
        for one in subjects
    ]
    answers = zip(names, bind(queries), strict=True)
    assert {name: answer.findings for name, answer in answers if answer.findings} == {}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", having(placeholders=True))
def test_target_finds_the_events_of_a_case_whose_placeholders_a_pipeline_replaces(
    case: Case, target: str
) -> None:
    values = ProcessingPipeline(
        [ProcessingItem(ValueListPlaceholderTransformation())], vars=dict(case.placeholders)
    )
    predicate = meaning_with(case, values)
    matching = matching_events(predicate, case.dataset())
    assert frozenset(event.id for event in matching) == case.matches
    chosen = target_named(target)
    backend = chosen.backend(values + chosen.pipeline(None))
    if target in case.unsupported:
        with pytest.raises(Unsupported) as caught:
            convert_with(backend, case.text, case.path, "default")
        assert case.unsupported[target] in str(caught.value)
        return
    text, _ = convert_with(backend, case.text, case.path, "default")
    tables = TableView((mapping.events_layout(),), fields_of(predicate))
    subject = Subject(
        target=target,
        text=text,
        language=chosen.language,
        terms=(),
        history=None,
        schema=schema(),
        tables=tables if chosen.names is Names.EVENTS_TABLE else None,
    )
    check_found(case, target, Rendered(subject, material_for(subject, case.dataset())))


def meaning_with(case: Case, pipeline: ProcessingPipeline) -> Predicate:
    loaded = load_documents(case.text, case.path)
    for rule in loaded.collection.rules:
        pipeline.apply(rule)
    plan = sigma.lower(loaded, {}, ALWAYS, schema())
    assert isinstance(plan, Filter)
    return plan.predicate
