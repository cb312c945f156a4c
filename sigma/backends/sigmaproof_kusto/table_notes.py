"""Of what pipelines note about fields and tables, that which concerns the tables that a text reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sigma.sigmaproof.pack_pipelines import ASKED_IN_ANY_CASE, any_case_loss
from sigma.sigmaproof.tables import Table

_ABSENT = "mapping-absent"
_LOSS = "mapping-loss"

Note = tuple[str, str]
"""Code and message."""


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table that a text reads, and the fields that are asked of its rows."""

    table: Table
    fields: frozenset[str]


def concerning(notes: Iterable[Note], read: Sequence[ReadTable]) -> list[Note]:
    """Return the notes in order, those of one kind in one; all missing columns stand in one note."""
    found: dict[Note, list[str]] = {}
    for code, message in notes:
        if code == _ABSENT:
            message = _absent(read)
            if message:
                found.setdefault((code, message), [])
        elif code == _LOSS:
            name, _, loss = message.partition(": ")
            if told := _loss(name, loss, read):
                found.setdefault((code, told), []).append(name)
        else:
            found.setdefault((code, message), [])
    return [
        (code, f"{', '.join(names)}: {message}" if names else message)
        for (code, message), names in found.items()
    ]


def _loss(name: str, loss: str, read: Sequence[ReadTable]) -> str:
    """Return what is lost in the tables that are read; empty where they never have the field."""
    columns = {one.table.name: one.table.columns[name] for one in read if name in one.table.columns}
    if loss.endswith(ASKED_IN_ANY_CASE):
        folded = ", ".join(table for table, column in columns.items() if column.is_caseless)
        return any_case_loss(folded) if folded else ""
    # A field whose values were rewritten to others is none that the rule still asks for.
    is_absent = any(name in one.fields & one.table.absent for one in read)
    return "" if is_absent and not columns else loss


def _absent(read: Sequence[ReadTable]) -> str:
    """Say which of the fields the tables lack, those of the same tables together."""
    tables: dict[str, list[str]] = {}
    for one in read:
        for name in sorted(one.fields & one.table.absent):
            tables.setdefault(name, []).append(_label(one.table, read))
    names: dict[str, list[str]] = {}
    for name, labels in tables.items():
        names.setdefault(", ".join(dict.fromkeys(labels)), []).append(name)
    listed = "; ".join(f"{', '.join(some)} in {labels}" for labels, some in names.items())
    return f"no column, counts as missing: {listed}" if listed else ""


def _label(table: Table, read: Sequence[ReadTable]) -> str:
    """Return the name of a table, with the events that it is read for where it is read several times."""
    if sum(one.table.name == table.name for one in read) < 2:
        return table.name
    return f"{table.name} ({', '.join(_events(table)) or 'other events'})"


def _events(table: Table) -> Iterator[str]:
    for values in table.only.values():
        yield from values
