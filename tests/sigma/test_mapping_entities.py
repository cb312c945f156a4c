from __future__ import annotations

import pytest

from sigma.sigmaproof.mapping_entities import STRONG, WEAK, is_told
from sigma.sigmaproof.mapping_reader import pack_from_text

PACK = """
pack: doors
version: 1.0.0
title: Doors
licence: none
log_source: {product: demo, service: doors}
ecs: {condition: {event.dataset: demo.doors}}
sources: {tests: written for the tests}
entities:
  Account: {Name: who, NTDomain: realm, otherwise: {Sid: door}}
  Host: {HostName: door}
tables:
  Doors:
    id: Id
    assets: [Door, Who]
    columns:
      string: [Door, Id, Who]
      datetime: [TimeGenerated]
fields:
  - {ecs: user.name, sigma: who, column: Who}
  - {ecs: user.domain, sigma: realm, refused: nobody knows}
  - {ecs: host.name, sigma: door, column: Door}
"""


def test_the_fields_of_entities_are_known_in_order() -> None:
    assert pack_from_text(PACK, "pack.yml").entity_fields == ["who", "realm", "door"]


def test_a_rule_under_ecs_names_has_the_same_entities() -> None:
    pack = pack_from_text(PACK, "pack.yml").under_ecs_names({"product": "other"})
    assert [(one.type, one.identifiers) for one in pack.entities] == [
        ("Account", {"Name": "user.name", "NTDomain": "user.domain"}),
        ("Host", {"HostName": "host.name"}),
    ]


@pytest.mark.parametrize(
    ("kind", "identifiers", "told"),
    [
        ("Account", ("Name",), True),
        ("Account", ("NTDomain",), False),
        ("FileHash", ("Value",), False),
        ("FileHash", ("Algorithm", "Value"), True),
        ("Nothing", ("Name",), False),
    ],
)
def test_an_entity_is_told_by_a_strong_identifier(
    kind: str, identifiers: tuple[str, ...], told: bool
) -> None:
    assert is_told(kind, dict.fromkeys(identifiers)) is told


def test_no_identifier_is_both_strong_and_weak() -> None:
    for kind, weak in WEAK.items():
        assert set(STRONG[kind]).isdisjoint(weak), kind
