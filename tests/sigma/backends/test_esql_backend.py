"""ES|QL on fields that may hold several values: the text, and what it says of events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from pathlib import Path
from random import Random

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import (
    SetStateTransformation,
    ValueListPlaceholderTransformation,
)
from sigma.rule import SigmaRule

from converter.errors import Unsupported
from converter.ir import ALWAYS, Case, FieldType, Filter, RegexDialect, Schema
from converter.languages.esql import lower_where, parse
from converter.languages.esql.syntax import Where
from converter.languages.sigma import lower as lower_sigma
from harness.engines.esql import execute
from harness.engines.predicate import evaluate
from harness.engines.regex import compiled
from harness.events.event import Dataset, Event
from sigma.backends.sigmaproof_esql import EsqlBackend
from sigma.backends.sigmaproof_esql.networks import network_expression

CASES = yaml.safe_load(
    (Path(__file__).parents[2] / "data/cases/backend_esql.yml").read_text(encoding="utf-8")
)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
Example = Mapping[str, object]


def types_of(case: Example) -> dict[str, str]:
    types = case.get("types", {})
    assert isinstance(types, dict)
    return {"f": "keyword", "f-1.x": "keyword", **types}


def schema_of(case: Example) -> Schema:
    kinds = {name: "long" if kind == "integer" else kind for name, kind in types_of(case).items()}
    return Schema({name: FieldType(kind) for name, kind in kinds.items()})


def collection_of(detection: object) -> SigmaCollection:
    source = {"title": "A rule", "logsource": {"category": "test"}, "detection": detection}
    return SigmaCollection([SigmaRule.from_dict(source)])


def backend_of(case: Example) -> EsqlBackend:
    single = case.get("single", [])
    assert isinstance(single, list)
    states = {"sigmaproof_ecs_types": types_of(case), "sigmaproof_single_valued": frozenset(single)}
    return EsqlBackend(
        ProcessingPipeline(
            [ProcessingItem(SetStateTransformation(key, value)) for key, value in states.items()]
        )
    )


def query_of(case: Example) -> str:
    (query,) = backend_of(case).convert(collection_of(case["detection"]))
    return str(query)


def condition_in(query: str) -> str:
    """Return the condition of a pipeline as it stands in WHERE."""
    lines = query.split("\n")
    return "\n".join(line.removeprefix("    ") for line in lines[lines.index("| WHERE") + 1 : -1])


def kept(case: Example, document: Mapping[str, object]) -> bool:
    schema = schema_of(case)
    event = Event("1", MOMENT, MOMENT, document)
    return bool(execute(query_of(case), Dataset((event,), schema), (), None).alerts)


def meant(case: Example, document: Mapping[str, object]) -> bool:
    plan = lower_sigma(collection_of(case["detection"]), {}, ALWAYS, schema_of(case))
    assert isinstance(plan, Filter)
    return evaluate(plan.predicate, document) is True


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: str(case["name"]))
def test_condition_is_written_as_expected(case: Example) -> None:
    assert condition_in(query_of(case)) == case["text"]


@pytest.mark.parametrize(
    ("case", "document", "truth"),
    [
        pytest.param(case, document, truth, id=f"{case['name']} {document}")
        for case in CASES["cases"]
        for key, truth in (("matches", True), ("misses", False))
        for document in case[key]
    ],
)
def test_text_says_of_an_event_what_sigma_says(
    case: Example, document: Mapping[str, object], truth: bool
) -> None:
    assert (meant(case, document), kept(case, document)) == (truth, truth)


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: str(case["name"]))
def test_text_lowers_to_a_predicate_that_says_the_same(case: Example) -> None:
    (condition, *_) = parse(query_of(case)).commands
    assert isinstance(condition, Where)
    if "fields" in case:
        with pytest.raises(Unsupported, match="not on one field and constants"):
            lower_where(condition.condition, schema_of(case))
        return
    predicate = lower_where(condition.condition, schema_of(case))
    for key, truth in (("matches", True), ("misses", False)):
        documents = case[key]
        assert isinstance(documents, list)
        for document in documents:
            assert (document, evaluate(predicate, document)) == (document, truth)


@pytest.mark.parametrize("case", CASES["refusals"], ids=lambda case: str(case["reason"]))
def test_refusal_says_what_and_what_to_do(case: Example) -> None:
    with pytest.raises(SigmaFeatureNotSupportedByBackendError) as caught:
        query_of(case)
    assert str(caught.value) == case["reason"]


@pytest.mark.parametrize(
    ("item", "document"),
    [
        ({"f|cased": "a*b"}, {"f": ["0", "a\u241fb"]}),
        ({"f|cased|startswith": "b"}, {"f": ["0", "a\u241fb"]}),
    ],
)
def test_only_an_array_that_holds_the_separator_is_read_otherwise_and_the_note_says_so(
    item: Example, document: Mapping[str, object]
) -> None:
    case = {"detection": {"s": item, "condition": "s"}}
    assert meant(case, document) is not kept(case, document)
    backend = backend_of(case)
    backend.convert(collection_of(case["detection"]))
    joined = (
        "an array in f is compared as one text, its values joined by \u241f (U+241F);"
        " a value that holds this character itself is taken for several"
    )
    assert backend.notes == [("array-joined", joined)]
    (name,) = document
    assert meant(case, {name: "a\u241fb"}) is kept(case, {name: "a\u241fb"})


@pytest.mark.parametrize("item", [{"f|contains": "a"}, {"f|cased": "a"}, {"f|re": "a[0-9]"}])
def test_what_the_separator_cannot_change_has_no_note(item: Example) -> None:
    backend = backend_of({})
    backend.convert(collection_of({"s": item, "condition": "s"}))
    assert backend.notes == []


def test_placeholder_is_what_a_pipeline_puts_in_its_place() -> None:
    pipeline = ProcessingPipeline(
        [ProcessingItem(ValueListPlaceholderTransformation())], vars={"admins": ["Root", "ad*"]}
    )
    (query,) = EsqlBackend(pipeline).convert(
        collection_of({"s": {"f|expand": "%admins%"}, "condition": "s"})
    )
    assert condition_in(str(query)).split("\n")[0] == 'MV_CONTAINS(TO_LOWER(f), "root")'
    assert 'RLIKE "[aA][dD].*"' in str(query)


def test_expression_that_is_too_long_is_refused_with_its_length() -> None:
    case = {"detection": {"s": {"f|startswith": "a" * 250}, "condition": "s"}}
    with pytest.raises(
        SigmaFeatureNotSupportedByBackendError, match="a regular expression of 1002 characters"
    ):
        query_of(case)


def _address(random: Random) -> int:
    """Return an address with groups that are often zero, of IPv4 at times."""
    if random.random() < 0.2:
        return (0xFFFF << 32) + random.getrandbits(32)
    number = 0
    for _ in range(8):
        group = random.choice([0, 0, 0, 1, 0x10, 0xFE80, 0xFFFF, random.getrandbits(16)])
        number = number << 16 | group
    return number


def _text(address: int) -> str:
    parsed = IPv6Address(address)
    return str(parsed.ipv4_mapped or parsed)


def _network(random: Random) -> IPv4Network | IPv6Network:
    address = IPv6Address(_address(random))
    if address.ipv4_mapped is not None:
        return ip_network(f"{address.ipv4_mapped}/{random.randint(0, 32)}", strict=False)
    return ip_network(f"{address}/{random.randint(0, 128)}", strict=False)


def test_expression_of_a_network_finds_its_addresses_and_no_others() -> None:
    random = Random(4291)
    for _ in range(1500):
        network = _network(random)
        base = 0xFFFF << 32 if isinstance(network, IPv4Network) else 0
        low, high = base + int(network[0]), base + int(network[-1])
        inside = [low, high, low + (_address(random) & high - low), _address(random)]
        outside = [max(low - 1, 0), min(high + 1, (1 << 128) - 1)]
        expression = compiled(network_expression(str(network)), RegexDialect.LUCENE, "", Case.EXACT)
        for address in (*inside, *outside):
            for text in (_text(address), f"x {_text(address)} y"):
                found = expression.search(text) is not None
                assert (network, text, found) == (network, text, low <= address <= high)
