from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import pytest

from converter.layout import TableLayout
from converter.mapping import MappingPack, packs, table_layouts
from harness.events.mapping_check import (
    TABLE,
    Hits,
    Pair,
    check_constants,
    check_rows,
    check_values,
    failing,
)
from sigma.sigmaproof.mapping_reader import pack_from_text
from tests.corpus import shared

PACK = Path(__file__).parents[3] / "sigma" / "pipelines" / "entra_signin" / "mapping.yml"

Check = Callable[[Sequence[TableLayout], Sequence[Pair]], tuple[Hits, ...]]


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    folder = shared("data/paired/azure/signinlogs")
    raw, ecs = (
        (folder / name).read_text(encoding="utf-8").splitlines()
        for name in ("raw.ndjson", "ecs.ndjson")
    )
    return tuple(Pair(json.loads(a), json.loads(b)) for a, b in zip(raw, ecs, strict=True))


def entra() -> MappingPack:
    return next(pack for pack in packs() if pack.name == "entra_signin")


def changed(*replacements: tuple[str, str]) -> tuple[TableLayout, ...]:
    text = PACK.read_text(encoding="utf-8")
    for old, new in replacements:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return table_layouts(pack_from_text(text, "changed"))


def rate(counts: Sequence[Hits]) -> float:
    return sum(count.hits for count in counts) / sum(count.occurrences for count in counts)


def report(counts: Sequence[Hits]) -> str:
    return "\n".join(map(str, counts))


@pytest.mark.parametrize(("relation", "floor"), [("lossless", 0.99), ("transformed", 0.98)])
def test_ecs_values_equal_the_vendor_values(relation: str, floor: float) -> None:
    names = {field.ecs for field in entra().fields if field.relation == relation}
    counts = [c for c in check_values(table_layouts(entra()), pairs()) if c.name in names]
    assert len(counts) >= 8
    assert rate(counts) >= floor, report(counts)
    assert failing(counts) == (), report(counts)


def test_events_have_one_table_and_its_constants() -> None:
    counts = check_constants(table_layouts(entra()), pairs())
    names = {count.name for count in counts}
    assert names >= {TABLE, "event.category", "azure.signinlogs.properties.is_interactive"}
    assert failing(counts) == (), report(counts)


def test_rows_from_ecs_and_from_the_vendor_agree() -> None:
    counts = check_rows(table_layouts(entra()), pairs())
    assert len(counts) >= 55
    assert rate(counts) == 1, report(counts)


SWAPPED = (
    ("sigma: AppId,", "sigma: AppId, column: ResourceIdentity,"),
    ("sigma: ResourceIdentity,", "sigma: ResourceIdentity, column: AppId,"),
)


@pytest.mark.parametrize(
    ("replacements", "check", "field"),
    [
        pytest.param(
            SWAPPED, check_rows, "azure.signinlogs.properties.app_id", id="two columns swapped"
        ),
        pytest.param(
            (("sigma: ResourceIdentity,", "sigma: ResourceIdentity, column: ResourceId,"),),
            check_rows,
            "azure.signinlogs.properties.resource_id",
            id="the tenant's resource taken for the sign-in's",
        ),
        pytest.param(
            (("constant: authentication", "constant: iam"),),
            check_constants,
            "event.category",
            id="a constant changed",
        ),
        pytest.param(
            (("is_interactive: true", "is_interactive: false"),),
            check_constants,
            TABLE,
            id="a selector changed",
        ),
        pytest.param(
            (("vendor: properties.appId}", "vendor: properties.resourceId}"),),
            check_values,
            "azure.signinlogs.properties.app_id",
            id="a vendor path renamed to another one",
        ),
        pytest.param(
            (("vendor: properties.appId}", "vendor: properties.applicationId}"),),
            check_values,
            "azure.signinlogs.properties.app_id",
            id="a vendor path renamed to none",
        ),
        pytest.param(
            (('cases: {"0": success, "": success}', 'cases: {"1": success}'),),
            check_values,
            "event.outcome",
            id="a value table changed",
        ),
    ],
)
def test_a_wrong_mapping_fails_the_check(
    replacements: tuple[tuple[str, str], ...], check: Check, field: str
) -> None:
    assert field in {count.name for count in failing(check(changed(*replacements), pairs()))}
