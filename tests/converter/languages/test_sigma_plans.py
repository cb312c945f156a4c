"""What a collection of Sigma rules means as a plan, and what is refused or reported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule

from converter.diagnostic import Severity
from converter.errors import InputError, Unsupported
from converter.ir import (
    ALWAYS,
    And,
    Atom,
    Case,
    Comparator,
    Condition,
    Correlation,
    EventCount,
    Filter,
    Measure,
    NewTerms,
    NumberStatistic,
    OneOf,
    Or,
    Plan,
    RuleCount,
    RulesInOrder,
    Schedule,
    Schema,
    Statistic,
    TermField,
    ValueCount,
    View,
)
from converter.languages.sigma import diagnostics_of, lower, schedule_of
from harness.engines.plan import execute_plan
from harness.events.event import Dataset, Event
from harness.schedule.window import Run
from sigma.sigmaproof.loader import LoadedRules, load_documents
from sigma.sigmaproof.portable import to_portable

_NO_TYPES = Schema({})
_START = datetime(2025, 1, 1, tzinfo=UTC)
_BASES = """\
title: one
name: one
logsource: {product: test}
detection: {selection: {A: x}, condition: selection}
---
title: two
name: two
logsource: {product: test}
detection: {selection: {B: y}, condition: selection}
---
"""


def _load(correlation: dict[str, Any], **document: object) -> LoadedRules:
    text = yaml.safe_dump({"title": "first", **document, "correlation": correlation})
    return load_documents(_BASES + text, "case.yml")


def _new_terms(**changes: object) -> dict[str, Any]:
    section = {"type": "new_terms", "rules": ["one", "two"], "group-by": ["U"], "timespan": "10m"}
    return {**section, **changes}


def _atom(field: str, value: str) -> Atom:
    return Atom(field, View.TEXT, OneOf((value,), Case.ASCII))


def test_one_rule_is_a_filter() -> None:
    rules = load_documents(_BASES.split("---")[0], "case.yml")

    assert lower(rules, {}, ALWAYS, _NO_TYPES) == Filter(_atom("A", "x"))


def test_a_collection_of_pysigma_is_taken_as_well() -> None:
    rule = SigmaRule.from_yaml(_BASES.split("---")[0])

    plan = lower(SigmaCollection([rule]), {"A": "a.a"}, ALWAYS, _NO_TYPES)

    assert plan == Filter(_atom("a.a", "x"))


def test_new_terms_are_over_any_base_rule_of_the_log_source() -> None:
    rules = _load(_new_terms(**{"group-by": ["U", "V"], "timespan": "14d"}))

    plan = lower(rules, {"U": "user.name"}, _atom("event.dataset", "d"), _NO_TYPES)

    base = Or((_atom("A", "x"), _atom("B", "y")))
    assert plan == NewTerms(
        And((_atom("event.dataset", "d"), base)),
        (TermField("user.name"), TermField("V")),
        timedelta(days=14),
    )


def test_both_spellings_mean_the_same() -> None:
    section = _new_terms(lookback="9m", interval="1h", timestamp="event.ingested")
    (portable,) = to_portable([{"title": "first", "correlation": section}])

    own = _load(section)
    other = load_documents(_BASES + yaml.safe_dump(portable), "case.yml")

    assert lower(own, {}, ALWAYS, _NO_TYPES) == lower(other, {}, ALWAYS, _NO_TYPES)
    assert schedule_of(own) == schedule_of(other)


def test_the_schedule_is_the_one_in_the_correlation() -> None:
    section = _new_terms(
        **{
            "lookback": "9m",
            "interval": "1h",
            "timestamp": "event.ingested",
            "timestamp-fallback": False,
        }
    )

    assert schedule_of(_load(section)) == Schedule(
        timedelta(hours=1), timedelta(minutes=9), "event.ingested", has_fallback=False
    )


def test_a_rule_without_correlation_runs_by_the_defaults() -> None:
    assert schedule_of(load_documents(_BASES.split("---")[0], "case.yml")) == Schedule()


def _alerts(plan: Plan, *documents: tuple[int, dict[str, object]]) -> list[tuple[object, ...]]:
    """Run once over (minutes, document) pairs, with the window from minute 5 to 10."""
    moments = [_START + timedelta(minutes=minutes) for minutes, _ in documents]
    events = tuple(
        Event(str(number), moment, moment, document)
        for number, (moment, (_, document)) in enumerate(zip(moments, documents, strict=True))
    )
    run = Run(_START + timedelta(minutes=10), _START + timedelta(minutes=5))
    execution = execute_plan(plan, Dataset(events, _NO_TYPES), [run])
    return [(*alert.term, *sorted(alert.ids)) for alert in execution.alerts]


def _plan() -> Plan:
    return lower(_load(_new_terms()), {}, ALWAYS, _NO_TYPES)


def test_term_values_compare_exactly_in_case_and_type() -> None:
    # SIGMA-15
    alerts = _alerts(
        _plan(),
        (1, {"A": "x", "U": "ann"}),
        (1, {"A": "x", "U": 1}),
        (6, {"A": "x", "U": "ann"}),
        (7, {"A": "x", "U": "Ann"}),
        (8, {"A": "x", "U": "1"}),
        (9, {"A": "x", "U": True}),
    )

    assert sorted(alerts, key=str) == [("1", "4"), ("Ann", "3"), (True, "5")]


def test_a_term_is_new_strictly_after_the_start_of_the_window() -> None:
    # SIGMA-15
    alerts = _alerts(
        _plan(),
        (5, {"A": "x", "U": "at the start"}),
        (6, {"B": "y", "U": ["inside", "inside"]}),
        (7, {"B": "y", "U": "inside"}),
        (8, {"A": "z", "U": "no base event"}),
        (9, {"A": "x"}),
    )

    assert alerts == [("inside", "1")]


@pytest.mark.parametrize(
    ("kind", "condition", "measure"),
    [
        ("event_count", {"gte": 2}, EventCount()),
        ("value_count", {"gte": 2, "field": "V"}, ValueCount(TermField("V"))),
        ("temporal", None, RuleCount()),
        ("temporal_ordered", None, RulesInOrder()),
        (
            "value_percentile",
            {"gte": 2, "field": "V", "percentile": 95},
            NumberStatistic(TermField("V", View.NUMBER), Statistic.PERCENTILE, 95),
        ),
    ],
)
def test_correlations_of_sigma_slide(
    kind: str, condition: dict[str, object] | None, measure: Measure
) -> None:
    # SIGMA-20
    section: dict[str, Any] = {
        "type": kind,
        "rules": ["one", "two"],
        "group-by": ["U"],
        "timespan": "5m",
        **({"condition": condition} if condition else {}),
    }

    plan = lower(_load(section), {"U": "user.name"}, ALWAYS, _NO_TYPES)

    assert isinstance(plan, Correlation)
    assert (plan.names, plan.timespan) == (("user.name",), timedelta(minutes=5))
    assert plan.condition == Condition(Comparator.AT_LEAST, 2)
    assert plan.measure == measure
    assert [rule.name for rule in plan.rules] == ["one", "two"]
    assert {rule.group for rule in plan.rules} == {(TermField("user.name"),)}


@pytest.mark.parametrize("kind", ["new_terms", "event_count"])
def test_a_correlation_over_a_correlation_is_refused(kind: str) -> None:
    # SIGMA-21
    inner = yaml.safe_dump({"title": "inner", "name": "inner", "correlation": _new_terms()})
    section = _new_terms(rules=["inner"])
    if kind == "event_count":
        keys = ("rules", "group-by", "timespan")
        section = {"timespan": "5m", **{key: section[key] for key in keys if key in section}}
        section |= {"type": kind, "condition": {"gte": 2}}
    outer = yaml.safe_dump({"title": "outer", "correlation": section})
    rules = load_documents(f"{_BASES}{inner}---\n{outer}", "case.yml")

    with pytest.raises(Unsupported, match="(over|correlates) the correlation 'inner'"):
        lower(rules, {}, ALWAYS, _NO_TYPES)


def test_base_rules_that_alert_on_their_own_are_refused() -> None:
    with pytest.raises(Unsupported, match="generate: true in rule 'first'"):
        lower(_load(_new_terms(generate=True)), {}, ALWAYS, _NO_TYPES)


def test_independent_rules_are_refused_with_their_titles() -> None:
    rules = load_documents(_BASES, "case.yml")

    with pytest.raises(Unsupported, match="2 independent rules \\('one', 'two'\\)"):
        lower(rules, {}, ALWAYS, _NO_TYPES)


def test_a_condition_that_does_not_parse_is_bad_input() -> None:
    text = _BASES.split("---")[0].replace("condition: selection", "condition: selection or")
    rules = SigmaCollection([SigmaRule.from_yaml(text)])

    with pytest.raises(InputError, match="rule 'one': .*; correct its condition"):
        lower(rules, {}, ALWAYS, _NO_TYPES)


@pytest.mark.parametrize(
    ("item", "is_reported"),
    [
        ({"A": "ÄB"}, True),
        ({"A|contains": ["b", "Straße"]}, True),
        ({"A|re|i": "ä"}, True),
        ({"A|re": "(?i)ä"}, True),
        ({"A|contains|windash": " -ä"}, True),
        ({"A|cased": "ÄB"}, False),
        ({"A|re": "ä"}, False),
        ({"A": "漢字"}, False),
        ({"A": "ab"}, False),
        ({"A": 5}, False),
        ({"A|re|expand": "%name%"}, False),
    ],
    ids=str,
)
def test_letters_that_platforms_fold_differently_are_reported(
    item: dict[str, object], is_reported: bool
) -> None:
    # SIGMA-4
    detection = {"selection": item, "condition": "selection"}
    rule = SigmaRule.from_dict(
        {"title": "t", "logsource": {"product": "p"}, "detection": detection}
    )

    found = diagnostics_of(SigmaCollection([rule]))

    assert {one.code for one in found} == ({"non-ascii-case"} if is_reported else set())
    assert all(
        one.severity is Severity.WARNING and "field A of rule 't'" in one.message for one in found
    )


def test_letters_are_reported_once_for_each_field() -> None:
    detection = {"selection": {"A": ["Ä", "Ö", "o"], "B": "Ü"}, "condition": "selection"}
    rule = SigmaRule.from_dict(
        {"title": "t", "logsource": {"product": "p"}, "detection": detection}
    )

    messages = [one.message for one in diagnostics_of(SigmaCollection([rule]))]

    assert [message.partition(" compare")[0] for message in messages] == [
        "field A of rule 't': letters beyond A-Z in 'Ä' and 1 more",
        "field B of rule 't': letters beyond A-Z in 'Ü'",
    ]


def test_rules_of_several_log_sources_are_reported() -> None:
    section = {"type": "temporal", "rules": ["one", "two"], "group-by": ["U"], "timespan": "5m"}
    other = _BASES.replace("logsource: {product: test}", "logsource: {category: door}", 1)
    document = yaml.safe_dump({"title": "first", "correlation": section})

    assert diagnostics_of(load_documents(_BASES + document, "case.yml")) == ()
    (found,) = diagnostics_of(load_documents(other + document, "case.yml"))

    assert (found.code, found.severity) == ("several-log-sources", Severity.WARNING)
    assert "(category door; product test)" in found.message


def test_the_portable_spelling_is_reported() -> None:
    (portable,) = to_portable([{"title": "first", "correlation": _new_terms()}])
    rules = load_documents(_BASES + yaml.safe_dump(portable), "case.yml")

    (found,) = diagnostics_of(rules)

    assert found.code == "portable-narrows"
    assert found.message.startswith("case.yml:11: ")
