"""A column whose texts nobody lists in full: a value that no text is known to mean is refused, not never there."""

from __future__ import annotations

import pytest
from sigma.exceptions import SigmaError

from tests.sigma.test_derived_columns import where

CASES = "cases: {'1': ExchangeAdmin, '2': ExchangeItem}"


def test_a_value_that_is_listed_is_compared() -> None:
    assert where("Outcome|cased", "ExchangeItem", f"{CASES}, open: true") == 'Detail == "2"'


def test_a_value_that_is_not_listed_is_refused() -> None:
    with pytest.raises(
        SigmaError, match="does not know what means 'Other' in Detail; add it to the"
    ):
        where("Outcome|cased", "Other", f"{CASES}, open: true")


def test_a_value_that_no_text_means_is_never_there_where_all_are_listed() -> None:
    with pytest.raises(SigmaError, match="field Outcome is never Other"):
        where("Outcome|cased", "Other", CASES)
