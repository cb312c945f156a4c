"""Numbers in fields of no known type are also made as the texts that a column of text holds of them."""

from __future__ import annotations

from converter.port import ImportOptions, read_rules
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, RuleResult

RULE = """
title: Two numbers
id: 7a3ef2a6-6ac4-4f38-b7a2-0c3a5c6d4b11
logsource: {product: invented}
detection:
  selection: {Code: 3, Operation: [0, 1]}
  condition: selection
"""


def test_an_event_has_all_numbers_of_a_rule_as_texts() -> None:
    rules = read_rules(RULE, "rule.yml", ImportOptions())
    (result,) = [
        one
        for one in verify(rules, [Claim("kusto-ecs")], (), Options())
        if isinstance(one, RuleResult)
    ]
    (target,) = result.targets
    assert isinstance(target.verdict, Agrees)
    assert target.alerts >= 2
