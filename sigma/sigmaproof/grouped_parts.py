r"""Fields that a correlation groups by or counts, of which documents keep the value in several parts.

A condition on `User` asks all parts. A group, a term or a counted value is a single field, so that values
which differ in other parts alone count as one; whoever reads the result must know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .mapping import MappingPack, PackField

_WHOLE = frozenset({"address"})
"""Transforms whose main part is the whole value."""


def grouped_parts(names: Iterable[str], pack: MappingPack) -> Iterator[tuple[str, str]]:
    """Yield code and text of what is lost of each field that groups or is counted by one part of its value."""
    for name in sorted(set(names)):
        losses = {loss for entry in pack.named(name) if (loss := _loss(entry))}
        yield from (("mapping-loss", f"{name}: {loss}") for loss in sorted(losses))


def _loss(entry: PackField) -> str:
    others = [part for part in entry.parts.values() if part != entry.ecs]
    if not others or entry.transform in _WHOLE:
        return ""
    return (
        f"documents keep it in parts, of which {entry.ecs} alone makes groups and counted values: values that"
        f" differ in {_listed(others)} alone count as one, and events without {entry.ecs} are left out;"
        " name the parts themselves to tell such values apart"
    )


def _listed(names: list[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
