"""A column whose texts nobody lists in full: of a value that none is known to mean nobody says that it is never there."""

from __future__ import annotations

import pytest
from sigma.exceptions import SigmaError

from tests.sigma.test_derived_columns import where

CASES = "cases: {'1': ExchangeAdmin, '2': ExchangeItem}"


def test_a_value_that_is_listed_is_compared() -> None:
    assert where("Outcome|cased", "ExchangeItem", f"{CASES}, open: true") == 'Detail == "2"'


@pytest.mark.parametrize(
    ("is_open", "reason"),
    [
        ("true", "does not know by what the tables tell Outcome Other; add it to the mapping pack"),
        ("false", "field Outcome is never Other"),
    ],
)
def test_a_rule_on_nothing_else_is_refused(is_open: str, reason: str) -> None:
    with pytest.raises(SigmaError, match=reason):
        where("Outcome|cased", "Other", f"{CASES}, open: {is_open}")


@pytest.mark.parametrize(("is_open", "codes"), [("true", ["value-unknown"]), ("false", [])])
def test_one_of_several_values_is_left_out_and_said_so(is_open: str, codes: list[str]) -> None:
    notes: list[str] = []
    text = where("Outcome|cased", "[Other, ExchangeItem]", f"{CASES}, open: {is_open}", notes)
    assert text == 'Detail == "2"'
    assert [one for one in notes if one == "value-unknown"] == codes
