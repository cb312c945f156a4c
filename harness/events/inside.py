"""Values inside JSON, by the steps of a mapping pack: the twin of what `sigma.sigmaproof.kusto_steps` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from sigma.sigmaproof.steps import At, Each, Named, Parsed, Step, XmlData

from .event_xml import element_in, with_element


def value_at(node: object, steps: Sequence[Step]) -> object:
    """Return what the steps lead to; all values as a list behind `[]`, None where there is nothing."""
    for place, step in enumerate(steps):
        match step:
            case str():
                node = node.get(step) if isinstance(node, Mapping) else None
            case At(number):
                is_there = isinstance(node, list) and number < len(node)
                node = node[number] if isinstance(node, list) and is_there else None
            case Named():
                node = _named(node, step)
            case Parsed():
                node = _parsed(node)
            case XmlData():
                return element_in(node, _key(steps[place + 1 :]))
            case Each():
                return _all(node, steps[place + 1 :])
            case _:
                assert_never(step)
    return node


def with_value(node: object, steps: Sequence[Step], value: object) -> object:
    """Return a copy of the node with a value where the steps lead to; a list of values behind `[]`."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    match step:
        case str():
            inner = dict(node) if isinstance(node, Mapping) else {}
            inner[step] = with_value(inner.get(step), rest, value)
            return inner
        case At(number):
            items = list(node) if isinstance(node, list) else []
            items += [None] * (number + 1 - len(items))
            items[number] = with_value(items[number], rest, value)
            return items
        case Named(key):
            items = list(node) if isinstance(node, list) else []
            found = next((p for p, one in enumerate(items) if _is_named(one, step)), len(items))
            one = items[found] if found < len(items) else {key: step.values[0]}
            return [*items[:found], with_value(one, rest, value), *items[found + 1 :]]
        case Parsed():
            return json.dumps(with_value(_parsed(node), rest, value), ensure_ascii=False)
        case XmlData():
            return with_element(node, _key(rest), value)
        case Each():
            return _with_all(node, rest, value)
        case _:
            assert_never(step)


def _key(steps: Sequence[Step]) -> str:
    return "".join(step for step in steps if isinstance(step, str))


def _parsed(node: object) -> object:
    """Return what a text says as JSON; None where it says nothing."""
    if not isinstance(node, str):
        return node
    try:
        value: object = json.loads(node)
    except ValueError:
        return None
    return value


def _named(node: object, step: Named) -> object:
    """Return the first flat object of the name, in the order of the text, however deep it stands."""
    match node:
        case list():
            found = (_named(one, step) for one in node)
            return next((one for one in found if one is not None), None)
        case Mapping() if _is_named(node, step):
            return node
        case Mapping():
            return _named([*node.values()], step)
    return None


def _is_named(one: object, step: Named) -> bool:
    """Say whether a flat object has the name; the expression finds no other ones."""
    if not isinstance(one, Mapping) or one.get(step.key) not in step.values:
        return False
    return not any(map(_has_objects, one.values()))


def _has_objects(node: object) -> bool:
    return isinstance(node, Mapping) or (isinstance(node, list) and any(map(_has_objects, node)))


def _all(node: object, rest: Sequence[Step]) -> object:
    keys = [step for step in rest if isinstance(step, str)]
    if not keys:
        return node if isinstance(node, list) else None
    return list(_under(node, keys[-1], is_list=isinstance(rest[-1], Each)))


def _under(node: object, key: str, *, is_list: bool) -> Iterator[object]:
    """Yield the scalars under a key at any depth."""
    match node:
        case list():
            for one in node:
                yield from _under(one, key, is_list=is_list)
        case Mapping():
            for name, inner in node.items():
                if name == key and is_list and isinstance(inner, list):
                    yield from inner
                elif name == key and not is_list and isinstance(inner, str | bool | int | float):
                    yield inner
                else:
                    yield from _under(inner, key, is_list=is_list)


def _with_all(node: object, rest: Sequence[Step], value: object) -> object:
    values = value if isinstance(value, list) else [value]
    if not rest:
        return values
    if isinstance(rest[-1], Each):
        values, rest = [values], rest[:-1]
    items = list(node) if isinstance(node, list) else []
    items += [None] * (len(values) - len(items))
    return [
        with_value(one, rest, values[place]) if place < len(values) else one
        for place, one in enumerate(items)
    ]
