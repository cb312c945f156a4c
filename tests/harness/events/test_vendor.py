from __future__ import annotations

import pytest

from converter.layout import TableLayout, VendorLayout
from harness.events.vendor import vendor_row, vendor_value

LAYOUT = TableLayout(
    name="Demo",
    columns={
        "AppId": "string",
        "Category": "string",
        "Detail": "string",
        "Flag": "bool",
        "Id": "string",
        "Inside": "dynamic",
        "Level": "string",
        "ResourceIdentity": "string",
        "TimeGenerated": "datetime",
    },
    fields=(),
    vendor=VendorLayout(
        "properties",
        {"ResourceIdentity": ("properties.resourceId",), "TimeGenerated": ("time",)},
    ),
)


def test_columns_are_named_after_the_event() -> None:
    raw = {
        "time": "2026-03-02T01:00:00Z",
        "category": "Audit",
        "Level": 4,
        "id": "outside",
        "resourceId": "/tenant",
        "properties": {
            "id": "inside",
            "appId": "app-1",
            "resourceId": "resource-1",
            "detail": {"a": [1]},
            "inside": {"b": None},
            "flag": False,
        },
    }
    row = vendor_row(LAYOUT, raw)
    assert str(row.pop("TimeGenerated")) == "2026-03-02 01:00:00+00:00"
    assert row == {
        "AppId": "app-1",
        "Category": "Audit",
        "Detail": '{"a": [1]}',
        "Flag": False,
        "Id": "inside",
        "Inside": {"b": None},
        "Level": "4",
        "ResourceIdentity": "resource-1",
    }


def test_what_the_event_lacks_is_missing_in_the_row() -> None:
    row = vendor_row(LAYOUT, {"properties": {"appId": None}})
    assert {name: row[name] for name in ("AppId", "Flag", "TimeGenerated")} == {
        "AppId": "",
        "Flag": None,
        "TimeGenerated": None,
    }


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ({"a": {"b": 1}, "c": 2}, 1),
        ({"a": {"b": ""}, "c": 2}, 2),
        ({"a": {"b": ""}}, ""),
        ({"a": "text"}, None),
        ({}, None),
    ],
)
def test_the_first_path_with_a_value_counts(raw: dict[str, object], value: object) -> None:
    assert vendor_value(raw, ["a.b", "c"]) == value
