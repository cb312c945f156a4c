"""What a person must know about the tables that a rule is written for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.mapping import MappingPack
from sigma.sigmaproof.pack_pipelines import fields_of
from sigma.sigmaproof.table_choice import PassedOver, TableChoice, lacking

from .diagnostic import Diagnostic, Severity
from .errors import Unsupported

TABLES_CHOSEN = "tables-chosen"
"""Code of a rule that could be written for other tables too."""
TABLES_LACK = "tables-lack-fields"
"""Code of a rule that is not written for the tables that come first, as they lack fields of it."""

CONNECTORS = {
    "AzureKubernetes": "Azure Kubernetes Service (AKS)",
    "GCPAuditLogsDefinition": "GCP Pub/Sub Audit Logs",
    "GKECCPDefinition": "Google Kubernetes Engine (via Codeless Connector Framework)",
    "MicrosoftThreatProtection": "Microsoft Defender XDR",
    "Office365": "Microsoft 365",
    "SecurityEvents": "Security Events via Legacy Agent",
    "WindowsForwardedEvents": "Windows Forwarded Events",
    "WindowsSecurityEvents": "Windows Security Events via AMA",
}
"""Id of a data connector of Microsoft Sentinel to what its page is called."""


def remarks_on(choice: TableChoice, pack: MappingPack) -> Iterator[Diagnostic]:
    """Yield which other tables of the whole pack could hold the events, and which lack fields."""
    for other in choice.others:
        what = (
            f"written for {' and '.join(choice.tables)}; {' and '.join(other)} can hold the same"
            f" events: --tables {','.join(other)}"
        )
        yield Diagnostic(TABLES_CHOSEN, Severity.NOTE, what)
    for passed in choice.passed_over:
        yield _lack(passed, choice, pack)


def _lack(passed: PassedOver, choice: TableChoice, pack: MappingPack) -> Diagnostic:
    tables = ",".join(passed.tables)
    what = (
        f"{_no_column(passed.tables, passed.fields)}, so the rule is written for"
        f" {' and '.join(choice.tables)}"
    )
    filled = [_filled_by(pack, name) for name in (*choice.tables, *passed.tables)]
    what += "; check that your events are there"
    if all(filled) and _are_told_apart(pack, (choice.tables, passed.tables)):
        what += f": {', '.join(filled)}"
    hint = f"--tables {tables} --drop-unmapped leaves such conditions out"
    return Diagnostic(TABLES_LACK, Severity.WARNING, what, hint=hint)


def _no_column(tables: Collection[str], fields: Sequence[str]) -> str:
    return f"{' and '.join(tables)} {'has' if len(tables) == 1 else 'have'} no column for {', '.join(fields)}"


def _are_told_apart(pack: MappingPack, sets: Iterable[Sequence[str]]) -> bool:
    """Say whether other connectors fill the one set of tables than the other."""
    ids = [
        {each for one in pack.tables if one.name in names for each in one.connectors}
        for names in sets
    ]
    return any(one != ids[0] for one in ids)


def _filled_by(pack: MappingPack, table: str) -> str:
    """Say which connectors fill a table; empty where the pack names none."""
    ids = next((one.connectors for one in pack.tables if one.name == table), ())
    titles = " or ".join(CONNECTORS.get(one, one) for one in ids)
    only = "only the connector" if len(ids) == 1 else "the connector"
    return f"{only} {titles} fills {table}" if ids else ""


def check_searched(
    searched: Sequence[str], wanted: Collection[str], pack: MappingPack | None, loaded: LoadedRules
) -> None:
    """Raise `Unsupported` where a text reads other tables than the user has, with what stops it.

    `pack` is None where the rules are of several packs.
    """
    others = [name for name in dict.fromkeys(searched) if name not in wanted]
    if not others:
        return
    found = tuple(dict.fromkeys(searched))
    hint = f"use --tables {','.join(found)}"
    where = f"what the rule finds is in {' and '.join(found)}"
    if set(found) & set(wanted):
        raise Unsupported(f"{where}, not in {' and '.join(wanted)} alone", hint=hint)
    if pack is not None and (fields := _lacking(wanted, pack, loaded)):
        raise Unsupported(f"{_no_column(wanted, fields)}; {where}", hint=hint)
    raise Unsupported(f"{where}, not in {' and '.join(wanted)}", hint=hint)


def _lacking(wanted: Collection[str], pack: MappingPack, loaded: LoadedRules) -> list[str]:
    """Return the fields without a column; none for an event log, whose channels say what is where."""
    if pack.told_apart_by is not None:
        return []
    names = sorted({name for one in loaded.collection.rules for name in fields_of(one)})
    return lacking(pack.with_tables(wanted), names)
