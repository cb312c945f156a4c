from __future__ import annotations

import pytest
from sigma.exceptions import SigmaError

from sigma.sigmaproof.tables import Column, Table
from tests.sigma.backends.kusto_table import rendered, rule_of

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


def test_the_identity_that_tells_rows_apart_is_noted() -> None:
    _, notes = rendered(rule_of({"d|gt": 5}), TABLE)
    ((code, message),) = notes
    assert code == "array-by-identity"
    assert "which tells the rows of T apart by Id" in message
