"""Ask whether a field's paths in the vendor's event are those that its columns are named after.

No event takes part: paths that no paired event has are judged all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.layout import VendorLayout
from harness.events.vendor import path_steps, paths_of
from sigma.sigmaproof.mapping import MappingPack, PackField
from sigma.sigmaproof.steps import Each, Step, XmlData, written


def path_problems(pack: MappingPack) -> Iterator[str]:
    """Yield every vendor path of a field that the vendor's naming does not give for any of its columns."""
    naming = VendorLayout(pack.vendor.inside, pack.vendor.names, pack.vendor.unwrap)
    for field in pack.fields:
        named = list(dict.fromkeys(_named(field, naming)))
        if field.is_alias or not named:
            continue
        for path in field.vendor:
            if _whole(path_steps(path)) not in named:
                yield (
                    f"path of {field.ecs}: {path} is not where the vendor keeps"
                    f" {' or '.join(_columns(field))}, which is {_shown(named)}; correct the path, or"
                    " list it for the column under vendor: names"
                )


def _named(field: PackField, naming: VendorLayout) -> Iterator[tuple[Step, ...]]:
    for place in field.places.values():
        for one in place.alternatives():
            for path in paths_of(naming, one.column):
                yield _whole((*path_steps(path), *one.path))


def _columns(field: PackField) -> Sequence[str]:
    return tuple(dict.fromkeys(map(str, field.places.values())))


def _whole(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps to a list for those to all its elements; the vendor's event itself is no XML."""
    steps = tuple(step for step in steps if not isinstance(step, XmlData))
    return steps[:-1] if steps and isinstance(steps[-1], Each) else steps


def _shown(named: Sequence[tuple[Step, ...]]) -> str:
    return " or ".join(written(steps) or "." for steps in named)
