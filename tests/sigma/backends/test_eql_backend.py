from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaRule

from converter.ir import ALWAYS, FieldType, Filter, Schema
from converter.languages.eql import lower, parse, show
from converter.languages.sigma import lower as lower_sigma
from harness.engines.predicate import evaluate
from sigma.backends.sigmaproof_eql import EqlBackend
from sigma.sigmaproof.new_terms import SigmaNewTermsRule

CASES = Path(__file__).parents[2] / "data" / "cases"
CONDITIONS = yaml.safe_load((CASES / "backend_conditions.yml").read_text(encoding="utf-8"))["cases"]
TEXTS = yaml.safe_load((CASES / "backend_eql.yml").read_text(encoding="utf-8"))
REFUSALS = yaml.safe_load((CASES / "backend_refusals.yml").read_text(encoding="utf-8"))
BY_NAME = {case["name"]: case for case in CONDITIONS}
IR_TYPES = {
    "float": "double",
    **dict.fromkeys(["byte", "integer", "short", "unsigned_long"], "long"),
}
Detection = Mapping[str, object]


def rule_of(detection: Detection) -> SigmaRule:
    return SigmaRule.from_dict(
        {"title": "A rule", "logsource": {"category": "test"}, "detection": dict(detection)}
    )


def converter_of(types: Mapping[str, str], *, collects: bool = False) -> EqlBackend:
    item = ProcessingItem(SetStateTransformation("sigmaproof_ecs_types", dict(types)))
    return EqlBackend(ProcessingPipeline([item]), collect_errors=collects)


def texts_of(types: Mapping[str, str], detection: Detection) -> list[str]:
    converted = converter_of(types).convert(SigmaCollection([rule_of(detection)]))
    assert isinstance(converted, list)
    return converted


def truths(types: Mapping[str, str], detection: Detection, event: Detection) -> tuple[bool, bool]:
    """Return what Sigma says of an event, and what the rendered texts say when they are read back."""
    schema = Schema({name: FieldType(IR_TYPES.get(text, text)) for name, text in types.items()})
    plan = lower_sigma(SigmaCollection([rule_of(detection)]), {}, ALWAYS, schema)
    assert isinstance(plan, Filter)
    queries = [parse(text) for text in texts_of(types, detection)]
    assert [parse(show(query)) for query in queries] == queries
    rendered = any(evaluate(lower(query, schema), event) is True for query in queries)
    return evaluate(plan.predicate, event) is True, rendered


@pytest.mark.parametrize("name", TEXTS)
def test_condition_is_written_as_expected(name: str) -> None:
    case = BY_NAME[name]
    if not TEXTS[name].startswith("refused: "):
        assert "\n---\n".join(texts_of(case.get("types", {}), case["detection"])) == TEXTS[name]
        return
    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        texts_of(case.get("types", {}), case["detection"])
    assert str(caught.value) == TEXTS[name].removeprefix("refused: ")


@pytest.mark.parametrize(
    ("case", "event", "truth"),
    [
        pytest.param(case, event, truth, id=f"{case['name']}-{number}")
        for case in CONDITIONS
        if not TEXTS.get(case["name"], "").startswith("refused: ")
        for key, truth in (("matches", True), ("misses", False))
        for number, event in enumerate(case.get(key, []))
    ],
)
def test_rendered_text_says_of_an_event_what_sigma_says(
    case: dict[str, dict[str, str]], event: dict[str, object], truth: bool
) -> None:
    assert truths(case.get("types", {}), case["detection"], event) == (truth, truth)


@pytest.mark.parametrize(
    "case",
    REFUSALS["everywhere"] + REFUSALS["unconverted"] + REFUSALS["eql"],
    ids=lambda case: case["reason"],
)
def test_refusal_says_what_and_what_to_do(case: dict[str, object]) -> None:
    detection = case["detection"]
    assert isinstance(detection, dict)
    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        texts_of(REFUSALS["types"], detection)
    assert str(caught.value) == case["reason"]


def test_expression_that_an_index_would_not_take_is_refused() -> None:
    detection = {"s": {"f": "*" + "a\\*" * 300}, "condition": "s"}
    with pytest.raises(
        SigmaFeatureNotSupportedByBackendError, match="a regular expression of 1802 characters"
    ):
        texts_of({"f": "keyword"}, detection)


@pytest.mark.parametrize(
    ("detection", "text"),
    [
        ({"f|cased": "a*b\x01?\\*"}, 'any where f regex "a.*b\\u{01}.\\\\*"'),
        ({"f|cased": "\x01\x7f\u00e9"}, 'any where f == "\\u{01}\\u{7f}é"'),
        ({"f": ["a*b", "c\\?", "d\\*"]}, 'any where\n  f : "a*b"\n  or f in~ ("c?", "d*")'),
        ({"f": ["ab", "AB", "ab"]}, 'any where f : ("ab", "AB")'),
        ({"in.x y.`": 1}, 'any where `in`.`x y`.```` == "1"'),
        ({"a..b": None}, "any where ?`a..b` == null"),
        ({"f|re": 'a"\\d'}, 'any where f regex ".*a\\\\\\"[0-9].*"'),
    ],
)
def test_odd_values_are_written_with_escapes(detection: Detection, text: str) -> None:
    assert texts_of({}, {"s": detection, "condition": "s"}) == [text]


@pytest.mark.parametrize(
    ("correlation", "reason"),
    [
        (
            {"type": "new_terms", "group-by": ["User"], "timespan": "14d"},
            (
                "EQL has no first-seen: a query matches events or sequences, and none can say that a value"
                " never occurred in the history; use the target kuery, lucene or esql"
            ),
        ),
        (
            {
                "type": "event_count",
                "group-by": ["User"],
                "timespan": "1h",
                "condition": {"gte": 3},
            },
            (
                "a correlation of type event_count: EQL has no counts for a group; a sequence with runs"
                " alerts on each run of events inside maxspan, not once for the group; use the target sentinel or"
                " kusto-ecs, or esql for a count in runs (sigmaproof.threshold)"
            ),
        ),
    ],
)
def test_correlations_are_refused(correlation: dict[str, object], reason: str) -> None:
    document = {"title": "New", "correlation": {**correlation, "rules": ["base"]}}
    kind = SigmaNewTermsRule if correlation["type"] == "new_terms" else SigmaCorrelationRule

    def collection() -> SigmaCollection:
        base = rule_of({"s": {"f|cased": "x"}, "condition": "s"})
        base.name = "base"
        return SigmaCollection([base, kind.from_dict(document)])

    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        converter_of({}).convert(collection())
    assert str(caught.value) == reason
    collecting = converter_of({}, collects=True)
    assert collecting.convert(collection()) == []
    assert [str(error) for _, error in collecting.errors] == [reason]


PIECES = st.text('aAkK\u212aé*?\\"\n1', max_size=4)
FIELDS = st.sampled_from(["f", "g"])
MODIFIERS = st.sampled_from(["", "|contains", "|startswith", "|endswith", "|all"])
CASED = st.sampled_from(["", "|cased"])
NUMBERS = st.integers(-2, 2) | st.sampled_from([0.5, 1.5])
ITEMS: st.SearchStrategy[tuple[str, object]] = st.one_of(
    st.tuples(
        st.builds("{}{}{}".format, FIELDS, MODIFIERS, CASED),
        st.lists(PIECES, min_size=1, max_size=3),
    ).filter(lambda item: "|all" not in item[0] or len(item[1]) > 1),
    st.tuples(st.builds("{}{}".format, FIELDS, st.just("|exists")), st.booleans()),
    st.tuples(FIELDS, st.none()),
    st.tuples(st.builds("n{}".format, st.sampled_from(["", "|gt", "|lte", "|neq"])), NUMBERS),
    st.tuples(st.just("b"), st.booleans()),
    st.tuples(st.just("i|cidr"), st.sampled_from(["10.0.0.0/8", "fe80::/10"])),
)
TYPES = {"f": "keyword", "g": "wildcard", "n": "double", "b": "boolean", "i": "ip"}
VALUES = {
    "f": PIECES,
    "g": PIECES,
    "n": NUMBERS,
    "b": st.booleans(),
    "i": st.sampled_from(["10.1.1.1", "fe80::1", "192.168.0.1"]),
}
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        name: st.none() | values | st.lists(values, max_size=2) for name, values in VALUES.items()
    },
)
SHAPES = st.sampled_from(
    ["a and b", "a or b", "not a", "a and not b", "not (a or b)", "not (a and b)"]
)


@settings(deadline=None, max_examples=400)
@given(
    st.dictionaries(st.sampled_from("ab"), ITEMS, min_size=2), SHAPES, st.lists(EVENTS, max_size=6)
)
def test_random_rules_say_of_random_events_what_sigma_says(
    items: dict[str, tuple[str, object]], shape: str, events: list[dict[str, object]]
) -> None:
    detection: dict[str, object] = {name: dict([item]) for name, item in items.items()}
    detection["condition"] = shape
    for event in events:
        said_by_sigma, said_by_text = truths(TYPES, detection, event)
        assert said_by_text is said_by_sigma
