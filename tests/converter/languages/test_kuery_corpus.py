"""Every Kibana query of Elastic's public rules parses, survives showing, and means something or is refused."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from functools import lru_cache

import pytest

from converter.errors import Unsupported
from converter.ir import FieldType, Schema
from converter.languages.kuery import lower, parse, show
from tests.corpus import shared

TYPES = {
    "float": FieldType.DOUBLE,
    "integer": FieldType.LONG,
    "match_only_text": FieldType.TEXT,
    "scaled_float": FieldType.DOUBLE,
    "short": FieldType.LONG,
}
NOT_ASKED = {"array", "geo_point"}

REFUSED = {
    "date arithmetic": 6,
}
"""Why queries of the corpus are refused, and how many are."""


@lru_cache(maxsize=1)
def kuery_queries() -> tuple[tuple[str, str], ...]:
    """Return the file's name and text of every query and indicator query."""
    return tuple(_read_queries())


def _read_queries() -> Iterator[tuple[str, str]]:
    for path in sorted(shared("corpus/elastic").rglob("*.toml")):
        rule = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
        if rule.get("language") == "kuery" and "query" in rule:
            yield path.name, rule["query"]
        if rule.get("threat_language", "kuery") == "kuery" and "threat_query" in rule:
            yield path.name, rule["threat_query"]


@lru_cache(maxsize=1)
def schema() -> Schema:
    types: dict[str, FieldType] = {}
    for name in ("module-types.csv", "ecs-types.csv"):
        with shared(f"data/ecs/{name}").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["type"] not in NOT_ASKED:
                    types[row["field"]] = TYPES.get(row["type"]) or FieldType(row["type"])
    return Schema(types)


def refusal_of(text: str) -> Unsupported | None:
    try:
        lower(parse(text), schema())
    except Unsupported as error:
        return error
    return None


def test_every_query_survives_showing_and_parsing() -> None:
    queries = kuery_queries()
    assert len(queries) > 550
    changed = [name for name, text in queries if parse(show(parse(text))) != parse(text)]
    assert changed == []


def test_every_query_is_lowered_or_refused_for_a_known_reason() -> None:
    refusals = [refusal for _, text in kuery_queries() if (refusal := refusal_of(text))]
    assert all(refusal.hint and refusal.span for refusal in refusals)
    refused = [refusal.construct for refusal in refusals]
    counts = {reason: sum(reason in one for one in refused) for reason in REFUSED}
    assert counts == REFUSED
    assert len(refused) == sum(REFUSED.values())


def test_refusal_names_field_and_reason() -> None:
    file_name = "threat_intel_indicator_match_url.toml"
    texts = [text for name, text in kuery_queries() if name == file_name]
    with pytest.raises(Unsupported, match='date arithmetic "now-30d/d" on @timestamp'):
        lower(parse(texts[-1]), schema())
