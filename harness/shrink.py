"""Makes an event smaller while it still shows a difference.

The result is deterministic: leaves are tried in the order of their paths, again until none can go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .events.event import Document

Path = tuple[str, ...]


def shrink(document: Document, shows: Callable[[Document], bool], attempts: int = 400) -> Document:
    """Remove fields and array elements while `shows` holds; `attempts` bounds the calls of `shows`."""
    smallest = document
    progress = True
    while progress and attempts > 0:
        progress = False
        for path in list(_branches(smallest)):
            candidate = _without(smallest, path)
            if candidate == smallest:
                continue
            attempts -= 1
            if attempts < 0:
                break
            if shows(candidate):
                smallest = candidate
                progress = True
    return smallest


def _branches(node: Mapping[str, object], prefix: Path = ()) -> Iterator[Path]:
    """Yield the paths of objects and leaves, outer ones first, so that much goes at once."""
    for key in sorted(node):
        yield (*prefix, key)
    for key in sorted(node):
        inner = node[key]
        if isinstance(inner, dict):
            yield from _branches(inner, (*prefix, key))


def _without(node: Mapping[str, object], path: Path) -> dict[str, object]:
    head, *rest = path
    kept = dict(node)
    if head not in kept:
        return kept
    inner = kept[head]
    if not rest:
        del kept[head]
    elif isinstance(inner, dict):
        smaller = _without(inner, tuple(rest))
        if smaller:
            kept[head] = smaller
        else:
            del kept[head]
    return kept
