from __future__ import annotations

from converter.languages.kusto import check
from sigma.sigmaproof.kusto_names import RESERVED, is_plain, name
from tests.oracles.kusto.binder import bind

NAMES = (
    *sorted(RESERVED),
    "a b",
    "a.b",
    "a-b",
    "1a",
    "Ünal",
    "it's",
    "a\\b",
    "plain",
    "_x",
    "Where",
)


def test_every_name_is_written_so_that_both_parsers_take_it() -> None:
    texts = [(f'T | where {name(one)} == "x"', {"T": {one: "string"}}) for one in NAMES]
    answers = bind(texts)
    assert {
        one: answer.findings for one, answer in zip(NAMES, answers, strict=True) if answer.findings
    } == {}
    assert [check(text, tables) for text, tables in texts] == [()] * len(texts)


def test_plain_names_stand_bare() -> None:
    assert [one for one in NAMES if is_plain(one)] == ["plain", "_x", "Where"]
