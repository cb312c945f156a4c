"""Correlations over rules of several log sources: each is read in its own tables, and judged there."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sigma.pipelines.azuremonitor.tables import AZURE_MONITOR_TABLES
from sigma.pipelines.microsoftxdr.tables import MICROSOFT_XDR_TABLES

from converter.deliverables import sentinel_rule, xdr_detection
from converter.errors import Unsupported
from converter.ir import Correlation
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery
from harness.engines.plan import execute_plan
from harness.events.event import Dataset, Event
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, Differs, RuleResult, TargetResult
from sigma.sigmaproof.mapping_reader import read_pack
from tests.harness.engines.correlation_rules import NOON
from tests.oracles.kusto.binder import bind

_TYPES = {"boolean": "bool", "bigint": "long", "double": "real"}
_RULES: dict[str, dict[str, Any]] = {
    "signin": {
        "logsource": {"product": "azure", "service": "signinlogs"},
        "sel": {"ResultType": "0", "AppDisplayName": "Azure Portal"},
    },
    "change": {
        "logsource": {"product": "azure", "service": "auditlogs"},
        "sel": {"OperationName": "Add owner to application"},
    },
    "process": {
        "logsource": {"product": "windows", "category": "process_creation"},
        "sel": {"Image|endswith": "\\certutil.exe"},
    },
    "connection": {
        "logsource": {"product": "windows", "category": "network_connection"},
        "sel": {"Image|endswith": "\\certutil.exe", "DestinationPort": 443},
    },
    "logon": {
        "logsource": {"product": "windows", "service": "security"},
        "sel": {"EventID": 4624, "LogonType": 10},
    },
    "okta": {
        "logsource": {"product": "okta", "service": "okta"},
        "sel": {"eventType": "user.session.start"},
    },
    "door": {"logsource": {"product": "acme", "service": "doors"}, "sel": {"action": "open"}},
    "desk": {"logsource": {"product": "acme", "service": "desks"}, "sel": {"action": "sit"}},
    "firewall": {
        "logsource": {"product": "azure", "service": "activitylogs"},
        "sel": {"operationName": "MICROSOFT.NETWORK/AZUREFIREWALLS/WRITE"},
    },
    "pods": {
        "logsource": {"product": "gcp", "service": "gcp.audit"},
        "sel": ["break-glass"],
    },
    "workspace": {
        "logsource": {"product": "gcp", "service": "google_workspace.admin"},
        "sel": {"eventName": "REMOVE_APPLICATION_FROM_WHITELIST"},
    },
    "any_registry": {
        "logsource": {"product": "windows", "category": "registry_event"},
        "sel": {"TargetObject|contains": "\\Run\\"},
    },
    "registry_set": {
        "logsource": {"product": "windows", "category": "registry_set"},
        "sel": {"TargetObject|contains": "\\RunOnce\\"},
    },
}
_DATA = Path(__file__).parents[1] / "data"
PACKS = tuple(read_pack(_DATA / f"{name}.mapping.yml") for name in ("doors", "desks"))
_WHO = {"who": {"signin": "UserPrincipalName", "change": "InitiatedBy.user.userPrincipalName"}}
_TARGET = {"who": {"signin": "UserPrincipalName", "okta": "target.alternateId"}}
ENTRA: dict[str, Any] = {"rules": ["signin", "change"], "group-by": ["who"], "aliases": _WHO}
HOSTS: dict[str, Any] = {"rules": ["process", "connection"], "group-by": ["Computer"]}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "temporal, two packs": ("sentinel", {"type": "temporal", **ENTRA}),
    "ordered, two packs": ("sentinel", {"type": "temporal_ordered", **ENTRA}),
    "count, two packs": (
        "sentinel",
        {"type": "event_count", "condition": {"gte": 3}, **ENTRA},
    ),
    "address, two packs without an alias": (
        "sentinel",
        {
            "type": "temporal",
            "rules": ["signin", "okta"],
            "group-by": ["ip"],
            "aliases": {"ip": {"signin": "IPAddress", "okta": "client.ipAddress"}},
        },
    ),
    "texts and the elements of an array, two packs": (
        "sentinel",
        {"type": "temporal", "rules": ["signin", "okta"], "group-by": ["who"], "aliases": _TARGET},
    ),
    "count by texts and the elements of an array": (
        "sentinel",
        {
            "type": "event_count",
            "rules": ["signin", "okta"],
            "group-by": ["who"],
            "condition": {"gte": 3},
            "aliases": _TARGET,
        },
    ),
    "temporal, two tables": ("xdr", {"type": "temporal", **HOSTS}),
    "ordered, two tables": ("xdr", {"type": "temporal_ordered", **HOSTS}),
    "count, two tables": ("xdr", {"type": "event_count", "condition": {"gt": 2}, **HOSTS}),
    "values, two tables": (
        "xdr",
        {"type": "value_count", "condition": {"gte": 3, "field": "User"}, **HOSTS},
    ),
    "temporal, channels": ("sentinel", {"type": "temporal", **HOSTS}),
    "count, channels": ("sentinel", {"type": "event_count", "condition": {"gte": 3}, **HOSTS}),
    "values, channels": (
        "sentinel",
        {"type": "value_count", "condition": {"gte": 2, "field": "User"}, **HOSTS},
    ),
    "ordered, a service and a category": (
        "sentinel",
        {"type": "temporal_ordered", "rules": ["logon", "process"], "group-by": ["Computer"]},
    ),
    "one within the other": (
        "xdr",
        {
            "type": "event_count",
            "rules": ["any_registry", "registry_set"],
            "group-by": ["Computer"],
            "condition": {"gte": 3},
        },
    ),
    "keywords, two packs": (
        "sentinel",
        {"type": "temporal", "rules": ["firewall", "pods"], "group-by": []},
    ),
    "text of two types, two packs": (
        "sentinel",
        {"type": "temporal", "rules": ["okta", "workspace"], "group-by": []},
    ),
    "without a group": ("xdr", {"type": "temporal", **HOSTS, "group-by": []}),
}


def _documents(section: dict[str, Any]) -> str:
    main = {"title": "Main", "level": "high", "correlation": {"timespan": "10m", **section}}
    rules = [
        {
            "title": name,
            "name": name,
            "logsource": _RULES[name]["logsource"],
            "detection": {"sel": _RULES[name]["sel"], "condition": "sel"},
        }
        for name in section["rules"]
    ]
    return yaml.safe_dump_all([main, *rules])


def _read(section: dict[str, Any]) -> PortableRule:
    (rule,) = read_rules(_documents(section), "rule.yml", ImportOptions(packs=PACKS))
    return rule


def _rendered(section: dict[str, Any], target: str) -> str:
    there = target_named(target)
    return render_placed(placed(_read(section), there), there).text


def _verified(section: dict[str, Any], claim: Claim) -> TargetResult:
    (*_, found) = verify([_read(section)], [claim], (), Options())
    assert isinstance(found, RuleResult)
    (result,) = found.targets
    return result


@pytest.mark.parametrize(("target", "section"), CASES.values(), ids=CASES)
def test_a_text_agrees_on_events_in_tables_of_their_own(
    target: str, section: dict[str, Any]
) -> None:
    result = _verified(section, Claim(target))
    assert isinstance(result.verdict, Agrees), result.verdict
    assert result.alerts > 5


@pytest.mark.parametrize(("_target", "section"), CASES.values(), ids=CASES)
def test_a_text_agrees_on_events_of_ecs(_target: str, section: dict[str, Any]) -> None:
    result = _verified(section, Claim("kusto-ecs"))
    assert isinstance(result.verdict, Agrees), result.verdict
    assert result.alerts > 5


DESKS: dict[str, dict[str, Any]] = {
    "other names, without an alias": {"type": "temporal", "group-by": ["person"]},
    "a number and a text": {"type": "temporal_ordered", "group-by": ["badge"]},
    "count by a number and a text": {
        "type": "event_count",
        "group-by": ["badge", "person"],
        "condition": {"gte": 3},
    },
    "values under one name": {
        "type": "value_count",
        "group-by": ["person"],
        "condition": {"gte": 2, "field": "action"},
    },
    **{
        f"{kind} of numbers of two types": {
            "type": kind,
            "group-by": ["badge"],
            "condition": {"gte": 50, "field": "size", **more},
        }
        for kind, more in (
            ("value_sum", {}),
            ("value_avg", {}),
            ("value_median", {}),
            ("value_percentile", {"percentile": 90}),
        )
    },
}
"""Correlations over doors and desks, of which two packs of the user tell."""


@pytest.mark.parametrize("section", DESKS.values(), ids=DESKS)
@pytest.mark.parametrize("target", ["sentinel", "kusto-ecs"])
def test_each_rule_is_read_by_the_names_of_its_own_pack(
    section: dict[str, Any], target: str
) -> None:
    # SIGMA-23
    result = _verified({"rules": ["door", "desk"], **section}, Claim(target))
    assert isinstance(result.verdict, Agrees), result.verdict
    assert result.alerts > 3


def test_each_rule_finds_events_of_its_own_log_source_alone() -> None:
    # SIGMA-23: a number and the text that it is written as are one value
    rule = _read({"type": "temporal", "rules": ["door", "desk"], "group-by": ["badge"]})
    door = {"event.dataset": "acme.doors", "event.action": "open"}
    desk = {"event.dataset": "acme.desks", "event.action": "sit"}
    documents: list[dict[str, object]] = [
        {**door, "acme.door.badge": 7},
        {**desk, "acme.desk.badge": "7"},
        {**desk, "acme.desk.badge": "07"},
        {**door, "acme.desk.badge": "8"},
        {**door, "event.action": "sit", "acme.door.badge": 9},
        {**desk, "acme.desk.badge": "9"},
    ]
    events = [
        Event(f"e{minute}", time, time, document)
        for minute, document in enumerate(documents)
        if (time := NOON + timedelta(minutes=minute))
    ]
    found = execute_plan(rule.plan, Dataset(tuple(events), rule.schema), ())
    assert [(one.term, one.time) for one in found.alerts] == [(("7",), NOON + timedelta(minutes=1))]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a number with a fraction and a text": (
        {
            "type": "temporal",
            "group-by": ["x"],
            "aliases": {"x": {"door": "weight", "desk": "badge"}},
        },
        "x groups numbers with a fraction and texts of several rules",
    ),
    "two fields are measured": (
        {
            "type": "value_count",
            "group-by": ["badge"],
            "condition": {"gte": 2, "field": "person"},
        },
        "value_count of person, which is user.name in the events of door, acme.desk.sitter in the events of desk",
    ),
}


@pytest.mark.parametrize(("section", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_the_events_of_the_rules_do_not_share_is_refused(
    section: dict[str, Any], reason: str
) -> None:
    # SIGMA-23
    with pytest.raises(Unsupported, match=reason):
        _read({"rules": ["door", "desk"], **section})


def test_a_name_of_the_group_is_renamed_where_all_events_have_it_under_one() -> None:
    text = _rendered({"type": "temporal", **HOSTS}, "kusto-ecs")
    assert "| distinct TimeGenerated, ['winlog.computer_name']" in text
    rule = _read({"type": "temporal", **HOSTS})
    assert isinstance(rule.plan, Correlation)
    assert rule.plan.names == ("winlog.computer_name",)
    assert "several-log-sources" not in {one.code for one in rule.diagnostics}


def test_texts_bind() -> None:
    queries = []
    desks = [("sentinel", {"rules": ["door", "desk"], **one}) for one in DESKS.values()]
    for name, section in [*CASES.values(), *desks]:
        target = target_named(name)
        there = placed(_read(section), target)
        for output_format in ("default", "scheduled" if name == "sentinel" else "detection"):
            rendered = render_placed(there, target, output_format)
            queries.append((rendered.text, _columns(rendered, name)))
    answers = zip(queries, bind(queries), strict=True)
    assert [(text, answer.findings) for (text, _), answer in answers if answer.findings] == []


def _columns(rendered: RenderedQuery, target: str) -> dict[str, dict[str, str]]:
    """Return the real columns of the tables that a query reads, and of those that it joins."""
    schema = AZURE_MONITOR_TABLES if target == "sentinel" else MICROSOFT_XDR_TABLES
    found: dict[str, dict[str, str]] = {}
    for table in (one for pack in rendered.packs for one in pack.tables):
        for name in (table.name, *(one.name for one in table.joined)):
            real = {
                column: str(one["data_type"]).lower()
                for column, one in schema.get(name, {}).items()
            }
            found[name] = {column: _TYPES.get(kind, kind) for column, kind in real.items()}
        found[table.name] |= {column: table.types[column] for column in table.newer}
    return found


def test_an_analytics_rule_agrees_in_its_runs() -> None:
    # SIGMA-22
    target = target_named("sentinel")
    rule = _read({"type": "temporal_ordered", **ENTRA})
    rendered = render_placed(placed(rule, target), target, "scheduled")
    text, _ = sentinel_rule.write(rule.documents, rendered)
    file = yaml.safe_load(text)
    assert file["requiredDataConnectors"] == [
        {
            "connectorId": "AzureActiveDirectory",
            "dataTypes": ["SigninLogs", "AADNonInteractiveUserSignInLogs", "AuditLogs"],
        }
    ]
    assert file["entityMappings"] == [
        {
            "entityType": "Account",
            "fieldMappings": [{"identifier": "FullName", "columnName": "who"}],
        }
    ]
    result = _verified({"type": "temporal_ordered", **ENTRA}, Claim("sentinel", text, "rule.yaml"))
    assert isinstance(result.verdict, Agrees), result.verdict


def test_a_custom_detection_returns_what_defender_demands() -> None:
    target = target_named("xdr")
    rule = _read({"type": "temporal", **HOSTS})
    rendered = render_placed(placed(rule, target), target, "detection")
    file = json.loads(xdr_detection.write(rule.documents, rendered)[0])
    assert {"ReportId", "DeviceId"} <= set(re.findall(r"\w+", file["queryCondition"]["queryText"]))


FAULTS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a table is left out": (
        "sentinel",
        {"type": "event_count", "condition": {"gte": 3}, **ENTRA},
        'OperationName =~ "Add owner to application"',
        'OperationName =~ "Remove owner"',
    ),
    "the column of the other table": (
        "sentinel",
        {"type": "temporal", **ENTRA},
        "tostring(InitiatedBy.user.userPrincipalName)",
        "tostring(InitiatedBy.user.id)",
    ),
    "one condition of the second table": (
        "xdr",
        {"type": "temporal", **HOSTS},
        "| where RemotePort == 443",
        "| where isnotnull(RemotePort)",
    ),
}


@pytest.mark.parametrize(("target", "section", "right", "wrong"), FAULTS.values(), ids=FAULTS)
def test_events_in_tables_of_their_own_tell_a_faulty_text(
    target: str, section: dict[str, Any], right: str, wrong: str
) -> None:
    text = _rendered(section, target)
    assert right in text
    result = _verified(section, Claim(target, text.replace(right, wrong), "query.kql"))
    assert isinstance(result.verdict, Differs), result.verdict


def _heavy(group: str) -> PortableRule:
    """Return a correlation of which both rules ask for a weight, which only doors have."""
    documents = [*yaml.safe_load_all(_documents({"type": "temporal", "rules": ["door", "desk"]}))]
    for one in documents[1:]:
        one["detection"]["sel"]["weight"] = 2
    documents[0]["correlation"]["group-by"] = [group]
    options = ImportOptions(packs=PACKS, drops_unmapped=True)
    (rule,) = read_rules(yaml.safe_dump_all(documents), "rule.yml", options)
    return rule


def test_a_condition_is_left_out_of_the_rule_that_has_no_column_for_it() -> None:
    target = target_named("sentinel")
    there = placed(_heavy("person"), target)
    text = render_placed(there, target).text
    assert text.count("| where Weight == 2") == 1
    assert "clause-dropped: left out weight: 2" in text
    (*_, found) = verify([_heavy("person")], [Claim("sentinel")], (), Options())
    assert isinstance(found, RuleResult)
    assert isinstance(found.targets[0].verdict, Agrees)


def test_a_group_without_a_column_is_not_left_out() -> None:
    reason = "events are grouped or counted by what has no counterpart: field gate has no entry"
    with pytest.raises(Unsupported, match=reason):
        placed(_heavy("gate"), target_named("sentinel"))
