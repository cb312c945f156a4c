from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from converter.errors import InputError
from converter.schema_files import DeclaredTypes, read_schema_files

CASES = Path(__file__).parents[2] / "data" / "cases" / "schema_files.yml"


@dataclass(frozen=True)
class Case:
    title: str
    files: dict[str, str]
    expected: dict[str, object]


def load_cases() -> list[Case]:
    return [
        Case(
            case.pop("title"),
            case.pop("files", None) or {"schema": case.pop("text")},
            case,
        )
        for case in yaml.safe_load(CASES.read_text(encoding="utf-8"))["cases"]
    ]


def shown(declared: DeclaredTypes, key: str, expected: object) -> object:
    """Return one part of what is declared in the form that cases write it."""
    match key:
        case "types":
            return dict(declared.types.types)
        case "multiple":
            return sorted(declared.types.multiple)
        case "single":
            return sorted(declared.types.single)
        case "refused":
            return dict(declared.types.refused)
        case "lower_case":
            return sorted(declared.lower_case)
        case "not_read":
            return list(declared.not_read)
        case "values" | "unreadable":
            return dict(getattr(declared, key))
        case "origins":
            return {name: list(files) for name, files in declared.origins.items()}
        case "remarks":
            assert isinstance(expected, dict)
            found = {name: declared.remarks.get(name, ()) for name in expected}
            return {name: [one.code for one in remarks] for name, remarks in found.items()}
        case _:
            raise AssertionError(f"no such key: {key}")


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.title)
def test_a_file_declares_what_it_says(case: Case) -> None:
    if "error" in case.expected:
        with pytest.raises(InputError) as caught:
            read_schema_files(case.files)
        assert str(caught.value) == case.expected["error"]
        return
    declared = read_schema_files(case.files)
    assert case.expected
    for key, expected in case.expected.items():
        assert shown(declared, key, expected) == expected, key


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.title)
def test_a_damaged_file_is_read_or_refused_in_one_line(case: Case) -> None:
    dice = random.Random(case.title)
    for _ in range(40):
        files = {name: damaged(text, dice) for name, text in case.files.items()}
        try:
            read_schema_files(files)
        except InputError as error:
            message = str(error)
            assert "\n" not in message
            name, line, _ = message.split(":", 2)
            assert name in files
            assert 1 <= int(line) <= files[name].count("\n") + 2


def damaged(text: str, dice: random.Random) -> str:
    """Cut a text, put a character elsewhere, or exchange one part for another."""
    if not text:
        return dice.choice("{[-:\t\x00")
    place = dice.randrange(len(text))
    match dice.randrange(4):
        case 0:
            return text[:place]
        case 1:
            return text[:place] + dice.choice('{}[]",:5\x00\t&*!') + text[place:]
        case 2:
            return text[:place] + text[place + dice.randrange(1, 12) :]
        case _:
            old = dice.choice(['"keyword"', "type", "{", "name", "fields", "true", "[", "ip"])
            return text.replace(old, dice.choice(["null", "[]", "{}", "5", '"x"', "&a", "*a"]), 1)


@pytest.mark.parametrize("text", ["[" * 100_000, "{" * 100_000, "- " * 20_000 + "a"])
def test_a_file_nested_without_end_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_schema_files({"schema": text})


def test_a_rule_is_told_what_is_declared_of_its_fields_alone() -> None:
    text = (
        '{"dynamic_templates": [{}], "properties": {"a": {"type": "keyword", "ignore_above": 5},'
        ' "b": {"type": "long"}}}'
    )
    declared = read_schema_files({"m.json": text})
    assert [one.code for one in declared.diagnostics(["a"])] == ["declared-type", "ignore-above"]
    assert [one.message for one in declared.diagnostics(["b", "c"])] == [
        "types of fields declared by m.json: b long",
        "not read in the schema: dynamic_templates in m.json; it may declare more fields",
    ]
    assert declared.diagnostics([]) == ()
