from __future__ import annotations

import pytest
from sigma.exceptions import SigmaError

from harness.engines.kusto_store import EVENT_COLUMN, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN
from sigma.sigmaproof.tables import Column, Table
from tests.sigma.backends.kusto_table import NOW, ids_of, rendered, rule_of

TABLE = Table("T", id="Id", columns={"d": Column("d", "dynamic"), "e": Column("e", "dynamic")})


def body(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.startswith("//")]
    return "\n".join(lines)


def test_alternatives_on_one_array_share_a_query() -> None:
    text, _ = rendered(rule_of({"d|re": ["^a", "b$"]}, negated=True), TABLE)
    assert (
        body(text)
        == """\
T
| where Id !in ((
    T
    | mv-expand _element = d
    | where gettype(_element) == "string"
    | where tostring(_element) matches regex "^a" or tostring(_element) matches regex "b$"
    | distinct Id))"""
    )


@pytest.mark.parametrize(
    "detection", [{"d|re|all": ["^a", "b$"]}, [{"d|re": "^a"}, {"e|re": "^a"}]]
)
def test_what_another_element_or_array_may_satisfy_is_asked_apart(detection: object) -> None:
    text, _ = rendered(rule_of(detection), TABLE)
    assert text.count("mv-expand") == 2


def test_without_an_identity_elements_are_refused() -> None:
    anonymous = Table("T", id=None, columns=TABLE.columns)
    with pytest.raises(SigmaError, match="T has no column that tells its rows apart"):
        rendered(rule_of({"d|re": "^a"}), anonymous)


def test_the_query_of_elements_asks_no_more_rows_than_the_one_around_it() -> None:
    table = Table("T", id="Id", columns={**TABLE.columns, "s": Column("s", "string")})
    text, _ = rendered(rule_of({"s|cased": "a", "d|re": "^a"}), table)
    assert body(text).count('| where s == "a"') == 2


@pytest.mark.parametrize(("is_negated", "expected"), [(False, [1]), (True, [2, 3])])
def test_rows_that_share_an_id_are_told_apart_by_the_whole_key(
    is_negated: bool, expected: list[int]
) -> None:
    """Rows 1 and 2 have the same Id on two hosts, and only the first has such an element."""
    columns = {
        "Id": "long",
        "Host": "string",
        "d": "dynamic",
        INGESTION_COLUMN: "datetime",
        EVENT_COLUMN: "string",
    }
    rows = [
        [7, "one", ["abc"], NOW, "1"],
        [7, "two", ["xyz"], NOW, "2"],
        [8, "one", ["xyz"], NOW, "3"],
    ]
    keyed = Table("T", id="Id", key=("Host", "Id"), columns=TABLE.columns)
    text, notes = rendered(rule_of({"d|re": "^a"}, negated=is_negated), keyed)
    assert ids_of(text, [StoredTable("T", columns, rows)]) == expected
    assert "by Host and Id" in dict(notes)["array-by-identity"]


def test_the_identity_that_tells_rows_apart_is_noted() -> None:
    _, notes = rendered(rule_of({"d|gt": 5}), TABLE)
    ((code, message),) = notes
    assert code == "array-by-identity"
    assert "which tells the rows of T apart by Id" in message
