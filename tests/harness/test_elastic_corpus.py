"""Every rule of the corpus in Kibana's language, in all four Elastic languages, on events made from it."""

from __future__ import annotations

import re
from collections import Counter

from converter.port import ImportOptions, PortableRule, read_rules
from harness.conversion import DIFFERS
from harness.parallel import verify_all
from harness.runner import Options
from harness.subjects import Claim
from harness.verdict import Agrees, Approximate, RuleResult, TargetResult, UnsupportedTarget
from tests.corpus import shared

TARGETS = ("kuery", "lucene", "esql", "eql")
TYPES = re.compile(r'^type = "(?:query|new_terms|threshold)"$', re.MULTILINE)
REASONS = {
    "kuery": (),
    "lucene": (r"field \S+ (?:lies|is) inside the nested",),
    "esql": (
        r"field \S+ has the type flattened, which ES\|QL 9.2 cannot read",
        r"field \S+ (?:lies|is) inside the nested",
    ),
    "eql": (
        r"EQL has no first-seen",
        r"a correlation of type \w+: EQL has no counts for a group",
        r"field \S+: EQL cannot ask text of the analysed type",
        r"field \S+ has the type flattened, which EQL cannot read",
        r"field \S+ (?:lies|is) inside the nested",
    ),
}
"""What each language truly cannot say."""


def test_every_rule_is_imported_and_no_target_differs() -> None:
    counts: Counter[tuple[str, type]] = Counter()
    unannounced = []
    for step in verify_all(_rules(), [Claim(name) for name in TARGETS], (), Options(), 2):
        if isinstance(step, RuleResult):
            unannounced += [step.path for note in step.diagnostics if note.code == DIFFERS]
            for target in step.targets:
                counts[target.target, type(target.verdict)] += 1
                assert _is_expected(target), (step.path, target.target, target.verdict)
    assert unannounced == []
    agreeing = {name: counts[name, Agrees] + counts[name, Approximate] for name in TARGETS}
    assert agreeing["kuery"] == 579
    assert agreeing["lucene"] >= 578
    assert agreeing["esql"] >= 560
    assert agreeing["eql"] >= 325


def _rules() -> list[PortableRule]:
    texts = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(shared("corpus/elastic").rglob("*.toml"))
    }
    rules = [
        rule
        for name, text in texts.items()
        if TYPES.search(text) and 'language = "kuery"' in text
        for rule in read_rules(text, name, ImportOptions())
    ]
    assert len(rules) == 579
    return rules


def _is_expected(target: TargetResult) -> bool:
    match target.verdict:
        case Agrees():
            return True
        case Approximate():
            return target.target in ("kuery", "lucene")
        case UnsupportedTarget(reason):
            return any(re.match(pattern, reason.message) for pattern in REASONS[target.target])
        case _:
            return False
