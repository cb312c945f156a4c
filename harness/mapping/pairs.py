"""Events that are at hand twice: `raw.ndjson` and `ecs.ndjson` of one folder, line by line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from harness.errors import UsageError
from harness.events.mapping_check import Pair


def pairs_in(folder: Path) -> tuple[Pair, ...]:
    """Read the pairs of a folder; raises `UsageError` where it holds none."""
    raw, documents = (_objects(folder / name) for name in ("raw.ndjson", "ecs.ndjson"))
    if len(raw) != len(documents):
        raise UsageError(
            f"{folder}: raw.ndjson has {len(raw)} events and ecs.ndjson {len(documents)}; they must pair"
        )
    return tuple(Pair(one, dict(other)) for one, other in zip(raw, documents, strict=True))


def _objects(path: Path) -> list[Mapping[str, object]]:
    if not path.is_file():
        raise UsageError(f"{path}: no such file; name the directory of paired events by --pairs")
    found: list[Mapping[str, object]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{path}:{number}: this is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise UsageError(f"{path}:{number}: an event must be a JSON object")
        found.append(value)
    return found
