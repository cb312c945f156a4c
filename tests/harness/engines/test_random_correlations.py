"""Random correlations on random events: the definition, the evaluator, the stream and the Kusto text agree.

The definition is written out below without any state: for each group and instant it looks at all events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from converter.ir import Correlation
from converter.languages.kusto import check, lint
from converter.registry import target_named
from converter.render import render
from harness.engines.execution import Alert
from harness.engines.kusto import execute_job
from harness.engines.plan import execute_plan
from harness.engines.stream import run as run_stream
from harness.judge import judge
from harness.reference import reference_on
from harness.subject import job_of, material_for
from harness.subjects import Claim, subject_of
from harness.verdict import Agrees, NoEvidence
from tests.harness.engines.correlation_rules import NOON, dataset_of, rule_of
from tests.random_examples import examples

Events = list[list[Any]]
Alerts = set[tuple[datetime, tuple[object, ...]]]

TARGET = target_named("kusto-ecs")
SPAN = 3
VALUE = "process.pid"
_OPERATORS: dict[str, Callable[[Any, int], bool]] = {
    "gt": lambda measured, number: measured > number,
    "gte": lambda measured, number: measured >= number,
    "lt": lambda measured, number: measured < number,
    "lte": lambda measured, number: measured <= number,
    "eq": lambda measured, number: measured == number,
    "neq": lambda measured, number: measured != number,
}
_NUMBERS: dict[str, Callable[[list[int]], Any]] = {
    "value_sum": sum,
    "value_avg": lambda numbers: Fraction(sum(numbers), len(numbers)),
    "value_median": lambda numbers: _median(sorted(numbers)),
    "value_percentile": lambda numbers: sorted(numbers)[-(-len(numbers) * 60 // 100) - 1],
}

_RULES = st.lists(st.sampled_from(["a", "b", "c", "any"]), min_size=1, max_size=3, unique=True)
_GROUPS = st.sampled_from([None, ["g"], ["g", "h"], ["who"], ["tags"]])


def _median(ordered: list[int]) -> Fraction:
    half = len(ordered) // 2
    return Fraction(ordered[half] + ordered[-half - 1], 2)


def _condition(kind: str, count: int) -> st.SearchStrategy[dict[str, Any] | None]:
    """Return conditions that some window can satisfy."""
    match kind:
        case "temporal_ordered":
            return st.none()
        case "temporal":
            pairs = [("gte", n) for n in range(1, count + 1)] + [("neq", 1), ("lte", 1)]
        case "event_count" | "value_count":
            pairs = [
                ("gte", 1),
                ("gte", 3),
                ("gt", 1),
                ("eq", 2),
                ("neq", 2),
                ("lt", 3),
                ("lte", 2),
            ]
        case _:
            pairs = [(operator, n) for operator in _OPERATORS for n in (-1, 2, 4)]
    more: dict[str, Any] = {}
    if kind.startswith("value"):
        more["field"] = VALUE
    if kind == "value_percentile":
        more["percentile"] = 60
    return st.sampled_from([{operator: number, **more} for operator, number in pairs])


@st.composite
def _sections(draw: st.DrawFn) -> dict[str, Any]:
    kinds = ["event_count", "value_count", "temporal", "temporal_ordered", *_NUMBERS]
    kind, rules = draw(st.sampled_from(kinds)), draw(_RULES)
    group = draw(_GROUPS)
    section: dict[str, Any] = {"type": kind, "rules": rules, "timespan": f"{SPAN}m"}
    section["group-by"] = group
    section["condition"] = draw(_condition(kind, len(rules)))
    if group == ["who"]:
        section["aliases"] = {"who": {rule: draw(st.sampled_from("gh")) for rule in rules}}
    return section


_PLACES = st.sampled_from(["x", "y", None])
_EVENTS: st.SearchStrategy[Events] = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.fixed_dictionaries(
            {"k": st.sampled_from("abc"), "g": _PLACES, "h": _PLACES, VALUE: st.integers(-1, 4)},
            optional={"tags": st.lists(st.sampled_from("xy"), max_size=2)},
        ).map(lambda fields: {key: value for key, value in fields.items() if value is not None}),
    ).map(list),
    max_size=12,
)


def _groups(
    section: Mapping[str, Any], rule: str, fields: Mapping[str, Any]
) -> list[tuple[object, ...]]:
    aliases = section.get("aliases", {}).get("who", {})
    found: list[tuple[object, ...]] = [()]
    for name in section["group-by"] or ():
        value = fields.get(aliases[rule] if name == "who" else name)
        values = value if isinstance(value, list) else [] if value is None else [value]
        found = [(*group, one) for group in found for one in dict.fromkeys(values)]
    return found


def _defined(section: Mapping[str, Any], events: Events) -> Alerts:
    """Return the alerts that SEMANTICS.md defines."""
    rules, kind = section["rules"], section["type"]
    placed = [
        (minute, number, place, group, fields)
        for number, (minute, fields) in enumerate(events)
        for place, rule in enumerate(rules)
        if rule in (fields["k"], "any")
        for group in _groups(section, rule, fields)
    ]
    alerts: Alerts = set()
    for end, group in {(minute, group) for minute, _, _, group, _ in placed}:
        window = [one for one in placed if one[3] == group and end - SPAN <= one[0] <= end]
        if _is_met(kind, section["condition"], len(rules), window):
            alerts.add((NOON + timedelta(minutes=end), group))
    return alerts


def _is_met(
    kind: str, condition: dict[str, Any] | None, count: int, window: list[tuple[Any, ...]]
) -> bool:
    if kind == "temporal_ordered":
        return _is_in_order(count, window)
    measured: Any
    if kind == "event_count":
        measured = len({number for _, number, *_ in window})
    elif kind == "temporal":
        measured = len({place for _, _, place, *_ in window})
    else:
        values = {number: fields[VALUE] for _, number, _, _, fields in window}
        numbers = list(values.values())
        measured = len(set(numbers)) if kind == "value_count" else _NUMBERS[kind](numbers)
    (operator,) = (condition or {}).keys() & _OPERATORS
    return bool(_OPERATORS[operator](measured, (condition or {})[operator]))


def _is_in_order(
    count: int, window: list[tuple[Any, ...]], place: int = 0, after: int = -1
) -> bool:
    """Try every way to find the rules one after the other."""
    return place == count or any(
        _is_in_order(count, window, place + 1, minute)
        for minute, _, found, *_ in window
        if found == place and minute > after
    )


def _alerts(found: Iterable[Alert]) -> Alerts:
    return {(one.time, one.term) for one in found if one.time is not None}


@examples(120)
@given(_sections(), _EVENTS)
def test_evaluator_stream_and_text_follow_the_definition(
    section: dict[str, Any], events: Events
) -> None:
    rule = rule_of(section)
    dataset = dataset_of(rule, events)
    expected = _defined(section, events)
    assert _alerts(execute_plan(rule.plan, dataset, ()).alerts) == expected
    documents = [event.document for event in dataset.events]
    streamed = run_stream(rule.plan, documents, rule.schedule)
    assert _alerts(one.alert for one in streamed) == expected
    subject = subject_of(rule, Claim("kusto-ecs"))
    material = material_for(subject, dataset)
    assert not material.reasons
    (table,) = material.tables
    columns = {table.table: dict(table.columns)}
    assert not [*check(subject.text, columns), *lint(subject.text, columns)]
    execution = execute_job(job_of(subject, material, ()))
    assert _alerts(execution.alerts) == expected


@examples(40)
@given(_sections(), _EVENTS, st.lists(st.integers(0, 6), min_size=12, max_size=12))
def test_a_scheduled_text_reports_what_arrived(
    section: dict[str, Any], events: Events, delays: list[int]
) -> None:
    # SIGMA-22
    rule = rule_of(section)
    late = [[*one, one[0] + delay] for one, delay in zip(events, delays, strict=False)]
    dataset = dataset_of(rule, late)
    rendered = render(rule.documents, rule.path, TARGET, rule.pack, "scheduled")
    plan = rule.plan
    assert isinstance(plan, Correlation)
    schedule = replace(rule.schedule, lookback=timedelta(minutes=5))
    reference = reference_on(replace(plan, reports=timedelta(minutes=5)), dataset, schedule, 100)
    subject = replace(subject_of(rule, Claim("kusto-ecs")), text=rendered.text)
    verdict = judge(reference, subject).verdict
    assert isinstance(verdict, Agrees if reference.execution.alerts else NoEvidence)
