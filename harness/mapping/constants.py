"""Ask whether the constants of a pack are what its log sources state.

What neither a log source nor a paired event says of a constant is unproven.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sigma.sigmaproof.mapping import MappingPack, Scalar

_DATA_SETS = ("event.dataset", "data_stream.dataset")
_MODULE = "event.module"
_SYSTEM = "host.os.type"
_SYSTEMS = ("linux", "macos", "windows")
"""Sigma products that are what ECS has for the system of a host."""

Stated = Mapping[str, Mapping[str, str]]
"""Field to the values that are stated of it, each with who says so."""


def constant_problems(pack: MappingPack) -> Iterator[str]:
    """Yield every constant that contradicts what the log source states."""
    stated = _stated(pack)
    for name, value in _constants(pack):
        known = stated.get(name, {})
        if known and value not in known:
            said = " and ".join(f"{one} by {source}" for one, source in known.items())
            yield f"constant of {name}: it is {value}, but {said}; correct one of them"


def unproven_constants(pack: MappingPack, seen: Collection[str]) -> tuple[str, ...]:
    """Return the constant fields that no log source states and that are not among those `seen` in events."""
    stated = _stated(pack)
    names = dict.fromkeys(name for name, _ in _constants(pack))
    return tuple(name for name in names if name not in stated and name not in seen)


def _constants(pack: MappingPack) -> Iterator[tuple[str, Scalar]]:
    """Yield each constant once; what selectors make constant tells tables apart and is judged by events."""
    selected = {name for table in pack.tables for name in table.selector}
    for field in pack.fields:
        if not field.is_alias and field.ecs not in selected:
            yield from ((field.ecs, value) for value in dict.fromkeys(field.constants.values()))


def _stated(pack: MappingPack) -> Stated:
    stated: dict[str, dict[str, str]] = {}
    for source, conditions in _conditions(pack):
        for name, value in conditions.items():
            stated.setdefault(name, {}).setdefault(value, source)
    if _MODULE not in stated:
        # ECS: the name of a data set starts with that of its module and a dot
        for name in _DATA_SETS:
            for value in stated.get(name, {}):
                module, dot, _ = value.partition(".")
                if dot:
                    stated.setdefault(_MODULE, {}).setdefault(module, f"{name} {value}")
    product = pack.log_source.get("product", "")
    if product in _SYSTEMS:
        stated.setdefault(_SYSTEM, {product: f"the product {product}"})
    return stated


def _conditions(pack: MappingPack) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "ecs.condition", pack.condition
    yield "ecs.implied", pack.implied
    for one in pack.log_sources:
        name = "log source " + " ".join(one.section.values())
        yield f"the condition of {name}", one.condition
        yield f"what is implied by {name}", one.implied
