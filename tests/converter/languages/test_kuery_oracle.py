"""Our parser against Kibana's own, as npm has it: the grammar of 7.x, without `\\u`, `{ }` and U+00A0.

Needs `npm install` in tests/oracles/kuery; skips without it, fails with SIGMAPROOF_REQUIRE_ORACLES=1.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from converter.errors import QuerySyntaxError
from converter.languages.kuery import ast, parse
from tests.converter.languages.test_kuery_corpus import kuery_queries

TESTS = Path(__file__).parents[2]
ORACLE = TESTS / "oracles" / "kuery"
CASES = TESTS / "data" / "cases"
NEWER = re.compile(r"\\u|[{}\u00a0]")
"""What the grammar of 7.x reads differently."""

WILDCARD = "@kuery-wildcard@"
SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def answers(texts: list[str]) -> list[dict[str, object]]:
    """Ask Kibana's parser about each text."""
    if shutil.which("node") is None or not (ORACLE / "node_modules").is_dir():
        reason = "Kibana's parser is not installed; run npm install in tests/oracles/kuery"
        if os.environ.get("SIGMAPROOF_REQUIRE_ORACLES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    run = subprocess.run(
        ["node", "parse.js"],
        cwd=ORACLE,
        input="".join(json.dumps(text) + "\n" for text in texts),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def comparable(texts: list[str]) -> list[str]:
    return [text for text in texts if not NEWER.search(text)]


def case_texts() -> list[str]:
    names = ("kuery_syntax.yml", "kuery_errors.yml", "kuery_show.yml")
    files = [yaml.safe_load((CASES / name).read_text(encoding="utf-8")) for name in names]
    meaning = yaml.safe_load((CASES / "kuery_meaning.yml").read_text(encoding="utf-8"))
    texts = [case["text"] for cases in (*files, meaning["refused"]) for case in cases]
    return texts + [
        text for case in meaning["cases"] for text in (*case["matches"], *case["misses"])
    ]


def ours(query: ast.Query) -> list[object]:
    """Write our tree so that it compares: a row of one connective is flat, however bracketed."""
    match query:
        case ast.Empty():
            return ["is", WILDCARD, WILDCARD, False]
        case ast.Is(field, value):
            is_quoted = isinstance(value, ast.Text) and value.is_quoted
            return ["is", None if field is None else our_value(field), our_value(value), is_quoted]
        case ast.Range(field, operator, bound):
            return ["range", our_value(field), operator.value, our_value(bound)]
        case ast.Not(operand):
            return ["not", ours(operand)]
        case ast.And(operands):
            return flat("and", [ours(operand) for operand in operands])
        case ast.Or(operands):
            return flat("or", [ours(operand) for operand in operands])
        case ast.Nested():
            raise AssertionError("the grammar of 7.x has no nested queries")


def our_value(literal: ast.Literal) -> object:
    match literal:
        case ast.Text(value, is_quoted):
            return value if is_quoted else number_or_text(value)
        case ast.Boolean(truth):
            return truth
        case ast.Null():
            return None
        case ast.Pattern(pieces):
            return WILDCARD.join(pieces)


def number_or_text(text: str) -> str | float:
    """Read what JavaScript reads as a number, as the old grammar did; no text at all is 0."""
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return float(text)
    return text or 0.0


def theirs(node: dict[str, object]) -> list[object]:
    """Write Kibana's tree as `ours` writes ours."""
    arguments = node["arguments"]
    assert isinstance(arguments, list)
    match node["function"]:
        case "is":
            field, value, is_quoted = (argument["value"] for argument in arguments)
            return ["is", field, value, is_quoted]
        case "range":
            field, bound = arguments
            value = bound["value"]["value"]
            value = value["value"] if isinstance(value, dict) else value
            return ["range", field["value"], SIGNS[bound["name"]], value]
        case "not":
            return ["not", theirs(arguments[0])]
        case "and" | "or" as connective:
            return flat(connective, [theirs(argument) for argument in arguments])
        case other:
            raise AssertionError(f"no such function is expected: {other}")


def flat(connective: str, operands: list[list[object]]) -> list[object]:
    """Take in the operands of operands with the same connective, as 7.x nests rows to the right."""
    row: list[object] = [connective]
    for operand in operands:
        row += operand[1:] if operand[0] == connective else [operand]
    return row


def disagreements(texts: list[str]) -> list[str]:
    found = []
    for text, answer in zip(texts, answers(texts), strict=True):
        try:
            query = parse(text)
        except QuerySyntaxError:
            if answer["ok"]:
                found.append(f"only Kibana accepts {text!r}")
            continue
        tree = answer.get("ast")
        if not isinstance(tree, dict):
            found.append(f"only we accept {text!r}")
        elif ours(query) != theirs(tree):
            found.append(f"{text!r} is {ours(query)} here and {theirs(tree)} there")
    return found


def test_kibana_builds_the_same_trees_from_the_cases() -> None:
    texts = comparable(case_texts())
    assert len(texts) > 350
    assert disagreements(texts) == []


def test_kibana_builds_the_same_trees_from_every_query_of_the_corpus() -> None:
    texts = comparable([text for _, text in kuery_queries()])
    assert len(texts) > 550
    assert disagreements(texts) == []


def test_kibana_accepts_what_we_show() -> None:
    shown = yaml.safe_load((CASES / "kuery_show.yml").read_text(encoding="utf-8"))
    assert disagreements(comparable([case["shown"] for case in shown])) == []
