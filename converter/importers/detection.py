"""A condition as the `detection` section of a Sigma rule, laid out as people write it.

What the query demands is `selection`, what it leaves out are `filter_` blocks under `not 1 of filter_*`;
any other boolean shape becomes named blocks and an expression over them. The layout never changes what
the condition means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .condition import AllOf, AnyOf, Condition, Kind, Match, Negation
from .shapes import Shape, common_affix, sigma_text

Body = dict[str, object] | list[dict[str, object]]

_GENERIC = frozenset({"name", "id", "type", "code", "value", "ip", "address", "number", "keyword"})
"""Last parts of field names that say too little alone."""

_KEYWORDS = frozenset({"all", "and", "any", "condition", "not", "of", "or", "them", "timeframe"})
"""Words that mean something in a detection or its condition."""


def detection_of(condition: Condition) -> dict[str, object]:
    """Lay a simplified condition out; it must test some field."""
    layout = _Layout()
    conjuncts = condition.operands if isinstance(condition, AllOf) else (condition,)
    expressions = layout.conjunction(conjuncts)
    return {**layout.blocks, "condition": " and ".join(expressions)}


@dataclass(slots=True)
class _Layout:
    """The blocks written so far, by name."""

    blocks: dict[str, object] = field(default_factory=dict)

    def conjunction(self, conjuncts: Iterable[Condition]) -> list[str]:
        """Write the conjuncts of a rule; return the parts of its condition."""
        demanded = [one for one in conjuncts if not isinstance(one, Negation)]
        left_out = [part for one in conjuncts if isinstance(one, Negation) for part in _parts(one)]
        selected = self._selections(demanded)
        filters = [body for one in left_out if (body := _body(one)) is not None]
        others = [one for one in demanded if not isinstance(one, Match) and _body(one) is None]
        for one in left_out:
            if (body := _body(one)) is not None:
                self._add(f"filter_{_topic(one)}", body)
        excluded = [Negation(one) for one in left_out if _body(one) is None]
        parts = [self._expression(one, is_operand=True) for one in (*others, *excluded)]
        return [*selected, *parts, *(["not 1 of filter_*"] if filters else [])]

    def _selections(self, demanded: Sequence[Condition]) -> list[str]:
        """Write the blocks that must all match; return the part of the condition for them."""
        main, spilled = _mapping(one for one in demanded if isinstance(one, Match))
        lists = [one for one in demanded if not isinstance(one, Match) and _body(one) is not None]
        bodies: list[tuple[str, Body]] = [("selection", main)] if main else []
        bodies += ((f"selection_{_topic(one)}", {_key(one): _value(one)}) for one in spilled)
        bodies += ((f"selection_{_topic(one)}", body) for one in lists if (body := _body(one)))
        if len(bodies) == 1:
            return [self._add("selection", bodies[0][1])]
        for name, body in bodies:
            self._add(name, body)
        return ["all of selection*"] if bodies else []

    def _expression(self, condition: Condition, *, is_operand: bool) -> str:
        """Write blocks for a condition of any shape; return the expression over them."""
        body = _body(condition)
        if body is not None:
            return self._add(_plain_name(_topic(condition)), body)
        if isinstance(condition, Negation):
            return f"not {self._expression(condition.operand, is_operand=True)}"
        word, operands = _connective(condition)
        text = f" {word} ".join(self._expression(one, is_operand=True) for one in operands)
        return f"({text})" if is_operand else text

    def _add(self, name: str, body: Body) -> str:
        """Store a block under a name of its own and return that."""
        unique, number = name, 1
        while unique in self.blocks:
            number += 1
            unique = f"{name}_{number}"
        self.blocks[unique] = body
        return unique


def _parts(negation: Negation) -> tuple[Condition, ...]:
    """Return what a negation leaves out, one by one."""
    operand = negation.operand
    return operand.operands if isinstance(operand, AnyOf) else (operand,)


def _connective(condition: Condition) -> tuple[str, tuple[Condition, ...]]:
    """Return the operands of a connective, those that fit into one list of maps as one."""
    match condition:
        case AnyOf(operands):
            fitting = tuple(one for one in operands if _flat_map(one) is not None)
            others = tuple(one for one in operands if _flat_map(one) is None)
            return "or", ((AnyOf(fitting), *others) if len(fitting) > 1 else operands)
        case AllOf(operands):
            matches = tuple(one for one in operands if isinstance(one, Match))
            others = tuple(one for one in operands if not isinstance(one, Match))
            _, spilled = _mapping(matches)
            joined = tuple(one for one in matches if one not in spilled)
            rest = (*spilled, *others)
            return "and", ((AllOf(joined), *rest) if len(joined) > 1 and rest else operands)
        case _:
            raise AssertionError("only connectives have operands")


def _body(condition: Condition) -> Body | None:
    """Return a condition as one block, if one can say it."""
    flat = _flat_map(condition)
    if flat is not None or not isinstance(condition, AnyOf):
        return flat
    maps = [_flat_map(one) for one in condition.operands]
    found = [one for one in maps if one is not None]
    return found if len(found) == len(maps) else None


def _flat_map(condition: Condition) -> dict[str, object] | None:
    """Return a condition as one map of tests that must all match, if it is that."""
    operands = condition.operands if isinstance(condition, AllOf) else (condition,)
    matches = [one for one in operands if isinstance(one, Match)]
    main, spilled = _mapping(matches)
    return main if main and len(matches) == len(operands) and not spilled else None


def _mapping(matches: Iterable[Match]) -> tuple[dict[str, object], list[Match]]:
    """Gather tests in one map; return also those whose key is taken."""
    main: dict[str, object] = {}
    spilled = []
    for match in matches:
        if _key(match) in main:
            spilled.append(match)
        else:
            main[_key(match)] = _value(match)
    return main, spilled


def _key(match: Match) -> str:
    modifiers: list[str] = []
    if match.kind in (Kind.TEXT, Kind.FOLDED_TEXT):
        modifiers.append(common_affix(_shapes(match)))
    if match.is_all:
        modifiers.append("all")
    if match.kind is Kind.TEXT:
        modifiers.append("cased" if any(shape.has_letters for shape in _shapes(match)) else "")
    elif match.kind not in (Kind.PLAIN, Kind.FOLDED_TEXT):
        modifiers.append(match.kind.value)
    return "|".join((match.field, *filter(None, modifiers)))


def _value(match: Match) -> object:
    values: list[object] = list(match.values)
    if match.kind in (Kind.TEXT, Kind.FOLDED_TEXT):
        shapes = _shapes(match)
        affix = common_affix(shapes)
        values = [sigma_text(shape, affix) for shape in shapes]
    return values[0] if len(values) == 1 else values


def _shapes(match: Match) -> list[Shape]:
    return [value for value in match.values if isinstance(value, Shape)]


def _topic(condition: Condition) -> str:
    """Name a block after the first field that it tests."""
    match condition:
        case Match(field=name):
            return _snake_case(name)
        case Negation(operand):
            return _topic(operand)
        case AllOf(operands) | AnyOf(operands):
            return _topic(operands[0])


def _snake_case(name: str) -> str:
    parts = [part for part in re.split(r"[^0-9A-Za-z]+", name) if part] or ["field"]
    short = parts[-2:] if parts[-1].lower() in _GENERIC else parts[-1:]
    words = [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", part) for part in short]
    return "_".join(words).lower()


def _plain_name(topic: str) -> str:
    """Keep the names of blocks in expressions apart from keywords and from gathered blocks."""
    is_taken = topic.startswith(("selection", "filter")) or topic in _KEYWORDS
    return f"field_{topic}" if is_taken or topic[0].isdigit() else topic
