"""Threshold rules from the rule file to the alerts: the rule, its Sigma form and each of its texts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.elastic import ThresholdRule
from converter.elastic import read_rules as read_elastic_rules
from converter.errors import ConversionError, InputError, Unsupported
from converter.formats import write
from converter.ir import Threshold
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import render
from harness.conversion import conversion_status
from harness.engines.execution import Execution
from harness.engines.registry import engine_for
from harness.events.event import Dataset, Event
from harness.foreign import foreign_subject
from harness.judge import judge
from harness.reference import Reference, reference_on
from harness.subject import job_of, material_for
from harness.subjects import Claim, subject_of
from harness.verdict import Agrees, Differs, NoEvidence, Status, Verdict
from tests.corpus import shared

DATA = Path(__file__).parents[1] / "data" / "cases" / "threshold.yml"
# A case file has no static shape; the tests below read it key by key.
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(DATA.read_text("utf-8"))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TARGETS = ("kuery", "lucene", "esql")


def _text(changes: dict[str, Any]) -> str:
    section = {"field": ["g"], "value": 2}
    rule = {
        "rule_id": "8f3d1f6e-8f0b-4c40-9c0a-0d8a2f0f7a11",
        "name": "Sample",
        "description": "A sample",
        "severity": "low",
        "risk_score": 21,
        "type": "threshold",
        "index": ["logs-*"],
        "from": changes.get("from", "now-9m"),
        "query": "k: v",
        "threshold": section | {key: one for key, one in changes.items() if key != "from"},
    }
    return json.dumps(rule)


def _rule(case: dict[str, Any]) -> PortableRule:
    (rule,) = read_rules(_text(case.get("rule", {})), "rule.json", ImportOptions())
    return rule


def _event(number: int, minutes: float, fields: dict[str, object], arrives: float) -> Event:
    time, visible = (NOON + timedelta(minutes=one) for one in (minutes, arrives))
    stamps = {"@timestamp": time.isoformat(), "event": {"ingested": visible.isoformat()}}
    return Event(f"e{number}", time, visible, {"k": "v", **stamps, **fields})


def _reference(case: dict[str, Any]) -> tuple[PortableRule, Reference]:
    rule = _rule(case)
    events = (
        _event(number, minutes, fields, arrives[0] if arrives else minutes)
        for number, (minutes, fields, *arrives) in enumerate(case["documents"])
    )
    dataset = Dataset(tuple(sorted(events, key=lambda one: (one.time, one.id))), rule.schema)
    return rule, reference_on(rule.plan, dataset, rule.schedule, 1000)


def _alerts(execution: Execution) -> list[list[object]]:
    found = []
    for alert in execution.alerts:
        assert alert.run_end is not None
        found.append([(alert.run_end - NOON) / timedelta(minutes=1), list(alert.term)])
    return sorted(found, key=repr)


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["about"])
def test_the_sigma_form_alerts_as_elastics_executor_does(case: dict[str, Any]) -> None:
    rule, reference = _reference(case)

    assert _alerts(reference.execution) == sorted(case["alerts"], key=repr)
    assert conversion_status(rule, reference) == (Status.LOSSLESS, ())


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["about"])
def test_every_text_alerts_as_the_rule(case: dict[str, Any], target: str) -> None:
    rule, reference = _reference(case)
    subject = subject_of(rule, Claim(target))
    engine = engine_for(target)
    assert engine is not None
    job = job_of(subject, material_for(subject, reference.dataset), reference.runs)

    found = _alerts(engine.execute_job(job))
    verdict = judge(reference, subject).verdict

    expected = case["alerts"] if target != "esql" else case.get("again", case["alerts"])
    assert found == sorted(expected, key=repr)
    assert isinstance(verdict, Agrees if expected else NoEvidence)


def test_a_query_that_counts_again_says_so_and_how_much() -> None:
    rule, reference = _reference(CASES["cases"][0])

    result = judge(reference, subject_of(rule, Claim("esql")))

    (remark,) = [one for one in result.diagnostics if one.code == "threshold-counts-again"]
    assert remark.message.endswith(
        "which alerts 2 times on these events; the rule itself does 1 times"
    )


_TWO_OF_A: dict[str, Any] = {"documents": [[1, {"g": "a"}], [2, {"g": "a"}], [3, {"g": "b"}]]}


def _judged(target: str, old: str, new: str, case: dict[str, Any]) -> Verdict:
    """Judge a rendered text in which one piece is changed."""
    rule, reference = _reference(case)
    text = subject_of(rule, Claim(target)).text
    assert old in text
    return judge(reference, subject_of(rule, Claim(target, text.replace(old, new), "x"))).verdict


@pytest.mark.parametrize(
    ("target", "old", "new"),
    [
        ("kuery", '"value": 2', '"value": 3'),
        ("lucene", '"value": 2', '"value": 3'),
        ("esql", "event_count >= 2", "event_count > 2"),
    ],
)
def test_a_number_too_high_is_shown_on_the_events_that_reach_the_right_one(
    target: str, old: str, new: str
) -> None:
    verdict = _judged(target, old, new, _TWO_OF_A)

    assert isinstance(verdict, Differs)
    example = verdict.counterexample
    assert {example.event_id, *(identity for identity, _ in example.companions)} == {"e0", "e1"}
    assert (example.is_minimal, example.reference_alerts, example.term) == (True, True, ("a",))
    (finding,) = [one for one in example.findings if one.condition.startswith("at least 2")]
    assert (finding.reference, finding.target) == ("2 events", "does not alert")


def test_events_that_do_not_matter_are_left_out_of_a_counterexample() -> None:
    documents = [[number / 10, {"g": "a"}] for number in range(1, 31)]

    verdict = _judged("kuery", '"value": 2', '"value": 1', {"documents": [[1, {"g": "a"}]]})
    wider = _judged("kuery", '"value": 2', '"value": 40', {"documents": documents})

    assert isinstance(verdict, Differs)
    assert (verdict.counterexample.reference_alerts, verdict.counterexample.companions) == (
        False,
        (),
    )
    assert isinstance(wider, Differs)
    assert len(wider.counterexample.companions) == 1


def test_the_values_that_are_counted_are_shown() -> None:
    case = {
        "rule": {"value": 1, "cardinality": [{"field": "u", "value": 2}]},
        "documents": [[1, {"g": "a", "u": ["x", "y"]}]],
    }

    verdict = _judged("kuery", '"field": "u", "value": 2', '"field": "u", "value": 3', case)

    assert isinstance(verdict, Differs)
    (finding,) = [one for one in verdict.counterexample.findings if "values" in one.condition]
    assert finding.condition.startswith("at least 1, with at least 2 values of u, from 2026-01-01")
    assert finding.reference == "1 events, 2 values"


@pytest.mark.parametrize("query", ["k: v", "k: v or k: w"])
def test_a_bare_query_counts_as_the_rule_does(query: str) -> None:
    rule, reference = _reference({"documents": [[1, {"g": "a"}], [2, {"g": "a", "k": "w"}]]})

    verdict = judge(reference, subject_of(rule, Claim("kuery", query, "by-hand"))).verdict

    assert isinstance(verdict, NoEvidence if query == "k: v" else Differs)


@pytest.mark.parametrize("case", CASES["errors"], ids=lambda case: case["error"])
def test_a_bad_section_is_reported_in_one_line(case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        read_elastic_rules(_text(case["rule"]), "rule.json")
    assert str(caught.value) == case["error"]


def test_a_rule_without_section_is_reported() -> None:
    rule = json.loads(_text({}))
    del rule["threshold"]

    with pytest.raises(InputError, match="no 'threshold' in a rule of type threshold; add field"):
        read_elastic_rules(json.dumps(rule), "rule.json")


@pytest.mark.parametrize(("field", "fields"), [("g", ("g",)), ("", ())])
def test_older_exports_name_one_field_without_a_list(field: str, fields: tuple[str, ...]) -> None:
    (rule,) = read_elastic_rules(_text({"field": field, "cardinality": []}), "rule.json")

    assert isinstance(rule, ThresholdRule)
    assert (rule.fields, rule.cardinality) == (fields, None)


def test_an_alert_uses_up_events_only_in_runs_that_take_place() -> None:
    events = [[minutes + 0.3, {"g": str(minutes)}] for minutes in range(2000)]
    repeated = [[minutes + 0.3, {"g": "a"}] for minutes in (*range(40, 70), *range(900, 930))]
    _, reference = _reference({"documents": [*events, *repeated]})

    fewer = reference_on(reference.plan, reference.dataset, reference.schedule, 50)

    assert len(fewer.runs) < len(reference.runs)
    assert judge(fewer, subject_of(_rule({}), Claim("kuery"))).verdict == Agrees()


def _corpus() -> list[tuple[ThresholdRule, PortableRule]]:
    found = []
    for path in sorted(shared("corpus/elastic").glob("rules*/**/*.toml")):
        text = path.read_text("utf-8")
        if 'type = "threshold"' not in text:
            continue
        (rule,) = read_elastic_rules(text, path.name)
        assert isinstance(rule, ThresholdRule)
        (imported,) = read_rules(text, path.name, ImportOptions())
        found.append((rule, imported))
    return found


def _limits(rule: ThresholdRule) -> tuple[object, ...]:
    return (rule.fields, rule.value, rule.cardinality, rule.schedule, rule.index)


def test_every_rule_of_the_corpus_comes_back_from_sigma() -> None:
    written = 0
    rules = _corpus()
    for rule, imported in rules:
        assert isinstance(imported.plan, Threshold)
        assert isinstance(imported.source_plan, Threshold)
        ours, theirs = imported.plan, imported.source_plan
        assert (ours.terms, ours.count) == (theirs.terms, theirs.count)
        assert ours.distinct == theirs.distinct
        for target, name in (
            ("kuery", "elastic-toml"),
            ("kuery", "kibana-ndjson"),
            ("lucene", "kibana-ndjson"),
        ):
            try:
                rendered = render(
                    imported.documents, imported.path, target_named(target), imported.pack
                )
            except ConversionError:
                continue
            file = write(imported.documents, rendered, name)
            (again,) = read_elastic_rules(file.text, f"rule{file.suffix}")
            assert isinstance(again, ThresholdRule)
            assert _limits(again) == _limits(rule), rule.header.path
            written += 1
    assert len(rules) == 20
    assert written == 60


@pytest.mark.parametrize(("target", "reason"), [("eql", "a correlation of type event_count")])
def test_a_language_without_aggregation_is_refused(target: str, reason: str) -> None:
    with pytest.raises(Unsupported, match=reason):
        subject_of(_rule({}), Claim(target))


def test_a_stock_backend_that_counts_is_judged_as_a_count() -> None:
    # Its text has no window: what lies far back is reported again in every run.
    documents = [[1, {"g": "a"}], [2, {"g": "a"}], [30, {"g": "b"}]]
    rule, reference = _reference({"documents": documents})

    subject = foreign_subject(rule, "pysigma:esql", "ecs")

    assert (subject.is_base_only, subject.counts_again, subject.terms) == (False, True, ("g",))
    assert "case-dropped" in [one.code for one in subject.diagnostics]
    assert isinstance(judge(reference, subject).verdict, Differs)


def test_a_stock_backend_that_does_not_count_is_judged_on_the_base_rule() -> None:
    subject = foreign_subject(_rule({}), "pysigma:lucene", "ecs")

    assert (subject.is_base_only, subject.counts_again, subject.terms) == (True, False, ())
    (remark,) = [one for one in subject.diagnostics if one.code == "base-rule-only"]
    assert remark.message == "the backend cannot render the count correlation"
