from __future__ import annotations

import pytest
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaTransformationError
from sigma.plugins import InstalledSigmaPlugins
from sigma.processing.pipeline import ProcessingPipeline
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule

from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.pipelines.entra_signin import entra_signin_ecs, entra_signin_sentinel
from sigma.pipelines.kusto_ecs import kusto_ecs
from sigma.sigmaproof.pack_pipelines import fields_of
from sigma.sigmaproof.tables import NOTES, TABLES, EcsTable, Table, UnmappedError

SIGNINS = """
title: Base
name: base
logsource: {product: azure, service: signinlogs}
detection:
  selection:
    IsInteractive: false
    UserType|cased: Member
    event.category|cased: authentication
  filter:
    - ClientAppUsed|cased: Browser
    - source.as.organization.name|cased: MICROSOFT-CORP-MSN-AS-BLOCK
  condition: selection and not filter
fields: [AppId]
---
title: New terms
correlation:
  type: event_count
  rules: [base]
  group-by: [UserPrincipalName, AppId]
  timespan: 14d
  condition: {eq: 1}
"""


def rules(text: str = SIGNINS) -> tuple[SigmaRule, SigmaCorrelationRule]:
    base, correlation = SigmaCollection.from_yaml(text).rules
    assert isinstance(base, SigmaRule)
    assert isinstance(correlation, SigmaCorrelationRule)
    return base, correlation


def detection(lines: str) -> SigmaRule:
    text = f"""
title: One rule
logsource: {{product: azure, service: signinlogs}}
detection:
  selection:
    {lines}
  condition: selection
"""
    rule = SigmaCollection.from_yaml(text).rules[0]
    assert isinstance(rule, SigmaRule)
    return rule


def notes(pipeline: ProcessingPipeline, code: str) -> list[str]:
    return [message for known, message in pipeline.state[NOTES] if known == code]


def test_only_pipelines_are_registered() -> None:
    ours = {
        name: pipeline
        for name, pipeline in InstalledSigmaPlugins.autodiscover().pipelines.items()
        if name.startswith(("entra_signin", "kusto_ecs", "windows_ecs"))
        or "sigmaproof" in repr(pipeline)
    }
    assert sorted(ours) == ["entra_signin_ecs", "entra_signin_sentinel", "kusto_ecs", "windows_ecs"]


def test_fields_are_renamed_to_ecs_in_detections_and_field_lists() -> None:
    base, _ = rules()
    entra_signin_ecs().apply(base)
    assert base.fields == ["azure.signinlogs.properties.app_id"]
    assert set(fields_of(base)) == {
        "azure.signinlogs.properties.is_interactive",
        "azure.signinlogs.properties.user_type",
        "azure.signinlogs.properties.client_app_used",
        "event.category",
        "event.dataset",
        "source.as.organization.name",
    }


def test_fields_of_a_correlation_are_renamed_too() -> None:
    _, correlation = rules()
    entra_signin_ecs().apply(correlation)
    assert correlation.group_by == [
        "azure.signinlogs.properties.user_principal_name",
        "azure.signinlogs.properties.app_id",
    ]


def test_the_log_source_becomes_an_exact_condition() -> None:
    base, _ = rules()
    entra_signin_ecs().apply(base)
    added = base.detection.detections["_log_source"]
    assert isinstance(added, SigmaDetection)
    item = added.detection_items[0]
    assert isinstance(item, SigmaDetectionItem)
    assert (item.field, [str(value) for value in item.value]) == (
        "event.dataset",
        ["azure.signinlogs"],
    )
    assert [modifier.__name__ for modifier in item.modifiers] == ["SigmaCaseSensitiveModifier"]
    assert base.detection.parsed_condition[0].condition == (
        "_log_source and (selection and not filter)"
    )


def test_the_pipeline_to_ecs_says_what_it_knows_of_the_log_source() -> None:
    pipeline = entra_signin_ecs()
    pipeline.apply(rules()[0])
    state = pipeline.state
    assert state["sigmaproof_index"] == "logs-azure.signinlogs-*"
    assert state["sigmaproof_ecs_types"]["source.ip"] == "ip"
    assert state["sigmaproof_ecs_types"]["azure.signinlogs.properties.is_interactive"] == "boolean"
    assert "azure.signinlogs.properties.app_id" in state["sigmaproof_single_valued"]
    assert "event.category" not in state["sigmaproof_single_valued"]


def test_another_log_source_is_left_alone() -> None:
    base, _ = rules(SIGNINS.replace("service: signinlogs", "service: auditlogs"))
    pipeline = entra_signin_ecs() + entra_signin_sentinel()
    pipeline.apply(base)
    assert "IsInteractive" in set(fields_of(base))
    assert pipeline.state == {}


def test_sentinel_gets_the_four_tables_and_what_the_port_assumes() -> None:
    pipeline = entra_signin_sentinel()
    pipeline.apply(rules()[0])
    tables = pipeline.state[TABLES]
    assert [table.name for table in tables] == [
        "SigninLogs",
        "AADNonInteractiveUserSignInLogs",
        "AADServicePrincipalSignInLogs",
        "AADManagedIdentitySignInLogs",
    ]
    assert all(isinstance(table, Table) for table in tables)
    assert notes(pipeline, "mapping-pack") == ["given mapping pack entra_signin 1.0.0"]
    assert notes(pipeline, "mapping-absent") == [
        (
            "ClientAppUsed, UserType: no column in AADServicePrincipalSignInLogs,"
            " AADManagedIdentitySignInLogs, counts as missing there"
        ),
        (
            "source.as.organization.name: no column in AADManagedIdentitySignInLogs,"
            " counts as missing there"
        ),
    ]


@pytest.mark.parametrize("line", ["Colour: red", "AppId|fieldref: Colour", "Colour|exists: true"])
def test_a_field_that_the_pack_does_not_know_stops_the_port(line: str) -> None:
    backend = SigmaproofKustoBackend(entra_signin_sentinel())
    with pytest.raises(
        UnmappedError, match="field Colour has no entry in the mapping pack for table SigninLogs;"
    ):
        backend.convert(SigmaCollection([detection(line)]))


def test_every_condition_that_stops_a_port_is_named_at_once() -> None:
    backend = SigmaproofKustoBackend(entra_signin_sentinel())
    rule = detection("{Colour: red, user_agent.name: x, AppId: y}")
    with pytest.raises(UnmappedError) as raised:
        backend.convert(SigmaCollection([rule]))
    reasons = str(raised.value)
    assert reasons.startswith(
        "2 reasons: (1) field Colour has no entry in the mapping pack for table SigninLogs"
    )
    assert "(2) field user_agent.name cannot be read from table SigninLogs" in reasons


def test_a_field_without_a_faithful_column_stops_the_rendering_with_the_reason() -> None:
    pipeline = entra_signin_sentinel()
    pipeline.apply(detection("user_agent.name: curl"))
    with pytest.raises(
        SigmaTransformationError,
        match=r"field user_agent\.name cannot be read from table SigninLogs: Elastic parses it",
    ):
        pipeline.state[TABLES][0].column("user_agent.name")


def test_the_user_decides_on_an_organisation_outside_the_value_table() -> None:
    decided = ProcessingPipeline(
        vars={"sigmaproof_values": {"source.as.organization.name": {"DTAG": 3320}}}
    )
    pipeline = decided + entra_signin_sentinel()
    pipeline.apply(rules()[0])
    column = pipeline.state[TABLES][0].column("source.as.organization.name")
    assert column.values == {"MICROSOFT-CORP-MSN-AS-BLOCK": "8075", "DTAG": "3320"}
    assert column.enrichment.endswith("(MICROSOFT-CORP-MSN-AS-BLOCK -> 8075, DTAG -> 3320)")


def test_a_decision_that_is_no_table_is_refused() -> None:
    decided = ProcessingPipeline(vars={"sigmaproof_values": {"source.as.number": "3320"}})
    with pytest.raises(SigmaTransformationError, match="must map ECS fields to value tables"):
        (decided + entra_signin_sentinel()).apply(rules()[0])


def test_events_have_columns_of_ecs_types_and_of_the_log_source() -> None:
    pipeline = entra_signin_ecs() + kusto_ecs()
    pipeline.apply(rules()[0])
    (table,) = pipeline.state[TABLES]
    assert isinstance(table, EcsTable)
    assert (table.name, table.time, table.id) == ("Events", "TimeGenerated", "['event.id']")
    columns = {
        name: table.column(name)
        for name in ("event.category", "azure.signinlogs.properties.is_interactive")
    }
    assert {name: column.type for name, column in columns.items() if column} == {
        "event.category": "dynamic",
        "azure.signinlogs.properties.is_interactive": "bool",
    }
    assert pipeline.state[NOTES] == []


def test_a_type_that_ecs_does_not_know_is_assumed_and_said() -> None:
    pipeline = kusto_ecs()
    pipeline.apply(detection("{colour: red, shade: dark, size|lt: 5}"))
    (table,) = pipeline.state[TABLES]
    assert table.column("colour").type == "string"
    assert notes(pipeline, "assumed-type") == [
        "the columns of fields colour, shade, not in ECS 9.4.0, are taken to be string",
        "the column of field size, not in ECS 9.4.0, is taken to be real",
    ]
