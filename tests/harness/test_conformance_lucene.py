"""Real Lucene finds with our Lucene texts the events of the conformance cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from converter.ir import Filter
from converter.ir.show import fields_of
from harness.events.event import values_of
from harness.subjects import Claim, subject_of
from sigma.sigmaproof.ecs import ecs_types
from tests.conformance import LOGS, Case, cases, events_of
from tests.oracles.lucene.oracle import Found, Lucene, running_lucene

MODELLED = {"float": "double"}
"""Types that the program holds as another one, which has the same values here."""


@pytest.fixture(scope="module")
def lucene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lucene]:
    with running_lucene(tmp_path_factory.mktemp("lucene")) as running:
        yield running


def cases_of(construct: str) -> list[Case]:
    return [
        case
        for case in cases()
        if case.construct == construct
        and not case.refused
        and not case.placeholders
        and "lucene" not in case.unsupported
    ]


CONSTRUCTS = [path.stem for path in sorted(LOGS.iterdir()) if cases_of(path.stem)]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_real_lucene_finds_the_events_of_the_cases(lucene: Lucene, construct: str) -> None:
    chosen = cases_of(construct)
    dataset = events_of(construct)
    queries = [subject_of(case.rule(), Claim("lucene")).text for case in chosen]
    fields = frozenset[str]().union(
        *(fields_read(case) for case in chosen),
        *(paths(event.document) for event in dataset.events),
    )
    documents = [
        {field: list(values_of(event.document, field)) for field in sorted(fields)}
        for event in dataset.events
    ]
    known = ecs_types().types
    types = {field: MODELLED.get(known[field], known[field]) for field in fields & known.keys()}
    answers = lucene.ask(queries, documents, types)
    for case, query, answer in zip(chosen, queries, answers, strict=True):
        wanted = Found(
            tuple(
                place
                for place, event in enumerate(dataset.events)
                if event.id in case.found_by("lucene")
            )
        )
        assert (case.key, query, answer) == (case.key, query, wanted)


def paths(node: object, prefix: str = "") -> frozenset[str]:
    """Return the paths to the values of a document, but for its time, which no case reads."""
    match node:
        case dict():
            below = (
                paths(inner, f"{prefix}.{key}" if prefix else key) for key, inner in node.items()
            )
            return frozenset[str]().union(*below) - {"@timestamp"}
        case list():
            return frozenset[str]().union(*(paths(inner, prefix) for inner in node))
        case _:
            return frozenset({prefix})


def fields_read(case: Case) -> frozenset[str]:
    plan = case.rule().plan
    assert isinstance(plan, Filter)
    return fields_of(plan.predicate)
