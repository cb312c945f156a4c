"""Every construct of Sigma on every type of column, executed, or refused with a reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sigma.exceptions import SigmaError

from converter.languages.kusto import check, lint
from harness.engines.kusto_store import Store
from tests.oracles.kusto.binder import bind
from tests.sigma.backends import construct_table
from tests.sigma.backends.construct_table import Case, cases, ids_of, rendered, schema, sigma_ids

CASES = cases()
EXECUTED = [case for case in CASES if "ids" in case.expected]
EMPTY = [case for case in CASES if "never" in case.expected]
REFUSED = [case for case in CASES if "refused" in case.expected]
FIELDS = {
    *("s", "b", "i", "n", "r", "t", "g", "d", "l"),
    *("leaf", "leafn", "leafa", "json", "jsonn", "jsona"),
}
"""A column of every type, and what is read from inside of two."""


def key(case: Case) -> str:
    return case.key


@pytest.fixture(scope="module")
def opened() -> Iterator[Store]:
    with construct_table.store() as store:
        yield store


def operators(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.startswith("//")]
    return " ".join(line.strip() for line in lines[1:])


def others(ids: list[int]) -> list[int]:
    return [one for one in construct_table.all_ids() if one not in ids]


def test_every_construct_has_a_case_for_every_type() -> None:
    for construct in construct_table.constructs():
        name = construct["construct"]
        found = {case.field for case in CASES if case.construct == name}
        assert name.startswith(("fieldref", "a keyword", "keywords", "all keywords")) or (
            found == FIELDS
        ), name
    assert len(EXECUTED) + len(EMPTY) + len(REFUSED) == len(CASES)


@pytest.mark.parametrize("case", EXECUTED, ids=key)
def test_a_construct_finds_these_rows(case: Case, opened: Store) -> None:
    text, notes = rendered(case.rule())
    assert operators(text) == case.expected["where"]
    assert notes == case.expected.get("notes", [])
    assert ids_of(opened, text) == case.expected.get("kusto", case.expected["ids"])


@pytest.mark.parametrize("case", EXECUTED, ids=key)
def test_the_negation_finds_the_other_rows(case: Case, opened: Store) -> None:
    if case.expected.get("always"):
        with pytest.raises(SigmaError, match="no row of T can satisfy"):
            rendered(case.rule(negated=True))
        return
    text, _ = rendered(case.rule(negated=True))
    expected = case.expected.get("kusto_not", others(case.expected["ids"]))
    assert ids_of(opened, text) == expected


@pytest.mark.parametrize("case", [*EXECUTED, *EMPTY], ids=key)
def test_a_construct_means_in_sigma_what_the_case_says(case: Case) -> None:
    assert sigma_ids(case.rule()) == case.expected.get("ids", [])
    assert sigma_ids(case.rule(negated=True)) == others(case.expected.get("ids", []))


@pytest.mark.parametrize("case", EMPTY, ids=key)
def test_what_no_value_satisfies_is_folded(case: Case, opened: Store) -> None:
    with pytest.raises(SigmaError, match="no row of T can satisfy the condition"):
        rendered(case.rule())
    assert ids_of(opened, rendered(case.rule(negated=True))[0]) == construct_table.all_ids()


@pytest.mark.parametrize("case", REFUSED, ids=key)
def test_what_kusto_cannot_say_is_refused_with_its_reason(case: Case) -> None:
    for is_negated in (False, True):
        with pytest.raises(SigmaError) as refusal:
            rendered(case.rule(negated=is_negated))
        assert str(refusal.value) == case.expected["refused"]


def texts() -> list[tuple[str, str]]:
    found = []
    for case in EXECUTED:
        found.append((case.key, rendered(case.rule())[0]))
        if not case.expected.get("always"):
            found.append((f"not {case.key}", rendered(case.rule(negated=True))[0]))
    return found


def test_every_text_passes_microsofts_binder_and_our_checks() -> None:
    written = texts()
    answers = bind([(text, schema()) for _, text in written])
    for (name, text), answer in zip(written, answers, strict=True):
        assert (name, answer.findings) == (name, ())
        if not name.startswith("not "):
            assert (name, check(text, schema()) + lint(text, schema())) == (name, ())
