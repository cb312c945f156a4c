"""Values with white space, where the words of a text stand for the values of a field."""

from __future__ import annotations

import pytest
from sigma.exceptions import SigmaError

from sigma.sigmaproof.tables import Column, Table
from tests.sigma.backends.kusto_table import rendered, rule_of

TABLE = Table("T", columns={"args": Column("Words", "dynamic", words_of="command_line")})


def text_of(detection: object, negated: bool = False) -> str:
    return rendered(rule_of(detection, negated), TABLE)[0]


@pytest.mark.parametrize("negated", [False, True])
@pytest.mark.parametrize(
    "detection",
    [
        {"args": "curl x"},
        {"args": "a\tb"},
        {"args|cased": "curl x"},
        {"args": ["curl", "curl x"]},
        {"args|contains": "l x"},
        {"args": "curl *x y*"},
        {"args|re": "curl x"},
        {"args|re": r"curl\s+x"},
        {"args|re": r"curl[ \t]x"},
        {"args|re": r"(?:curl|wget) -x"},
        {"args|re": r"(?i)curl x|wget y"},
        {"args|re": r" {1,3}x"},
    ],
    ids=str,
)
def test_a_value_with_white_space_is_refused_as_no_word_has_any(
    detection: object, negated: bool
) -> None:
    with pytest.raises(SigmaError, match="of which none has white space.*; test command_line$"):
        text_of(detection, negated)


@pytest.mark.parametrize(
    "detection",
    [
        {"args": "curl"},
        {"args": "curl*x"},
        {"args|re": r"curl(?:\s|$)"},
        {"args|re": r"curl\s*x"},
        {"args|re": r"curl( x)?"},
        {"args|re": r"curl[ x]"},
        {"args|re": r"curl[^ ]"},
        {"args|re": r"curl x|wget"},
        {"args|re": r"curl {0,3}x"},
        {"args|re": r"curl\\sx"},
        {"args|re": r"curl\S"},
    ],
    ids=str,
)
def test_a_value_that_a_word_can_be_is_compared(detection: object) -> None:
    assert "Words" in text_of(detection)


def test_an_array_of_whole_values_may_have_white_space() -> None:
    whole = Table("T", columns={"args": Column("Args", "dynamic")})
    assert '"curl x"' in rendered(rule_of({"args": "curl x"}), whole)[0]
