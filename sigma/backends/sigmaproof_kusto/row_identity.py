"""What tells the rows of tables apart, where one event may give several rows of one group.

The time is left out: rows are told apart by it anyway. Rows of different tables are different events, however
alike their keys are.
"""

from __future__ import annotations

from collections.abc import Sequence

from sigma.sigmaproof.tables import Table

from .literals import text_literal

ROW = "RowId"


def key_of(table: Table) -> tuple[str, ...]:
    """Return the expressions that tell rows of one time apart; empty where nothing does."""
    beside_time = tuple(one for one in table.row_key if one != table.time)
    return beside_time or table.row_key


def row_identities(tables: Sequence[Table]) -> list[str]:
    """Return one expression for each table, which must each have a key: equal for rows of one event."""
    is_one_table = len({table.name for table in tables}) == 1
    keys = [key_of(table) for table in tables]
    if is_one_table and all(len(key) == 1 for key in keys):
        return [key[0] for key in keys]
    names = ["" if is_one_table else f"{text_literal(table.name)}, " for table in tables]
    return [
        f"tostring(pack_array({name}{', '.join(key)}))"
        for name, key in zip(names, keys, strict=True)
    ]
