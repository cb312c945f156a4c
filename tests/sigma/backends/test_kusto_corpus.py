"""Rules of SigmaHQ as Kusto over ECS columns: everything but placeholders has a text that binds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError

from converter.diagnostic import Diagnostic
from converter.languages.kusto import check, lint
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.pipelines.kusto_ecs import kusto_ecs
from sigma.sigmaproof.tables import TABLES, Table
from tests.corpus import shared
from tests.oracles.kusto.binder import bind

EVERY = 8
"""One rule in so many is tested; all of them take minutes."""
NAMES = re.compile(r"\['((?:[^'\\]|\\.)+)'\]")

Rendered = tuple[str, str, dict[str, dict[str, str]]]


@lru_cache(maxsize=1)
def converted() -> tuple[list[Rendered], dict[str, str]]:
    texts: list[Rendered] = []
    refused: dict[str, str] = {}
    for path in sorted(shared("corpus/sigma-rules").rglob("*.yml"))[::EVERY]:
        backend = SigmaproofKustoBackend(kusto_ecs())
        try:
            found = backend.convert(SigmaCollection.from_yaml(path.read_text(encoding="utf-8")))
        except SigmaError as error:
            refused[path.name] = str(error)
            continue
        (table,) = backend.last_processing_pipeline.state[TABLES]
        texts.extend((path.name, text, {"Events": columns_in(text, table)}) for text in found)
    return texts, refused


def columns_in(text: str, table: Table) -> dict[str, str]:
    columns = {"TimeGenerated": "datetime"}
    for name in NAMES.findall(text):
        column = table.column(name)
        assert column is not None
        columns[name] = column.type
    return columns


def test_only_placeholders_are_refused() -> None:
    texts, refused = converted()
    other = {name: reason for name, reason in refused.items() if "placeholder" not in reason}
    assert other == {}
    assert len(texts) > 100 * len(refused)


def test_every_text_passes_microsofts_binder() -> None:
    texts, _ = converted()
    answers = bind([(text, tables) for _, text, tables in texts])
    found = zip(texts, answers, strict=True)
    assert {one[0]: answer.findings for one, answer in found if answer.findings} == {}


def test_a_sample_of_the_texts_passes_our_checks() -> None:
    sample = converted()[0][::5]
    found = {name: check(text, tables) + lint(text, tables) for name, text, tables in sample}
    assert {name: codes for name, some in found.items() if (codes := _unsaid(some))} == {}


def _unsaid(findings: Iterable[Diagnostic]) -> list[str]:
    """Return what is found and not said beside the text when it is written: word boundaries are."""
    return [str(one) for one in findings if one.code != "kusto-regex-unicode"]


def test_long_chains_are_grouped_so_that_parsers_can_nest_them() -> None:
    path = shared("corpus/sigma-rules") / (
        "rules/windows/process_creation/proc_creation_win_susp_emoji_usage_in_cli_1.yml"
    )
    (text,) = SigmaproofKustoBackend(kusto_ecs()).convert(
        SigmaCollection.from_yaml(Path(path).read_text(encoding="utf-8"))
    )
    tables = {"Events": {"CommandLine": "string"}}
    assert bind([(str(text), tables)])[0].findings == ()
