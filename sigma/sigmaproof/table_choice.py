"""Which of a pack's tables a rule is written for.

Where several sets of tables each hold the log source, the first one that keeps every field of the rule is
chosen, else the one that lacks the fewest. A single table with a selector holds a part of the log source: it
is chosen for rules that ask for events of that part alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionOR,
)
from sigma.rule import SigmaRule
from sigma.types import (
    SigmaExists,
    SigmaExpansion,
    SigmaNull,
    SigmaNumber,
    SigmaString,
    SigmaType,
)

from .mapping import MappingPack
from .table_parts import in_parts

Demands = Mapping[str, frozenset[str]]
"""Field by its Sigma name to the values one of which every event has that the rules find."""


@dataclass(frozen=True, slots=True)
class TableChoice:
    """The tables to write a rule for."""

    pack: MappingPack
    """The pack with these tables only."""
    tables: tuple[str, ...]
    others: tuple[tuple[str, ...], ...] = ()
    """Other sets of tables that keep all fields of the rule too."""
    passed_over: tuple[PassedOver, ...] = ()
    """Tables that come first, but lack what these tables have."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Tables that a rule is not written for, and why."""

    tables: tuple[str, ...]
    fields: tuple[str, ...]
    """The fields of the rule that they lack."""


def choose_tables(
    pack: MappingPack,
    choices: Sequence[tuple[str, ...]],
    names: Sequence[str],
    rules: Sequence[SigmaRule],
) -> TableChoice:
    """Choose one of the sets of tables, of which there must be one, for rules with these fields."""
    demands = demands_of(rules) if len(choices) > 1 else {}
    packs = {choice: replace(pack.with_tables(choice), choices=(choice,)) for choice in choices}
    parts = {choice: in_parts(one) for choice, one in packs.items()}
    missing = {
        choice: [*_lacking(parts[choice], names), *_undemanded(one, demands)]
        for choice, one in packs.items()
    }
    best = min(choices, key=lambda choice: len(missing[choice]))
    read = {choice: _tables_read(one) for choice, one in parts.items()}
    others = tuple(
        dict.fromkeys(read[one] for one in choices if read[one] != read[best] and not missing[one])
    )
    before = choices[: choices.index(best)]
    passed = (_passed_over(read[one], read[best], missing[one], names) for one in before)
    found = dict.fromkeys(one for one in passed if one is not None)
    return TableChoice(packs[best], read[best], others, tuple(found))


def _passed_over(
    tables: Sequence[str], best: Sequence[str], missing: Sequence[str], names: Sequence[str]
) -> PassedOver | None:
    left = tuple(name for name in tables if name not in best)
    fields = tuple(name for name in names if name in missing)
    return PassedOver(left, fields) if left and fields else None


def _tables_read(parts: MappingPack) -> tuple[str, ...]:
    """Return the tables that hold events of the log source; a pack may have others."""
    names = (table.stored_in or table.name for table in parts.tables)
    return tuple(dict.fromkeys(names))


def demands_of(rules: Iterable[SigmaRule]) -> Demands:
    """Return what the events of each rule have, as far as its condition says so plainly."""
    return _of_any(
        _demanded(condition.parsed)
        for rule in rules
        for condition in rule.detection.parsed_condition
    )


def required_by(rules: Iterable[SigmaRule]) -> frozenset[str]:
    """Return the fields of which every event has a value that the rules find, as far as conditions say so plainly."""
    return _in_all(
        _required(condition.parsed)
        for rule in rules
        for condition in rule.detection.parsed_condition
    )


def _required(condition: object) -> frozenset[str]:
    match condition:
        case ConditionAND(args=arguments):
            return frozenset().union(*map(_required, arguments))
        case ConditionOR(args=arguments):
            return _in_all(map(_required, arguments))
        case ConditionFieldEqualsValueExpression(value=SigmaNull() | SigmaExists(exists=False)):
            return frozenset()
        case ConditionFieldEqualsValueExpression(field=name):
            return frozenset({name})
        case _:
            return frozenset()


def _in_all(alternatives: Iterable[frozenset[str]]) -> frozenset[str]:
    first, *others = [*alternatives] or [frozenset[str]()]
    return first.intersection(*others)


def _undemanded(pack: MappingPack, demands: Demands) -> list[str]:
    """Return the fields that the rule must but does not demand."""
    return [name for name in _selectors(pack) if not _is_demanded(name, pack, demands)]


def lacking(pack: MappingPack, names: Sequence[str]) -> list[str]:
    """Return which of the fields the tables of a pack do not keep."""
    return _lacking(in_parts(pack), names)


def _lacking(parts: MappingPack, names: Sequence[str]) -> list[str]:
    entries = {name: parts.by_sigma(name) for name in names}
    return [name for name, entry in entries.items() if entry is None or entry.refused]


def _selectors(pack: MappingPack) -> Iterable[str]:
    return pack.tables[0].selector if len(pack.tables) == 1 else ()


def _is_demanded(ecs: str, pack: MappingPack, demands: Demands) -> bool:
    value = pack.tables[0].selector[ecs]
    allowed = {str(one) for one in (value if isinstance(value, tuple) else (value,))}
    names = (entry.sigma for entry in pack.fields if entry.ecs == ecs)
    return any(name in demands and demands[name] <= allowed for name in names)


def _demanded(condition: object) -> dict[str, frozenset[str]]:
    match condition:
        case ConditionAND(args=arguments):
            found: dict[str, frozenset[str]] = {}
            for name, values in (one for each in arguments for one in _demanded(each).items()):
                found[name] = found[name] & values if name in found else values
            return found
        case ConditionOR(args=arguments):
            return _of_any(map(_demanded, arguments))
        case ConditionFieldEqualsValueExpression(field=name, value=value):
            texts = _plain(value)
            return {} if texts is None else {name: texts}
        case _:
            return {}


def _of_any(alternatives: Iterable[Demands]) -> dict[str, frozenset[str]]:
    first, *others = [*alternatives] or [{}]
    common = {name for name in first if all(name in other for other in others)}
    return {name: first[name].union(*(other[name] for other in others)) for name in common}


def _plain(value: SigmaType) -> frozenset[str] | None:
    """Return the texts one of which a value is; None where it is a pattern or no text."""
    match value:
        case SigmaExpansion(values=values):
            found = [_plain(one) for one in values]
            if None in found:
                return None
            return frozenset(text for one in found if one is not None for text in one)
        case SigmaString() if not value.contains_special():
            return frozenset({str(value)})
        case SigmaNumber():
            return frozenset({str(value)})
        case _:
            return None
