"""Random rules on random typed rows: Sigma's evaluator and the Kusto text agree on every row.

A pair is a rule that was rendered and executed, and one set of rows; rules that are refused, and those
whose notes say a loss, do not count. A rule runs on all sets of its batch in one query of the engine.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from converter.ir import ALWAYS, Filter
from converter.languages.kusto import check, lint
from converter.languages.sigma import lower
from harness.engines.predicate import evaluate
from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.tables import Table
from tests.oracles.kusto.binder import bind
from tests.sigma.backends.kusto_random_rows import (
    SCHEMA,
    SCHEMAS,
    TABLES,
    Event,
    found_by,
    row_sets,
    store,
)
from tests.sigma.backends.kusto_random_rules import RULES
from tests.sigma.backends.kusto_table import rendered

BATCHES = 10
"""Each has row sets of its own."""
RULES_A_BATCH = 250
SETS = 14
ROWS_A_SET = 11
PAIRS = 20_000
_NO_LOSS = {"array-by-identity", "keyword-columns", "keyword-partly", "never-holds"}
"""Codes of notes after which the text still means what the rule means."""
_CHECKED = 10
"""One text in so many passes our own checks too."""


def sigma_finds(rule: SigmaRule, events: dict[str, Event]) -> set[str]:
    plan = lower(LoadedRules(SigmaCollection([rule])), {}, ALWAYS, SCHEMA)
    assert isinstance(plan, Filter)
    return {one for one, event in events.items() if evaluate(plan.predicate, event) is True}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_random_rules_find_the_same_rows_as_sigma_and_bind(batch: int) -> None:
    made = row_sets(batch, SETS, ROWS_A_SET)
    texts: list[str] = []

    @seed(batch)
    @settings(
        max_examples=RULES_A_BATCH,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(rule=RULES, tables=st.sampled_from([TABLES[:1], TABLES[:1], TABLES[1:], TABLES]))
    def agree(rule: SigmaRule | None, tables: tuple[Table, ...]) -> None:
        if rule is None:
            return
        expected = sigma_finds(rule, made.in_tables(tables))
        try:
            text, notes = rendered(rule, *tables)
        except SigmaError:
            return  # refusals are tested by cases
        if {code for code, _ in notes} - _NO_LOSS:
            return  # a loss that is said
        assert found_by(opened, text) == expected, text
        texts.append(text)

    with store(made) as opened:
        agree()
    assert len(set(texts)) * SETS * BATCHES >= PAIRS
    findings = {
        text: answer.findings
        for text, answer in zip(texts, bind([(text, SCHEMAS) for text in texts]), strict=True)
        if answer.findings
    }
    assert findings == {}
    for text in texts[::_CHECKED]:
        assert (text, check(text, SCHEMAS) + lint(text, SCHEMAS)) == (text, ())
