from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import cast

import jsonschema
import pytest
import yaml

from sigma.sigmaproof.mapping import MappingError, MappingPack
from sigma.sigmaproof.mapping_reader import pack_from_text

CASES = Path(__file__).parents[1] / "data" / "cases" / "mapping-errors.yml"
PIPELINES = Path(__file__).parents[2] / "sigma" / "pipelines"


@dataclass(frozen=True)
class Case:
    title: str
    text: str
    error: str


def load_cases() -> list[Case]:
    data = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return [
        Case(case["title"], changed(data["valid"], case), case["error"]) for case in data["cases"]
    ]


def changed(text: str, case: dict[str, dict[str, str]]) -> str:
    for old, new in case["change"].items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return cast(str, case.get("whole", text))


def demo_pack() -> MappingPack:
    text = yaml.safe_load(CASES.read_text(encoding="utf-8"))["valid"]
    return pack_from_text(text, "demo/mapping.yml")


def schema() -> dict[str, object]:
    text = resources.files("sigma.sigmaproof").joinpath("mapping.schema.json").read_text("utf-8")
    return cast(dict[str, object], json.loads(text))


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.title)
def test_an_invalid_pack_is_refused_with_file_and_key(case: Case) -> None:
    with pytest.raises(MappingError) as caught:
        pack_from_text(case.text, "demo/mapping.yml")
    assert case.error in str(caught.value)


def test_a_pack_is_read_with_its_defaults() -> None:
    pack = demo_pack()
    actor, detail = pack.by_ecs("demo.actor"), pack.by_sigma("Detail.code")
    assert actor is not None
    assert detail is not None
    assert (actor.type, actor.relation, actor.source) == (
        "keyword",
        "lossless",
        "the vendor's table reference",
    )
    assert (detail.places["Demo"].column, detail.places["Demo"].path) == ("Detail", ("code",))
    assert detail.relation == "transformed"
    assert pack.tables[0].newer == {"Detail": "docs of 2026"}
    assert pack.tables[0].connectors == ("DemoConnector",)
    assert [(one.type, one.identifiers) for one in pack.entities] == [
        ("Account", {"FullName": "Actor"})
    ]


def test_a_selector_makes_its_field_constant_in_the_table() -> None:
    kind = demo_pack().by_ecs("demo.kind")
    assert kind is not None
    assert kind.constants == {"Demo": "audit"}


def test_two_tables_with_the_same_selector_are_refused() -> None:
    text = yaml.safe_load(CASES.read_text(encoding="utf-8"))["valid"]
    table = text[text.index("  Demo:") : text.index("fields:")]
    doubled = text.replace(table, table + table.replace("Demo:", "Copy:"))
    with pytest.raises(MappingError, match="tables: Copy: another table has the same selector"):
        pack_from_text(doubled, "demo/mapping.yml")


def test_a_value_table_takes_more_entries_only_where_there_is_one() -> None:
    with pytest.raises(MappingError, match=r"pack demo: field demo\.actor has no value table"):
        demo_pack().with_values({"demo.actor": {"root": "0"}})


@pytest.mark.parametrize(
    "path", sorted(PIPELINES.glob("*/mapping.yml")), ids=lambda path: path.parent.name
)
def test_every_pack_of_the_project_fits_the_json_schema(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), schema())


@pytest.mark.parametrize("key", ["vender", "refuse"])
def test_the_json_schema_knows_the_keys_of_a_field(key: str) -> None:
    pack = yaml.safe_load(yaml.safe_load(CASES.read_text(encoding="utf-8"))["valid"])
    jsonschema.validate(pack, schema())
    pack["fields"][1][key] = "x"
    with pytest.raises(jsonschema.ValidationError, match=key):
        jsonschema.validate(pack, schema())


@pytest.mark.parametrize(
    "path", sorted(PIPELINES.glob("*/mapping.yml")), ids=lambda p: p.parent.name
)
def test_every_pack_of_tables_says_what_its_events_are_about(path: Path) -> None:
    pack = pack_from_text(path.read_text(encoding="utf-8"), path.parent.name)
    assert pack.entities
    without = {
        table.name
        for table in pack.tables
        if not (table.connectors if "sentinel" in table.platforms else table.assets)
    }
    # What an agent is told to collect.
    assert without <= {"Event"}
