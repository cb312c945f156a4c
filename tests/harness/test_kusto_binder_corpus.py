"""Our checker of Kusto texts and Microsoft's binder, over everything that is rendered to ECS columns.

As the texts bind on the right types, each is also checked with the columns' types changed, where many do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

import pytest
from sigma.rule import SigmaRule

from converter.errors import ConversionError, Unsupported
from converter.languages.kusto import check, lint
from converter.port import ImportOptions, PortableRule, read_rules
from harness.events.event import Dataset
from harness.subject import material_for
from harness.subjects import Claim, subject_of
from sigma.sigmaproof.assumed_types import assumed_types
from sigma.sigmaproof.ecs import KUSTO_TYPES, ecs_types
from sigma.sigmaproof.loader import load_documents
from tests.conformance import cases
from tests.corpus import shared
from tests.oracles.kusto.binder import Answer, bind

Tables = Mapping[str, Mapping[str, str]]

_TYPES = ("string", "long", "bool", "dynamic", "datetime", "real")
_TIME = "TimeGenerated"
_AT_ONCE = 100
_NAMES = re.compile(r"\['((?:[^'\\]|\\.)+)'\]")


def rendered(rule: PortableRule) -> tuple[str, Tables] | None:
    try:
        subject = subject_of(rule, Claim("kusto-ecs"))
    except (ConversionError, Unsupported):
        return None
    material = material_for(subject, Dataset((), rule.schema))
    (table,) = material.tables
    rules = load_documents(rule.documents, rule.path).collection.rules
    used = assumed_types([one for one in rules if isinstance(one, SigmaRule)])
    known = {name: KUSTO_TYPES[kind] for name, kind in used.items()} | ecs_types().kusto()
    named = {name: known.get(name, "string") for name in _NAMES.findall(subject.text)}
    plain = {name: kind for name, kind in known.items() if "." not in name}
    return subject.text, {table.table: {**plain, **named, **table.columns}}


@lru_cache(maxsize=1)
def of_corpus() -> dict[str, tuple[str, Tables]]:
    texts = {}
    for path in sorted(shared("corpus/elastic/rules").rglob("*.toml")):
        try:
            rules = read_rules(path.read_text(encoding="utf-8"), str(path), ImportOptions())
        except ConversionError:
            continue
        for rule in rules:
            if (found := rendered(rule)) is not None:
                texts[path.name] = found
    return texts


@lru_cache(maxsize=1)
def of_conformance() -> dict[str, tuple[str, Tables]]:
    found = {
        case.key: rendered(case.rule())
        for case in cases()
        if not case.refused and not case.placeholders
    }
    return {key: text for key, text in found.items() if text is not None}


def changed(tables: Tables, step: int) -> dict[str, dict[str, str]]:
    """Give each column another type, but for the time, and the identity that rows are told apart by."""
    return {
        name: {
            column: kind
            if column in (_TIME, "event.id") or kind not in _TYPES
            else _TYPES[(_TYPES.index(kind) + step) % len(_TYPES)]
            for column, kind in columns.items()
        }
        for name, columns in tables.items()
    }


def bound(queries: list[tuple[str, Tables]]) -> list[Answer]:
    """Ask the binder about some at a time: each has tables of its own, which takes it long."""
    return [
        answer
        for start in range(0, len(queries), _AT_ONCE)
        for answer in bind(queries[start : start + _AT_ONCE])
    ]


def disagreements(texts: Mapping[str, tuple[str, Tables]]) -> tuple[int, dict[str, object]]:
    """Return how many texts the binder refuses, and on which the checker and it disagree."""
    found: dict[str, object] = {}
    refused = 0
    for (name, (text, tables)), answer in zip(
        texts.items(), bound(list(texts.values())), strict=True
    ):
        ours = [one.code for one in check(text, tables)]
        refused += bool(answer.findings)
        if bool(ours) is not bool(answer.findings):
            found[name] = (text, ours, answer.codes)
    return refused, found


@pytest.mark.parametrize("texts", [of_corpus, of_conformance], ids=["corpus", "conformance"])
def test_every_text_binds_and_has_no_lint(
    texts: Callable[[], Mapping[str, tuple[str, Tables]]],
) -> None:
    rendered_texts = texts()
    assert len(rendered_texts) > 250
    assert disagreements(rendered_texts) == (0, {})
    lints = {name: lint(text, tables) for name, (text, tables) in rendered_texts.items()}
    assert {name: found for name, found in lints.items() if found} == {}


@pytest.mark.parametrize("step", [1, 2, 3])
def test_with_other_types_the_checker_refuses_what_the_binder_refuses(step: int) -> None:
    """Another third of the texts has its types changed in another way."""
    texts = {**of_corpus(), **of_conformance()}
    names = sorted(texts)[step - 1 :: 3]
    other = {name: (texts[name][0], changed(texts[name][1], step)) for name in names}
    refused, found = disagreements(other)
    assert found == {}
    assert refused > 100
