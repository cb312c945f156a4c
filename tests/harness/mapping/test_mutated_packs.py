"""Random changes of every installed pack fail `mapping check`, without paired events."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from converter.mapping import MappingPack, packs
from harness.mapping.check import check_pack
from sigma.sigmaproof.mapping import MappingError
from sigma.sigmaproof.mapping_reader import pack_from_text

PIPELINES = Path(__file__).parents[3] / "sigma" / "pipelines"
CHANGES = 6
"""Random changes of each pack."""

Slot = tuple[dict[str, object] | list[object], str | int]
"""Where a value of a pack stands: an object or a list, and the key or the number."""


def slots(node: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Slot]]:
    """Yield every place of a text or a number in a pack, with the keys that lead there."""
    items: list[tuple[str | int, object]] = []
    if isinstance(node, dict):
        items = list(node.items())
    elif isinstance(node, list):
        items = list(enumerate(node))
    for key, value in items:
        inner = (*path, str(key)) if isinstance(key, str) else path
        if isinstance(value, dict | list):
            yield from slots(value, inner)
        elif isinstance(node, dict | list):
            yield inner, (node, key)


def get(slot: Slot) -> object:
    holder, key = slot
    return holder[key]  # type: ignore[index]  # the key is of the holder's kind


def put(slot: Slot, value: object) -> None:
    holder, key = slot
    holder[key] = value  # type: ignore[index]  # the key is of the holder's kind


def of(data: object, kinds: Callable[[tuple[str, ...]], bool]) -> list[Slot]:
    return [slot for path, slot in slots(data) if kinds(path)]


def in_field(*keys: str) -> Callable[[tuple[str, ...]], bool]:
    return lambda path: path[:1] == ("fields",) and len(path) > 1 and path[1] in keys


def swapped(found: list[Slot], chance: random.Random) -> None:
    one, other = chance.sample(found, 2)
    first, second = get(one), get(other)
    put(one, second)
    put(other, first)


def renamed(found: list[Slot], chance: random.Random) -> None:
    slot = chance.choice(found)
    put(slot, f"{get(slot)}x")


def next_code(found: list[Slot], chance: random.Random) -> None:
    slot = chance.choice(found)
    put(slot, str(int(str(get(slot))) + 1))


def is_joined(path: tuple[str, ...]) -> bool:
    return "joined" in path and path[-1] != "latest" and ("columns" in path or "flags" in path)


def is_code(path: tuple[str, ...]) -> bool:
    return path[:1] in (("fields",), ("log_sources",)) and ("events" in path or "known" in path)


KINDS: Mapping[
    str, tuple[Callable[[tuple[str, ...]], bool], Callable[[list[Slot], random.Random], None]]
] = {
    "columns swapped": (in_field("column", "columns"), swapped),
    "column renamed": (in_field("column", "columns"), renamed),
    "vendor paths swapped": (in_field("vendor"), swapped),
    "vendor path renamed": (in_field("vendor"), renamed),
    "constant changed": (in_field("constant"), renamed),
    "meanings swapped": (in_field("meanings", "cases", "cases_in", "values"), swapped),
    "meaning changed": (in_field("meanings", "cases", "cases_in", "values"), renamed),
    "reading swapped": (in_field("reading", "readings"), swapped),
    "joined columns swapped": (is_joined, swapped),
    "code changed": (is_code, next_code),
    "condition changed": (lambda path: "condition" in path or "where" in path, renamed),
    "selector changed": (lambda path: "selector" in path, renamed),
    "channel renamed": (lambda path: path[:1] == ("channels",), renamed),
    "vendor's name changed": (lambda path: path[:2] == ("vendor", "names"), renamed),
    "transformation swapped": (in_field("transform", "parts"), swapped),
}


def changed(pack: MappingPack, kind: str, chance: random.Random) -> MappingPack | None:
    """Return the pack with a change; None where there is nothing to change or the reader refuses it."""
    text = (PIPELINES / pack.name / "mapping.yml").read_text(encoding="utf-8")
    # Aliases of the file are written out, so that a change is of one place.
    data = yaml.safe_load(yaml.dump(yaml.safe_load(text), Dumper=_Plain, sort_keys=False))
    kinds, change = KINDS[kind]
    found = of(data, kinds)
    if len(found) < 2:
        return None
    change(found, chance)
    try:
        return pack_from_text(yaml.dump(data, Dumper=_Plain, sort_keys=False), "changed")
    except MappingError:
        return None


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def is_the_same(one: MappingPack, other: MappingPack) -> bool:
    return (one.fields, one.tables, one.log_sources, one.condition, one.vendor) == (
        other.fields,
        other.tables,
        other.log_sources,
        other.condition,
        other.vendor,
    )


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_random_changes_of_a_pack_fail_the_check(pack: MappingPack) -> None:
    chance = random.Random(pack.name)
    kinds = chance.sample(list(KINDS), len(KINDS))
    tried = 0
    for number in range(2 * len(KINDS)):
        kind = kinds[number % len(kinds)]
        other = changed(pack, kind, chance)
        if other is None or is_the_same(other, pack):
            continue
        tried += 1
        assert check_pack(other).problems, kind
        if tried == CHANGES:
            break
    assert tried >= CHANGES / 2


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_no_installed_pack_is_without_examples(pack: MappingPack) -> None:
    assert check_pack(pack).examples
