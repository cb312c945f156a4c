"""Public Sigma rules agree with their texts for Sentinel, Defender XDR and plain Kusto, or name what is not there."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

from converter.port import ImportOptions, read_rules
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, Approximate, RuleResult, TargetResult, UnsupportedTarget, word
from tests.corpus import shared
from tests.harness.mapping.test_endpoint_corpus import schema
from tests.oracles.kusto.binder import bind

FIRST = 11
EVERY = 75
"""One rule of so many is verified, to keep the run short; all of them take an hour."""
TARGETS = ("sentinel", "xdr", "kusto-ecs")
AT_LEAST = {"sentinel": 39, "xdr": 26, "kusto-ecs": 46}
"""Texts of the sample that agree."""
REASONS = {
    "sentinel": (
        "no mapping pack covers the log source",
        "mapping pack endpoint names no table of Microsoft Sentinel",
        r"field \S+ cannot be read from table",
    ),
    "xdr": (
        "no mapping pack covers the log source",
        r"mapping pack \S+ names no table of Microsoft Defender XDR",
        r"field \S+ cannot be read from table",
    ),
    "kusto-ecs": (),
}


@cache
def results() -> tuple[tuple[Path, TargetResult], ...]:
    claims = [Claim(name) for name in TARGETS]
    found: list[tuple[Path, TargetResult]] = []
    for path in sorted(shared("corpus/sigma-rules").rglob("*.yml"))[FIRST::EVERY]:
        text = path.read_text(encoding="utf-8")
        if "|expand" in text:
            continue  # a placeholder has no values to judge on
        rules = read_rules(text, path.name, ImportOptions())
        for step in verify(rules, claims, (), Options()):
            found += [(path, one) for one in step.targets] if isinstance(step, RuleResult) else []
    return tuple(found)


def test_texts_agree_or_are_refused_for_what_the_platform_lacks() -> None:
    other = {
        (path.name, one.target): word(one.verdict)
        for path, one in results()
        if not is_expected(one)
    }
    assert other == {}


def test_most_texts_agree() -> None:
    agreeing = Counter(one.target for _, one in results() if isinstance(one.verdict, Agrees))
    assert {name: agreeing[name] for name in TARGETS if agreeing[name] < AT_LEAST[name]} == {}


def test_texts_for_defender_pass_microsofts_binder_on_the_real_schema() -> None:
    texts = {path.name: one.text for path, one in results() if one.target == "xdr" and one.text}
    assert len(texts) >= AT_LEAST["xdr"]
    answers = bind([(text, schema()) for text in texts.values()])
    found = zip(texts, answers, strict=True)
    assert {name: answer.findings for name, answer in found if answer.findings} == {}


def is_expected(result: TargetResult) -> bool:
    match result.verdict:
        case Agrees() | Approximate():
            return True
        case UnsupportedTarget(reason):
            return any(re.match(one, reason.message) for one in REASONS[result.target])
        case _:
            return False
