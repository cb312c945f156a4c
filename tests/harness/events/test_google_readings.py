"""What columns of Google's audit logs say together of an operation, and of an object in a namespace."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from converter.layout import CellPlace, FieldLayout, TableLayout
from harness.events.event import Document, Event
from harness.events.readings import joined, read, with_part
from harness.events.rows import EventRow, row_of
from sigma.sigmaproof.readings import EXPRESSIONS
from sigma.sigmaproof.steps import steps_of
from tests.harness.events.test_inside import kusto

NOW = datetime(2026, 1, 15, tzinfo=UTC)
PATHS = ("Operation.first", "Operation.last", "Asked[0].granted", "Asked[1]")


def place(path: str) -> CellPlace:
    column, *steps = steps_of(path)
    return CellPlace(str(column), tuple(steps))


TABLE = TableLayout(
    "Table",
    {
        "Id": "string",
        "TimeGenerated": "datetime",
        "Operation": "dynamic",
        "Asked": "dynamic",
        "Path": "string",
    },
    (
        FieldLayout("types", places=tuple(map(place, PATHS)), reading="operation-types"),
        FieldLayout("granted", places=(place("Asked[].granted"),)),
        FieldLayout("name", places=(CellPlace("Path"),), reading="namespaced-name"),
        FieldLayout("namespace", places=(CellPlace("Path"),), reading="namespace"),
    ),
    id="Id",
)


def row(document: Document) -> EventRow:
    return row_of(TABLE, Event("e1", NOW, NOW, document), document.keys())


@pytest.mark.parametrize(
    ("first", "last", "granted", "other", "types"),
    [
        ("true", "", "", "", ["start"]),
        ("true", "false", "true", "", ["start", "access", "allowed"]),
        ("", "true", "false", "", ["end", "access", "denied"]),
        ("true", "true", "true", "", ["access", "allowed"]),
        ("", "", "true", '{"granted":true}', []),
        ("", "", "0", "", []),
    ],
)
def test_the_types_of_an_operation_are_those_that_kusto_finds(
    first: str, last: str, granted: str, other: str, types: list[str]
) -> None:
    names = ("First", "Last", "Granted", "Other")
    cells = (first, last, granted, other)
    expression = EXPRESSIONS["operation-types"].format(*names)
    found = kusto(expression, dict.fromkeys(names, "string"), cells)
    assert (json.loads(str(found)) if found is not None else []) == types
    assert joined("operation-types", cells).split() == types


@pytest.mark.parametrize(
    "types", [[], ["start"], ["end", "access", "denied"], ["access", "allowed", "start"]]
)
def test_a_row_has_the_types_of_its_event(types: list[str]) -> None:
    assert row({"types": types}).problems == {}


@pytest.mark.parametrize("types", [["start", "end"], ["access"], ["other"]])
def test_types_that_no_operation_has_are_in_no_row(types: list[str]) -> None:
    assert row({"types": types}).problems.keys() == {"types"}


def test_what_the_event_says_of_its_permissions_is_kept() -> None:
    assert row({"types": ["start"], "granted": ["true", "true"]}).problems == {}
    assert row({"types": ["start"], "granted": ["true"]}).problems.keys() == {"types"}


@pytest.mark.parametrize(
    ("path", "namespace", "name"),
    [
        ("core/v1/namespaces/kube-system/configmaps/coredns", "kube-system", "coredns"),
        ("core/v1/namespaces/default/pods/web-0/exec", "default", "web-0"),
        ("core/v1/namespaces/default/pods", "default", ""),
        ("apps/v1beta1/namespaces//deployments.apps/a.b", "", "a.b"),
        ("rbac.authorization.k8s.io/v1/clusterroles/admin", "", ""),
        ("core/v1/namespaces/default", "", ""),
        ("namespaces/project/services/x", "", ""),
        ("core/v1/namespaces/default/roles/:odd", "default", ""),
        ("", "", ""),
    ],
)
def test_namespace_and_name_are_read_as_kusto_reads_them(
    path: str, namespace: str, name: str
) -> None:
    for reading, value in (("namespace", namespace), ("namespaced-name", name)):
        expressions = {str(one): text for one, text in EXPRESSIONS.items()}
        by_kusto = kusto(expressions[reading].format("Cell"), {"Cell": "string"}, (path,))
        assert by_kusto == read(reading, path) == value


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"name": "coredns"}, "core/v1/namespaces//pods/coredns"),
        ({"namespace": "kube-system"}, "core/v1/namespaces/kube-system/pods"),
        (
            {"name": "coredns", "namespace": "kube-system"},
            "core/v1/namespaces/kube-system/pods/coredns",
        ),
    ],
)
def test_namespace_and_name_share_one_path(document: Document, path: str) -> None:
    found = row(document)
    assert (found.cells["Path"], found.problems) == (path, {})


def test_a_path_keeps_the_part_that_it_has() -> None:
    path = "core/v1/namespaces/default/pods/web/log"
    assert with_part("namespace", "other", path) == path
    assert with_part("namespace", "other", "projects/x") == "projects/x"
    assert with_part("namespace", "x", path.replace("default", "")) == path.replace("default", "x")
