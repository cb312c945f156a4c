"""Everything that can be asked of one mapping pack, and what failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from converter.layout import TableLayout
from converter.mapping import table_layouts
from harness.events.mapping_check import (
    Hits,
    Pair,
    added,
    check_constants,
    check_rows,
    check_values,
    failing,
)
from harness.events.vendor import unwrapped, vendor_value
from sigma.sigmaproof.mapping import PLATFORMS, MappingPack

from .columns import column_problems, name_problems
from .constants import constant_problems, unproven_constants
from .example_check import example_problems
from .examples import examples_beside
from .pairs import pairs_in
from .recorded import check_recorded, is_recorded_source
from .vendor_paths import path_problems

FLOORS = {"lossless": 0.99, "transformed": 0.98}
"""Share of equal values that the fields of a relation must reach together."""


@dataclass(frozen=True, slots=True)
class PackReport:
    """What was asked of a pack."""

    pack: MappingPack
    problems: tuple[str, ...]
    pairs: int = 0
    constants: tuple[Hits, ...] = ()
    """Events of exactly one table, and events with the constants of their table."""
    values: tuple[Hits, ...] = ()
    """ECS values that equal the vendor's value, by field."""
    rows: tuple[Hits, ...] = ()
    """Values read from the row of the ECS document that the vendor's row has too, by field."""
    rates: dict[str, Hits] = field(default_factory=dict)
    """`values` together, by relation."""
    unproven: tuple[str, ...] = ()
    """Constant fields that no paired event has and no log source states."""
    examples: int = 0
    """Examples that stand beside the pack; none prove nothing."""


def check_pack(
    pack: MappingPack, pairs_directory: Path | None = None, file: Path | None = None
) -> PackReport:
    """Check a pack, with its examples and the paired events of its folders where a directory is given.

    Examples are those beside `file`, else those of the installed pack of the name.
    """
    examples = examples_beside(file, pack.name)
    report = _without_examples(pack, pairs_directory)
    if examples is None:
        return report
    return replace(
        report,
        problems=(*report.problems, *example_problems(pack, examples)),
        examples=len(examples.events),
    )


def _without_examples(pack: MappingPack, pairs_directory: Path | None) -> PackReport:
    problems = [
        *column_problems(pack),
        *name_problems(pack),
        *constant_problems(pack),
        *path_problems(pack),
    ]
    folders = [pairs_directory / name for name in pack.pairs] if pairs_directory else []
    pairs = [
        Pair(unwrapped(pair.raw, pack.vendor.unwrap), pair.document)
        for folder in folders
        for pair in pairs_in(folder)
        if _is_counted(pair, pack)
    ]
    if not pairs:
        return PackReport(pack, tuple(problems))
    if is_recorded_source(pack):
        return _measured_as_recorded(pack, problems, pairs)
    return _measured(pack, problems, _sets_of_tables(pack), pairs)


def _is_counted(pair: Pair, pack: MappingPack) -> bool:
    return all(
        vendor_value(pair.raw, (path,)) in values for path, values in pack.pairs_where.items()
    )


def _measured_as_recorded(
    pack: MappingPack, problems: list[str], pairs: Sequence[Pair]
) -> PackReport:
    counts = check_recorded(pack, pairs)
    judged = [count for count in counts.documents if count.name not in pack.pairs_differ]
    rates = _rates(counts.relations, counts.documents)
    return PackReport(
        pack=pack,
        problems=(*problems, *counts.unseen, *_failures(counts.tables, judged, counts.rows, rates)),
        pairs=len(pairs),
        constants=counts.tables,
        values=counts.documents,
        rows=counts.rows,
        rates=rates,
        unproven=unproven_constants(pack, {count.name for count in counts.tables}),
    )


def _sets_of_tables(pack: MappingPack) -> list[tuple[TableLayout, ...]]:
    """Return the layouts of each set of tables that holds the whole log source."""
    choices = [choice for platform in PLATFORMS for choice in pack.whole_choices(platform)]
    return [table_layouts(pack.with_tables(choice)) for choice in dict.fromkeys(choices)]


def _measured(
    pack: MappingPack,
    problems: list[str],
    sets: Sequence[Sequence[TableLayout]],
    pairs: Sequence[Pair],
) -> PackReport:
    constants = added([check_constants(layouts, pairs) for layouts in sets])
    values = check_values([layout for layouts in sets for layout in layouts], pairs)
    rows = added([check_rows(layouts, pairs) for layouts in sets])
    rates = _rates({entry.ecs: entry.relation for entry in pack.fields}, values)
    return PackReport(
        pack=pack,
        problems=(*problems, *_failures(constants, values, rows, rates)),
        pairs=len(pairs),
        constants=constants,
        values=values,
        rows=rows,
        rates=rates,
        unproven=unproven_constants(pack, {count.name for count in constants}),
    )


def _rates(relations: Mapping[str, str], values: Sequence[Hits]) -> dict[str, Hits]:
    rates = {}
    for relation in FLOORS:
        # What no entry of the pack names is the vendor's own.
        counts = [c for c in values if relations.get(c.name, "lossless") == relation]
        if counts:
            hits = sum(count.hits for count in counts)
            rates[relation] = Hits(relation, hits, sum(count.occurrences for count in counts))
    return rates


def _failures(
    constants: Sequence[Hits],
    values: Sequence[Hits],
    rows: Sequence[Hits],
    rates: dict[str, Hits],
) -> Iterator[str]:
    for title, counts in (("constant", constants), ("value", values), ("row", rows)):
        yield from (f"{title} of {count}" for count in failing(counts))
    for relation, floor in FLOORS.items():
        rate = rates.get(relation)
        if rate and rate.hits < floor * rate.occurrences:
            yield f"{rate} equal the vendor's value; at least {floor:.0%} must"
