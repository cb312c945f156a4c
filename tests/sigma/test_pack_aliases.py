"""Other names that Sigma rules have for a field, and what is assumed of names that no event has."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.rule import SigmaDetectionItem, SigmaRule

from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.mapping import MappingError, MappingPack
from sigma.sigmaproof.mapping_reader import pack_from_text
from sigma.sigmaproof.pack_pipelines import ecs_pipeline, tables_pipeline
from sigma.sigmaproof.tables import NOTES

CASES = Path(__file__).parents[1] / "data" / "cases" / "mapping-errors.yml"
RULE = """
title: Demo
logsource: {product: demo, service: audit}
detection:
  selection: {NAME: ada}
  condition: selection
"""


def pack(names: str) -> MappingPack:
    valid = str(yaml.safe_load(CASES.read_text(encoding="utf-8"))["valid"])
    return pack_from_text(valid.replace("sigma: Actor,", f"sigma: Actor, {names},"), "demo")


def rendered(name: str, names: str) -> str:
    pipeline = tables_pipeline(pack(names), "sentinel")
    backend = SigmaproofKustoBackend(pipeline)
    (text,) = backend.convert(SigmaCollection.from_yaml(RULE.replace("NAME", name)))
    return str(text)


def test_an_alias_reads_the_column_of_the_field() -> None:
    text = rendered("initiator", "aliases: initiator")
    assert 'Actor =~ "ada"' in text
    assert "name-assumed" not in text


def test_what_is_assumed_of_a_name_is_said() -> None:
    text = rendered("who", "assumed: {who: no event has it}")
    assert 'Actor =~ "ada"' in text
    assert "name-assumed: who: no event has it" in text


def test_an_alias_becomes_the_ecs_name() -> None:
    rules = SigmaCollection.from_yaml(RULE.replace("NAME", "initiator"))
    ecs_pipeline(pack("aliases: initiator")).apply(rules.rules[0])
    (rule,) = rules.rules
    assert isinstance(rule, SigmaRule)
    (item,) = rule.detection.detections["selection"].detection_items
    assert isinstance(item, SigmaDetectionItem)
    assert item.field == "demo.actor"


def test_what_is_assumed_is_said_of_documents_too() -> None:
    rules = SigmaCollection.from_yaml(RULE.replace("NAME", "who"))
    pipeline = ecs_pipeline(pack("assumed: {who: no event has it}"))
    pipeline.apply(rules.rules[0])
    assert pipeline.state[NOTES] == [("name-assumed", "who: no event has it")]


def test_the_first_name_is_that_of_ecs_rules() -> None:
    field = pack("aliases: [initiator, who]").by_ecs("demo.actor")
    assert field is not None
    assert field.sigma == "Actor"


def test_an_alias_of_two_fields_is_refused() -> None:
    with pytest.raises(MappingError, match="sigma name Kind stands there 2 times; keep one"):
        pack("aliases: Kind")
