"""Lays a condition out for people: one condition a line, long lists wrapped at 100 columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

WIDTH = 100
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Line:
    """A condition that stays on one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A condition with a list of values, which may be wrapped."""

    head: str
    values: tuple[str, ...]
    """Each with the separator that belongs to it, before or behind."""
    tail: str


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that are laid out already, an operand of its own."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """All operands hold; at least two, none of them `Every`. Made by `every`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One operand holds at least; at least two, none of them `Some`. Made by `some`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The operand does not hold. Made by `negation`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition that holds for every event, or for none; `every`, `some` and `negation` take it away."""

    holds: bool


Node = Line | Choice | Block | Every | Some | Negation | Truth


@dataclass(frozen=True, slots=True)
class Style:
    """The connectives of a language."""

    every: str
    some: str
    negation: str
    groups_negation_in_some: bool = False
    """Whether a negation beside `some` needs parentheses to mean what it says."""


def every(nodes: list[Node]) -> Node:
    """Join nodes that must all hold."""
    flat = [
        inner for node in nodes for inner in (node.operands if isinstance(node, Every) else (node,))
    ]
    return _settled(flat, Truth(True)) or Every(tuple(node for node in flat if node != Truth(True)))


def some(nodes: list[Node]) -> Node:
    """Join nodes of which one must hold."""
    flat = [
        inner for node in nodes for inner in (node.operands if isinstance(node, Some) else (node,))
    ]
    return _settled(flat, Truth(False)) or Some(
        tuple(node for node in flat if node != Truth(False))
    )


def _settled(nodes: list[Node], neutral: Truth) -> Node | None:
    """Return what operands come to where that is no connective; `neutral` is what changes nothing."""
    if Truth(not neutral.holds) in nodes:
        return Truth(not neutral.holds)
    telling = [node for node in nodes if node != neutral]
    if not telling:
        return neutral
    return telling[0] if len(telling) == 1 else None


def negation(node: Node) -> Node:
    """Negate a node; the negation of `some` becomes one line for each operand, as truth is two-valued."""
    match node:
        case Negation(operand):
            return operand
        case Truth(holds):
            return Truth(not holds)
        case Some(operands):
            return every([negation(operand) for operand in operands])
        case _:
            return Negation(node)


def laid_out(node: Node, style: Style, room: int = WIDTH) -> list[str]:
    """Return the lines of a condition; `room` is the width that is left for them."""
    match node:
        case Line(text):
            return [text]
        case Choice():
            return _choice(node, room)
        case Block(lines):
            return list(lines)
        case Every(operands):
            return _joined(operands, style.every, style, room, groups_negation=False)
        case Some(operands):
            return _joined(operands, style.some, style, room, style.groups_negation_in_some)
        case Negation(operand):
            start = f"{style.negation} "
            return _prefixed(start, _operand(operand, style, room, len(start), False))
        case Truth():
            raise AssertionError("a condition without anything to ask is not written")
        case _:
            assert_never(node)


def _joined(
    operands: tuple[Node, ...], word: str, style: Style, room: int, groups_negation: bool
) -> list[str]:
    lines = _operand(operands[0], style, room, 0, groups_negation)
    for operand in operands[1:]:
        start = f"{word} "
        lines += _prefixed(start, _operand(operand, style, room, len(start), groups_negation))
    return lines


def _operand(node: Node, style: Style, room: int, used: int, groups_negation: bool) -> list[str]:
    """Return the lines of an operand, in parentheses where it needs them."""
    is_group = isinstance(node, Every | Some | Block)
    if not is_group and not (groups_negation and isinstance(node, Negation)):
        return laid_out(node, style, room - used)
    lines = laid_out(node, style, room - max(used + 2, len(_INDENT)))
    if len(lines) == 1:
        return [f"({lines[0]})"]
    return ["(", *(_INDENT + line for line in lines), ")"]


def _choice(choice: Choice, room: int) -> list[str]:
    line = f"{choice.head}{' '.join(choice.values)}{choice.tail}"
    if len(line) <= room:
        return [line]
    lines = [""]
    for value in choice.values:
        joined = f"{lines[-1]} {value}" if lines[-1] else value
        if lines[-1] and len(_INDENT) + len(joined) > room:
            lines.append(value)
        else:
            lines[-1] = joined
    return [choice.head, *(_INDENT + line for line in lines), choice.tail]


def _prefixed(start: str, lines: list[str]) -> list[str]:
    return [start + lines[0], *lines[1:]]
