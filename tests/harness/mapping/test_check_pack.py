"""Every installed pack passes `mapping check` on its paired events, and every change for the worse fails it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from converter.mapping import MappingPack, packs
from harness.mapping.check import FLOORS, check_pack
from sigma.sigmaproof.mapping_reader import pack_from_text
from tests.corpus import shared

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "data" / "cases" / "mapping_mutations.yml"
UNPAIRED = CASES.with_name("mapping_unpaired_mutations.yml")
PIPELINES = ROOT / "sigma" / "pipelines"
PAIRED = [pack for pack in packs() if pack.pairs and pack.tables]


@dataclass(frozen=True)
class Mutation:
    pack: str
    title: str
    change: dict[str, str]
    fails: str


def mutations(cases: Path = CASES) -> list[Mutation]:
    data = yaml.safe_load(cases.read_text(encoding="utf-8"))
    return [Mutation(pack, **case) for pack, some in data.items() for case in some]


def changed(mutation: Mutation) -> MappingPack:
    text = (PIPELINES / mutation.pack / "mapping.yml").read_text(encoding="utf-8")
    for old, new in mutation.change.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return pack_from_text(text, "changed")


def pairs_directory() -> Path:
    return shared("data/paired")


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_every_column_and_every_name_of_a_pack_is_right(pack: MappingPack) -> None:
    assert check_pack(pack).problems == ()


@pytest.mark.parametrize("pack", PAIRED, ids=lambda pack: pack.name)
def test_a_pack_agrees_with_the_events_that_are_at_hand_twice(pack: MappingPack) -> None:
    report = check_pack(pack, pairs_directory())
    assert report.problems == ()
    assert report.pairs > 0
    assert report.values
    assert report.rows
    for relation, rate in report.rates.items():
        assert rate.share >= FLOORS[relation], rate


@pytest.mark.parametrize("mutation", mutations(), ids=lambda one: f"{one.pack}: {one.title}")
def test_a_wrong_mapping_fails_the_check(mutation: Mutation) -> None:
    problems = check_pack(changed(mutation), pairs_directory()).problems
    assert any(problem.startswith(mutation.fails) for problem in problems), problems


@pytest.mark.parametrize(
    "mutation", mutations(UNPAIRED), ids=lambda one: f"{one.pack}: {one.title}"
)
def test_a_change_that_no_paired_event_shows_fails_the_check(mutation: Mutation) -> None:
    problems = check_pack(changed(mutation)).problems
    assert any(problem.startswith(mutation.fails) for problem in problems), problems


def test_every_paired_pack_has_columns_a_constant_and_a_vendor_path_changed() -> None:
    counts = Counter(mutation.pack for mutation in mutations())
    assert set(counts) == {pack.name for pack in PAIRED}
    assert min(counts.values()) >= 3


def test_two_values_that_become_one_are_reported() -> None:
    old = '{MICROSOFT-CORP-MSN-AS-BLOCK: "8075"}'
    new = '{MICROSOFT-CORP-MSN-AS-BLOCK: "8075", OTHER: "8075"}'
    pack = changed(Mutation("entra_signin", "", {old: new}, ""))
    problem = check_pack(pack).problems[0]
    assert problem == (
        "source.as.organization.name: MICROSOFT-CORP-MSN-AS-BLOCK and OTHER both become 8075 and cannot"
        " be told apart"
    )


def test_a_constant_that_nothing_shows_is_unproven_and_no_example_has_it() -> None:
    old = "{ecs: event.kind, constant: event}"
    new = f"{old}\n  - {{ecs: observer.vendor, constant: GitHub}}"
    pack = changed(Mutation("github_audit", "", {old: new}, ""))
    report = check_pack(pack, pairs_directory())
    assert report.unproven == ("observer.vendor",)
    said = "says GitHub of observer.vendor, and must say nothing"
    assert report.problems
    assert all(problem.endswith(said) for problem in report.problems)


def test_what_a_log_source_states_of_its_module_counts_before_the_name_of_the_data_set() -> None:
    implied = "implied: {data_stream.dataset: github.audit}"
    stated = {implied: f"{implied[:-1]}, event.module: forge}}"}
    module = {"event.module, constant: github": "event.module, constant: forge"}
    start = "constant of event.module"
    agreed = check_pack(changed(Mutation("github_audit", "", stated | module, ""))).problems
    assert not any(problem.startswith(start) for problem in agreed)
    problem = check_pack(changed(Mutation("github_audit", "", stated, ""))).problems[0]
    assert problem.startswith("constant of event.module: it is github, but forge by ecs.implied;")
