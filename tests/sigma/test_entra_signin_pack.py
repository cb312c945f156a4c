from __future__ import annotations

import json

import pytest
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES

from converter.mapping import packs
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.kusto_columns import kusto_tables
from sigma.sigmaproof.mapping import MappingPack, PackTable
from sigma.sigmaproof.pack_pipelines import tables_pipeline
from sigma.sigmaproof.tables import Table
from tests.corpus import shared

USER_TABLES = ["SigninLogs", "AADNonInteractiveUserSignInLogs"]
WORKLOAD_TABLES = ["AADServicePrincipalSignInLogs", "AADManagedIdentitySignInLogs"]


def pack() -> MappingPack:
    return next(pack for pack in packs() if pack.name == "entra_signin")


def tables() -> dict[str, Table]:
    return {table.name: table for table in kusto_tables(pack())}


@pytest.mark.parametrize("table", pack().tables, ids=lambda table: table.name)
def test_every_column_stands_in_the_schema_of_the_stock_backend_or_is_declared_newer(
    table: PackTable,
) -> None:
    schema = {
        name: str(column["data_type"]) for name, column in AZURE_MONITOR_TABLES[table.name].items()
    }
    for name, column_type in table.types.items():
        if name in table.newer:
            assert name not in schema, f"{name} is not newer any more"
            assert table.newer[name]
        else:
            assert schema[name] == column_type, name


def test_the_four_tables_are_told_apart_by_category_and_interactivity() -> None:
    assert [(table.name, *table.selector.values()) for table in pack().tables] == [
        ("SigninLogs", "SignInLogs", True),
        ("AADNonInteractiveUserSignInLogs", "NonInteractiveUserSignInLogs", False),
        ("AADServicePrincipalSignInLogs", "ServicePrincipalSignInLogs", False),
        ("AADManagedIdentitySignInLogs", "ManagedIdentitySignInLogs", False),
    ]


@pytest.mark.parametrize(
    ("name", "field", "expression", "column_type"),
    [
        ("SigninLogs", "DeviceDetail.browser", "tostring(DeviceDetail.browser)", "string"),
        (
            "AADNonInteractiveUserSignInLogs",
            "DeviceDetail.browser",
            "tostring(parse_json(DeviceDetail).browser)",
            "string",
        ),
        ("SigninLogs", "DeviceDetail.isManaged", "tobool(DeviceDetail.isManaged)", "bool"),
        ("SigninLogs", "Status.errorCode", "ResultType", "string"),
        ("AADServicePrincipalSignInLogs", "Status.errorCode", "ResultType", "string"),
        (
            "SigninLogs",
            "event.outcome",
            'iff(ResultType in ("0", ""), "success", "failure")',
            "string",
        ),
        ("SigninLogs", "ProcessingTimeInMilliseconds", "ProcessingTimeInMilliseconds", "string"),
        (
            "AADNonInteractiveUserSignInLogs",
            "ProcessingTimeInMilliseconds",
            "ProcessingTimeInMs",
            "string",
        ),
        ("AADServicePrincipalSignInLogs", "IsInteractive", "false", "bool"),
        ("SigninLogs", "event.category", '"authentication"', "string"),
        ("SigninLogs", "event.action", "OperationName", "string"),
    ],
)
def test_a_field_is_read_as_its_table_keeps_it(
    name: str, field: str, expression: str, column_type: str
) -> None:
    column = tables()[name].column(field)
    assert column is not None
    assert (column.expression, column.type) == (expression, column_type)


def test_the_resource_of_the_sign_in_is_not_the_tenant_resource() -> None:
    resource = pack().by_ecs("azure.signinlogs.properties.resource_id")
    assert resource is not None
    assert {place.column for place in resource.places.values()} == {"ResourceIdentity"}
    tenant = pack().by_ecs("azure.resource.id")
    assert tenant is not None
    assert {place.column for place in tenant.places.values()} == {"ResourceId"}


def test_no_field_is_the_workspace_id() -> None:
    used = {place.column for field in pack().fields for place in field.places.values()}
    assert "TenantId" not in used
    assert "AADTenantId" in used


def test_users_do_not_occur_in_the_tables_of_workloads() -> None:
    for field in ("UserPrincipalName", "UserType", "ClientAppUsed", "DeviceDetail.browser"):
        for name in WORKLOAD_TABLES:
            assert tables()[name].column(field) is None
        for name in USER_TABLES:
            assert tables()[name].column(field) is not None


def test_the_organisation_becomes_a_number_by_the_value_table() -> None:
    column = tables()["SigninLogs"].column("source.as.organization.name")
    assert column is not None
    assert (column.expression, column.type) == ("AutonomousSystemNumber", "string")
    assert column.values == {"MICROSOFT-CORP-MSN-AS-BLOCK": "8075"}
    assert column.enrichment.startswith("Elastic looks the organisation up from source.ip")
    assert column.choice == "--enrich source.as.organization.name=watchlist:NAME"


def test_a_value_outside_of_the_table_is_refused_with_what_the_user_may_choose() -> None:
    rule = """
        title: Demo
        logsource: {product: azure, service: signinlogs}
        detection:
          selection: {source.as.organization.name: EXAMPLE-AS}
          condition: selection
    """
    backend = SigmaproofKustoBackend(tables_pipeline(pack(), "sentinel"))
    with pytest.raises(
        SigmaError, match="by --value or to the mapping pack, choose --enrich source"
    ):
        backend.convert(SigmaCollection.from_yaml(rule))


def test_sample_rows_have_the_types_that_the_pack_declares() -> None:
    python_types: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "datetime": str,
        "bool": bool,
        "dynamic": (dict, list),
    }
    table = next(table for table in pack().tables if table.name == "SigninLogs")
    lines = shared("data/sentinel/SigninLogs.ndjson").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        row = json.loads(line)
        for name in set(row) & set(table.types):
            assert isinstance(row[name], python_types[table.types[name]]), name
        assert row["AADTenantId"] in row["ResourceId"]
        assert row["Category"] == table.selector["azure.signinlogs.category"]
