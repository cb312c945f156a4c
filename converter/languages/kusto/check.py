"""Says what Microsoft's binder would refuse in a Kusto text, with its codes (KUSTO-9).

The front end is duckdb-kql's parser; a construct that it cannot lower is not checked, and left to the
engine to refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import duckdb_kql
from duckdb_kql import ir
from duckdb_kql.lower import lower

from converter.diagnostic import Diagnostic, Severity

from .lint import literal_findings, token_findings
from .pipeline import Pipeline, Tables
from .places import span_of
from .tokens import with_any_column


def check(text: str, tables: Tables) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a text on tables whose columns have these types."""
    query, problems = _lowered(text)
    if query is None:
        return problems
    pipeline = Pipeline(text, tables)
    pipeline.query(query)
    return tuple(pipeline.expressions.found)


def lint(text: str, tables: Tables) -> tuple[Diagnostic, ...]:
    """Return what the binder does not see in a text that binds (KUSTO-10)."""
    query, _ = _lowered(text)
    if query is None:
        return (*literal_findings(text), *token_findings(text))
    pipeline = Pipeline(text, tables)
    pipeline.query(query)
    return (*literal_findings(text), *token_findings(text), *pipeline.expressions.remarks)


def output_columns(text: str, tables: Tables) -> Mapping[str, str] | None:
    """Return type by column of a text's result; None where that cannot be told."""
    query, _ = _lowered(text)
    if query is None:
        return None
    columns = Pipeline(text, tables).query(query)
    return None if columns.is_open else columns.types


@lru_cache(maxsize=64)
def _lowered(text: str) -> tuple[ir.Query | None, tuple[Diagnostic, ...]]:
    """Return the tree; None with what is wrong where there is none, or with nothing where it has no tree here."""
    try:
        return lower(with_any_column(text)), ()
    except duckdb_kql.KqlSyntaxError as error:
        places = [(problem.span.line, problem.span.column) for problem in error.diagnostics]
        return None, tuple(_syntax(text, line, column) for line, column in places or [(1, 0)])
    except duckdb_kql.KqlError:
        return None, ()


def _syntax(text: str, line: int, column: int) -> Diagnostic:
    start = len("".join(text.splitlines(keepends=True)[: line - 1])) + column
    near = text[start : start + 20].split("\n")[0]
    where = f"near {near!r}" if near else "at its end"
    return Diagnostic(
        "KS001",
        Severity.ERROR,
        f"the text does not parse {where}",
        span_of(text, start, min(start + 1, len(text))),
    )
