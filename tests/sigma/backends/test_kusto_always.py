"""Fields with values in every row: a column may tell the one that stands beside them."""

from __future__ import annotations

import pytest
from sigma.exceptions import SigmaError

from sigma.sigmaproof.tables import Column, Table
from tests.sigma.backends.kusto_table import rendered, rule_of

KINDS = 'case(Kind == "15", "login", Kind == "6", "file", "")'
TABLE = Table(
    "T",
    columns={
        "kinds": Column(
            KINDS,
            "string",
            base="Kind",
            meant_by={"login": ("15",), "file": ("6",)},
            always=frozenset({"web"}),
        ),
        "types": Column('"info"', "string", always=frozenset({"info"})),
        "other": Column("Other", "string"),
    },
)


def conditions(detection: dict[str, object], negated: bool = False) -> list[str]:
    text, _ = rendered(rule_of(detection, negated), TABLE)
    return [line.removeprefix("| where ") for line in text.splitlines() if line.startswith("| ")]


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ("web", []),
        ("w*", []),
        ("login", ['Kind == "15"']),
        ("log*", ['Kind == "15"']),
        ("*i*", [f'{KINDS} contains "i"']),
        (["web", "login"], []),
    ],
)
def test_a_value_of_every_row_holds_and_others_are_asked_of_the_column(
    value: object, where: list[str]
) -> None:
    assert conditions({"kinds": value, "other": "x"}) == [*where, 'Other =~ "x"']


def test_no_row_lacks_a_value_of_every_row() -> None:
    assert conditions({"kinds": "login"}, negated=True) == ['Kind != "15"']
    with pytest.raises(SigmaError, match="no row of T can satisfy the condition"):
        conditions({"kinds": "web"}, negated=True)


def test_without_a_column_others_are_refused() -> None:
    assert conditions({"types": "info", "other": "x"}) == ['Other =~ "x"']
    with pytest.raises(SigmaError, match="every row has info, but no column tells"):
        conditions({"types": "start"})
