"""What a Kibana query means for a document, by the types of its fields."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from converter.errors import Unsupported
from converter.ir import ALWAYS, FieldType, Missing, Schema
from converter.ir.predicate import And, Atom, Nested, Not, OneOf, Or, Predicate, Quantifier, View
from converter.languages.kuery import assumed_types, lower, parse
from harness.engines.predicate import evaluate

CASES = Path(__file__).parents[2] / "data" / "cases"
MEANING = yaml.safe_load((CASES / "kuery_meaning.yml").read_text(encoding="utf-8"))
VECTORS = yaml.safe_load((CASES / "kuery_vectors.yml").read_text(encoding="utf-8"))


def schema_of(types: dict[str, str]) -> Schema:
    return Schema({name: FieldType(type_name) for name, type_name in types.items()})


SCHEMA = schema_of(MEANING["types"])
RESOURCES = "azure.auditlogs.properties.target_resources"


@pytest.mark.parametrize(
    ("document", "text", "truth"),
    [
        pytest.param(case["document"], text, truth, id=f"{case['rule']} {text}")
        for case in MEANING["cases"]
        for key, truth in (("matches", True), ("misses", False))
        for text in case[key]
    ],
)
def test_field_type_decides_what_a_condition_means(
    document: dict[str, object], text: str, truth: bool
) -> None:
    assert evaluate(lower(parse(text), SCHEMA), document) is truth


@pytest.mark.parametrize("text", VECTORS["matches"])
def test_query_finds_what_lucene_found(text: str) -> None:
    predicate = lower(parse(text), schema_of(VECTORS["types"]))
    found = [
        number
        for number, document in VECTORS["documents"].items()
        if evaluate(predicate, document) is True
    ]
    assert found == VECTORS["matches"][text]


@pytest.mark.parametrize("case", MEANING["refused"], ids="{0[rule]} {0[text]}".format)
def test_what_the_platform_refuses_is_refused_with_its_place(case: dict[str, object]) -> None:
    with pytest.raises(Unsupported) as caught:
        lower(parse(str(case["text"])), SCHEMA)
    assert caught.value.construct == case["construct"]
    assert caught.value.hint
    assert caught.value.span is not None
    assert caught.value.span.column == case["column"]


@pytest.mark.parametrize("text", ["", "*:*", "*"])
def test_what_matches_everything_is_the_constant(text: str) -> None:
    assert lower(parse(text), SCHEMA) == ALWAYS


def test_nested_field_that_a_pattern_reaches_is_asked_in_its_object() -> None:
    outside = lower(parse("s.x*:v"), SCHEMA)
    assert outside == Nested("s", Atom("s.x", View.KEYWORD, OneOf(("v",))))
    assert lower(parse("s:{ x*:v }"), SCHEMA) == outside


def test_pattern_of_numbered_elements_stands_for_them_where_no_known_field_fits() -> None:
    query = parse("azure.auditlogs.properties.target_resources.*.type: User and size > 5")
    assumed = assumed_types(query, SCHEMA)
    assert list(assumed) == ["size", *(f"{RESOURCES}.{number}.type" for number in range(3))]
    assert set(assumed.values()) == {FieldType.DOUBLE, FieldType.KEYWORD}
    assert assumed_types(parse("p.*: x and not n > 5 and o.x.y > 5"), SCHEMA) == {}
    assert assumed_types(parse("q.*.type: x"), SCHEMA) == {}


def test_pattern_reaches_the_elements_inside_elements() -> None:
    query = parse(f"{RESOURCES}.*.display_name: Guest")
    names = set(assumed_types(query, SCHEMA))
    assert len(names) == 3 + 3 * 8
    assert f"{RESOURCES}.2.modified_properties.7.display_name" in names


def atoms_of(predicate: Predicate) -> list[Atom]:
    match predicate:
        case Atom():
            return [predicate]
        case And(operands) | Or(operands):
            return [atom for operand in operands for atom in atoms_of(operand)]
        case Not(operand):
            return atoms_of(operand)
        case _:
            raise AssertionError(f"no such predicate is expected: {predicate}")


def test_every_atom_is_two_valued_and_asks_for_any_value() -> None:
    text = "k:(x or y*) and not w:*a b* and n > 5 and b:true and ip:10.0.0.0/8 and d:2024-01-02 and t:x"
    atoms = atoms_of(lower(parse(text), SCHEMA))
    assert len(atoms) == 9
    assert {atom.missing for atom in atoms} == {Missing.FALSE}
    assert {atom.quantifier for atom in atoms} == {Quantifier.ANY}
