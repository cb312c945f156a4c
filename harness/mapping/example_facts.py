"""What of a pack no single event shows: the events of its log sources, its tables, and what values of rules mean.

Examples state the same in their `facts`, written apart from the pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sigma.sigmaproof.mapping import MappingPack, PackField, PackTable
from sigma.sigmaproof.pack_pipelines import events_definition

Fact = tuple[str, str]
"""What a fact is about, and what is so."""


def facts_of(pack: MappingPack) -> dict[str, object]:
    """Return the facts of a pack, in the form in which examples state them."""
    found: dict[str, object] = {
        "log_sources": dict(_log_sources(pack)),
        "tables": {table.name: _table(table) for table in pack.tables},
        "values": dict(_values(pack)),
    }
    return {name: one for name, one in found.items() if one}


def differences(stated: Mapping[str, object], pack: MappingPack) -> Iterator[str]:
    """Yield every fact that the examples state otherwise, or do not state."""
    ours, theirs = dict(_leaves(facts_of(pack), ())), dict(_leaves(stated, ()))
    for name in dict.fromkeys((*theirs, *ours)):
        if ours.get(name) != theirs.get(name):
            yield (
                f"fact of {name}: the pack has {ours.get(name, 'nothing')}, the examples"
                f" {theirs.get(name, 'nothing')}; correct the one that is wrong"
            )


def _log_sources(pack: MappingPack) -> Iterator[tuple[str, object]]:
    for section in [one.section for one in pack.log_sources] or [pack.log_source]:
        found = pack.of(section)
        if found is None:
            continue
        name = " ".join(f"{key} {value}" for key, value in section.items())
        fact: dict[str, object] = {"asks": events_definition(found)}
        if pack.log_sources:
            fact["tables"] = [table.name for table in found.tables]
        if found.implied:
            fact["implied"] = dict(found.implied)
        yield name, fact


def _table(table: PackTable) -> dict[str, object]:
    found: dict[str, object] = {
        "time": table.time,
        "id": table.id,
        "key": list(table.key),
        "selector": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in table.selector.items()
        },
        "channels": list(table.channels),
        "latest": sorted({f"{one.name}.{one.latest}" for one in table.joined}),
    }
    return {name: one for name, one in found.items() if one}


def _values(pack: MappingPack) -> Iterator[tuple[str, object]]:
    for field in pack.fields:
        fact = _rewriting(field)
        if fact:
            events = " or ".join(
                f"{name} {', '.join(codes)}" for name, codes in field.events.items()
            )
            yield f"{field.sigma} is {field.ecs}{events and f' in {events}'}", fact


def _rewriting(field: PackField) -> dict[str, object]:
    found: dict[str, object] = {
        "means": dict(field.meanings),
        "stands as": dict(field.values),
        "is also": dict(field.synonyms),
        "becomes": str(field.transform),
        "parts": dict(field.parts),
    }
    return {name: one for name, one in found.items() if one}


def _leaves(node: object, path: tuple[str, ...]) -> Iterator[Fact]:
    match node:
        case Mapping():
            for name, inner in node.items():
                yield from _leaves(inner, (*path, str(name)))
        case list():
            if any(isinstance(one, Mapping) for one in node):
                for number, inner in enumerate(node, 1):
                    yield from _leaves(inner, (*path, str(number)))
            else:
                yield " ".join(path), ", ".join(sorted(map(str, node)))
        case _:
            yield " ".join(path), str(node)
