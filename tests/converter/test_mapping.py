from __future__ import annotations

import pytest

from converter.ir import Atom, FieldType, OneOf, View
from converter.layout import CellPlace, Kind
from converter.mapping import (
    MappingPack,
    dataset_fields,
    ecs_name,
    ecs_schema,
    events_layout,
    log_source_predicate,
    pack_for_elastic_rule,
    pack_for_log_source,
    packs,
    sigma_name,
    table_layouts,
)
from converter.schema_files import read_schema_files

APP_ID = "azure.signinlogs.properties.app_id"


def entra() -> MappingPack:
    return next(pack for pack in packs() if pack.name == "entra_signin")


@pytest.mark.parametrize("field", ["event.dataset", "data_stream.dataset"])
def test_a_rule_is_of_the_log_source_whose_dataset_it_demands(field: str) -> None:
    assert pack_for_elastic_rule(["filebeat-*"], [(field, "azure.signinlogs")]) is entra()
    assert pack_for_elastic_rule(["filebeat-*"], [(field, "azure.springcloudlogs")]) is None


def test_a_rule_that_demands_two_datasets_has_no_pack() -> None:
    conditions = [("event.dataset", "azure.signinlogs"), ("event.dataset", "azure.auditlogs")]
    assert pack_for_elastic_rule(["filebeat-*"], conditions) is None


@pytest.mark.parametrize(
    ("indices", "is_found"),
    [
        (["logs-azure.signinlogs-*"], True),
        (["logs-azure.signinlogs-default"], True),
        (["europe:logs-azure.signinlogs-*", "-logs-azure.signinlogs-test"], True),
        (["filebeat-*", "logs-azure.signinlogs-*"], False),
        (["logs-azure.*"], False),
        (["logs-*"], False),
        ([], False),
    ],
)
def test_without_a_dataset_all_indices_must_lie_inside_the_log_source(
    indices: list[str], is_found: bool
) -> None:
    assert (pack_for_elastic_rule(indices, []) is entra()) is is_found


def test_a_sigma_log_source_has_its_pack() -> None:
    assert pack_for_log_source({"product": "azure", "service": "signinlogs"}) is entra()
    assert (
        pack_for_log_source({"product": "azure", "service": "signinlogs", "category": None})
        is entra()
    )
    assert pack_for_log_source({"product": "azure", "service": "springcloudlogs"}) is None
    assert pack_for_log_source({"product": "azure"}) is None


def test_names_go_both_ways() -> None:
    assert sigma_name(entra(), APP_ID) == "AppId"
    assert ecs_name(entra(), "AppId") == APP_ID
    for field in entra().fields:
        assert ecs_name(entra(), sigma_name(entra(), field.ecs)) == field.ecs


def test_a_name_without_a_mapping_stays() -> None:
    assert sigma_name(entra(), "source.as.organization.name") == "source.as.organization.name"
    assert sigma_name(entra(), "colour") == "colour"
    assert ecs_name(None, "AppId") == "AppId"


def test_the_schema_knows_ecs_the_pack_and_what_is_declared() -> None:
    declared = read_schema_files({"m.json": '{"properties": {"colour": {"type": "integer"}}}'})
    schema = ecs_schema(entra(), declared)
    assert schema.type_of("source.ip") is FieldType.IP
    assert schema.type_of("azure.signinlogs.properties.is_interactive") is FieldType.BOOLEAN
    assert schema.type_of("azure.signinlogs.properties.status.error_code") is FieldType.LONG
    assert schema.type_of("colour") is FieldType.LONG
    assert not schema.knows("shape")
    assert APP_ID in schema.single_valued
    assert "event.category" not in schema.single_valued


def test_the_schema_without_a_pack_is_that_of_ecs() -> None:
    schema = ecs_schema()
    assert schema.type_of("event.ingested") is FieldType.DATE
    assert not schema.knows(APP_ID)
    assert schema.single_valued == frozenset()


def test_the_log_source_implies_an_exact_condition() -> None:
    assert log_source_predicate(entra()) == Atom(
        "event.dataset", View.KEYWORD, OneOf(("azure.signinlogs",))
    )
    assert dataset_fields() >= {"event.dataset", "data_stream.dataset"}


def test_a_layout_says_how_a_table_keeps_each_field() -> None:
    layouts = {layout.name: layout for layout in table_layouts(entra())}
    fields = {field.name: field for field in layouts["AADNonInteractiveUserSignInLogs"].fields}
    browser = fields["azure.signinlogs.properties.device_detail.browser"]
    assert browser.places == (CellPlace("DeviceDetail", ("browser",)),)
    assert browser.kind is Kind.TEXT
    assert fields["azure.signinlogs.properties.is_interactive"].constant is False
    assert fields["azure.signinlogs.properties.status.error_code"].kind is Kind.NUMBER
    assert fields["azure.signinlogs.properties.flagged_for_review"].places == ()
    assert "source.geo.country_name" not in fields


def test_the_table_of_events_has_types_of_ecs_and_of_the_pack() -> None:
    layout = events_layout(entra())
    assert layout.types["event.category"] == "dynamic"
    assert layout.types["azure.signinlogs.properties.is_interactive"] == "bool"
    assert APP_ID not in events_layout().types
