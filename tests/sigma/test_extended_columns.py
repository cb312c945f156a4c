"""Columns that a query computes before it reads them have names that no two of them share."""

from __future__ import annotations

from pathlib import Path

import yaml

from sigma.sigmaproof.kusto_columns import kusto_tables
from sigma.sigmaproof.mapping_reader import pack_from_text

CASES = Path(__file__).parents[1] / "data" / "cases" / "mapping-errors.yml"
FIELDS = """
  - {ecs: demo.args, multiple: true, reading: words, column: Detail.line}
  - {ecs: demo.parent.args, multiple: true, reading: words, column: Detail.parent}
  - {ecs: demo.words, multiple: true, reading: words, column: Detail}
"""


def test_what_stands_inside_one_column_has_a_column_each() -> None:
    valid = str(yaml.safe_load(CASES.read_text(encoding="utf-8"))["valid"])
    text = valid.replace("  - {ecs: demo.admin", f"{FIELDS.strip(chr(10))}\n  - {{ecs: demo.admin")
    tables = kusto_tables(pack_from_text(text, "demo"))
    extended = next(one.extended for one in tables if one.extended)
    assert {name: expression.count("parse_json") for name, expression in extended.items()} == {
        "lineWords": 1,
        "parentWords": 1,
        "DetailWords": 0,
    }
