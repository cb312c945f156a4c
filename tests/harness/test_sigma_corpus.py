"""Public Sigma rules agree with their texts in Lucene and EQL, or are refused for a reason of the language."""

from __future__ import annotations

import re
from collections import Counter

from converter.errors import ConversionError
from converter.port import ImportOptions, read_rules
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import (
    Agrees,
    Approximate,
    RuleResult,
    TargetResult,
    UnsupportedTarget,
)
from tests.corpus import shared

EVERY = 30
"""One rule of so many is verified, to keep the run short."""
REASONS = (
    r"the keyword .* a value without a field: EQL asks fields by name",
    r"field \S+: EQL cannot ask text of the analysed type",
    r"field \S+: a comparison with the field",
    r"field \S+ has the type flattened, which EQL cannot read",
    r"field \S+: a pattern with a wildcard inside or a regular expression on the analysed type",
    r"field \S+: the text .* has no word",
    r"field \S+: a network cannot match the type keyword",
    r"field \S+: \\b in the regular expression",
    r"field \S+ is an object, of \S+ for one",
    r"the condition holds for no event",
)


def test_public_rules_agree_or_are_refused_for_a_reason_of_the_language() -> None:
    verdicts: Counter[tuple[str, str]] = Counter()
    refused: list[str] = []
    for path in sorted(shared("corpus/sigma-rules").rglob("*.yml"))[::EVERY]:
        try:
            rules = read_rules(path.read_text(encoding="utf-8"), path.name, ImportOptions())
        except ConversionError as error:
            refused.append(str(error))
            continue
        claims = [Claim("lucene"), Claim("eql")]
        for step in verify(rules, claims, (), Options(keeps_going=True)):
            for target in step.targets if isinstance(step, RuleResult) else ():
                verdicts[target.target, type(target.verdict).__name__] += 1
                assert is_expected(target), (path.name, target.target, target.text)
    assert [
        reason for reason in refused if not re.search("placeholder|is compared with", reason)
    ] == []
    assert verdicts["lucene", "Agrees"] >= 100
    assert verdicts["eql", "Agrees"] >= 100


def is_expected(target: TargetResult) -> bool:
    match target.verdict:
        case Agrees():
            return True
        case Approximate():
            return target.target == "lucene"
        case UnsupportedTarget(reason):
            return any(re.match(pattern, reason.message) for pattern in REASONS)
        case _:
            return False
