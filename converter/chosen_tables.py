"""The tables of a pack that hold the events of some rules on a platform, as the user has them."""

from __future__ import annotations

from collections.abc import Sequence

from sigma.rule import SigmaRule

from sigma.sigmaproof.enriched_pack import with_enrichment
from sigma.sigmaproof.mapping import PLATFORMS
from sigma.sigmaproof.recorded_events import recorded
from sigma.sigmaproof.table_choice import TableChoice, choose_tables

from .diagnostic import Diagnostic
from .errors import InputError
from .mapping import MappingPack
from .port import ImportOptions
from .table_remarks import remarks_on


def chosen_tables(
    pack: MappingPack,
    platform: str,
    names: Sequence[str],
    rules: Sequence[SigmaRule],
    options: ImportOptions,
    wanted: Sequence[str],
) -> tuple[TableChoice, tuple[Diagnostic, ...]]:
    """Choose the tables for rules that read fields of these names, among those that the user has.

    Raises `InputError` where no set of tables of the pack has all that are wanted.
    """
    whole = recorded(with_enrichment(pack.with_rest(names), options.enrichment))
    choice = choose_tables(whole, _choices(whole, platform, wanted), names, rules)
    return choice, tuple(remarks_on(choice, whole))


def _choices(
    pack: MappingPack, platform: str, wanted: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    choices = pack.whole_choices(platform)
    if exact := tuple(choice for choice in choices if set(wanted) == set(choice)):
        return exact
    if found := tuple(choice for choice in choices if set(wanted) <= set(choice)):
        return found
    known = ", ".join(table.name for table in pack.tables if platform in table.platforms)
    raise InputError(
        f"no set of tables of pack {pack.name} holds {', '.join(wanted)} together; its tables on"
        f" {PLATFORMS[platform]} are {known}"
    )
