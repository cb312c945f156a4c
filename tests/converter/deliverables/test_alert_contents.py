from __future__ import annotations

from typing import Any

import pytest
import yaml

from converter.deliverables import sentinel_rule
from converter.deliverables.alert_contents import AlertContents, Entity, display_name
from converter.diagnostic import Diagnostic
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from converter.render import render
from sigma.sigmaproof.mapping_reader import pack_from_text
from tests.oracles.kusto.binder import bind

PACK = """
pack: doors
version: 1.0.0
title: Doors
licence: none
log_source: {product: demo, service: doors}
ecs: {condition: {event.dataset: demo.doors}}
sources: {tests: written for the tests}
entities:
  Account: [{FullName: who, AadUserId: who.id}, {Name: guest}]
  Host: {HostName: door.name}
tables:
  Doors:
    connector: [DoorConnector, OtherConnector]
    id: Id
    selector: {door.kind: door}
    columns:
      string: [Id, Kind, Who]
      dynamic: [Detail, Groups]
      datetime: [TimeGenerated]
  Gates:
    connector: DoorConnector
    id: Id
    selector: {door.kind: gate}
    columns:
      string: [Detail, Id, Kind, Person]
      datetime: [TimeGenerated]
fields:
  - {ecs: door.kind, sigma: kind, column: Kind}
  - {ecs: user.name, sigma: who, column: Who, columns: {Gates: Person}}
  - {ecs: user.id, sigma: who.id, column: Detail.id}
  - {ecs: user.guest, sigma: guest, column: Detail.guest}
  - {ecs: door.name, column: "Detail.{a door}"}
  - {ecs: door.floor, sigma: floor_of_the_building, column: Detail.floor}
  - {ecs: user.groups, sigma: groups, column: Groups, multiple: true}
  - {ecs: user.mood, sigma: mood, refused: nobody knows}
"""
SIGMA = """
title: A door
id: 11111111-2222-4333-8444-555555555555
license: Apache-2.0
logsource: {product: demo, service: doors}
detection:
  selection: SELECTION
  condition: selection
fields: [FIELDS]
level: low
"""
NEW = """
---
title: A door that is new
correlation:
  type: new_terms
  rules: [11111111-2222-4333-8444-555555555555]
  group-by: [who.id]
  timespan: 10d
fields: [who]
level: low
"""
SCHEMAS = {
    "Doors": dict.fromkeys(("Id", "Kind", "Who"), "string")
    | {"Detail": "dynamic", "Groups": "dynamic", "TimeGenerated": "datetime"},
    "Gates": dict.fromkeys(("Detail", "Id", "Kind", "Person"), "string")
    | {"TimeGenerated": "datetime"},
}
DOORS = "{kind: door, who: ann}"
EITHER = "{who: ann}"


def written(
    selection: str = DOORS, fields: str = "", more: str = "", pack_text: str = PACK
) -> tuple[Any, tuple[Diagnostic, ...]]:
    pack = pack_from_text(pack_text, "pack.yml")
    documents = SIGMA.replace("SELECTION", selection).replace("FIELDS", fields) + more
    rule = read_rules(documents, "rule.yml", ImportOptions(packs=(pack,)))[0]
    target = target_named("sentinel")
    rendered = render(rule.documents, "rule.yml", target, rule.pack, "scheduled")
    text, remarks = sentinel_rule.write(rule.documents, rendered)
    return yaml.safe_load(text), remarks


def entities(rule: Any) -> list[tuple[str, dict[str, str]]]:  # noqa: ANN401 - YAML
    return [
        (
            one["entityType"],
            {each["identifier"]: each["columnName"] for each in one["fieldMappings"]},
        )
        for one in rule.get("entityMappings", [])
    ]


def returned(rule: Any) -> set[str]:  # noqa: ANN401 - YAML
    (answer,) = bind([(rule["query"], SCHEMAS)])
    assert answer.findings == ()
    return {name for name, _ in answer.columns}


def test_entities_are_those_of_the_pack_under_plain_names() -> None:
    rule, _ = written()
    assert entities(rule) == [
        ("Account", {"FullName": "Who", "AadUserId": "who_id"}),
        ("Account", {"Name": "guest"}),
        ("Host", {"HostName": "door_name"}),
    ]
    assert {"Who", "who_id", "guest", "door_name"} <= returned(rule)


def test_entities_of_several_tables_have_one_name() -> None:
    rule, _ = written(EITHER)
    assert entities(rule)[0] == ("Account", {"FullName": "who", "AadUserId": "who_id"})
    assert {"who", "who_id", "guest", "door_name"} <= returned(rule)


def test_connectors_are_those_of_the_tables_that_a_union_reads() -> None:
    assert written(EITHER)[0]["requiredDataConnectors"] == [
        {"connectorId": "DoorConnector", "dataTypes": ["Doors", "Gates"]},
        {"connectorId": "OtherConnector", "dataTypes": ["Doors"]},
    ]
    assert written("{kind: gate}")[0]["requiredDataConnectors"] == [
        {"connectorId": "DoorConnector", "dataTypes": ["Gates"]}
    ]


def test_details_are_the_rules_fields_that_tell_no_entity() -> None:
    rule, remarks = written(DOORS, "who, floor_of_the_building, groups, mood")
    assert rule["customDetails"] == {
        "EventId": "Id",
        "EventTime": "TimeGenerated",
        "of_the_building": "floor_of_the_building",
    }
    assert {*rule["customDetails"].values()} <= returned(rule)
    assert remarks == ()
    assert "context-field: mood is not shown beside the result" in rule["query"]


def test_a_group_that_is_named_with_dots_has_a_plain_name_too() -> None:
    rule, _ = written(DOORS, "", NEW)
    assert rule["query"].splitlines()[-1] == "| extend who_id = ['who.id']"
    assert entities(rule)[0] == ("Account", {"FullName": "Who", "AadUserId": "who_id"})
    assert {"Who", "who_id"} <= returned(rule)


def test_an_entity_that_the_result_does_not_tell_is_left_out() -> None:
    without = PACK.replace(
        '- {ecs: door.name, column: "Detail.{a door}"}', "- {ecs: door.name, refused: nobody knows}"
    )
    assert [kind for kind, _ in entities(written(pack_text=without)[0])] == ["Account", "Account"]


def test_details_above_the_limit_are_left_out_and_that_is_said() -> None:
    names = [f"field{number}" for number in range(20)]
    more = "".join(
        f"  - {{ecs: demo.{name}, sigma: {name}, column: Detail.{name}}}\n" for name in names
    )
    rule, (remark,) = written(DOORS, ", ".join(names), pack_text=PACK + more)
    assert len(rule["customDetails"]) == 20
    assert remark.code == "details-left-out"
    assert "field18, field19 are left out" in remark.message
    assert {"field18", "field19"} <= returned(rule)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("A door", "A door: {{Who}}"),
        ("x" * 250, None),
        ("A {{door}}", None),
    ],
)
def test_an_alert_is_named_after_its_first_entity_where_there_is_room(
    title: str, name: str | None
) -> None:
    contents = AlertContents((Entity("Account", {"FullName": "Who"}),), {})
    assert display_name(title, contents) == name
    assert display_name(title, AlertContents((), {})) is None
