from __future__ import annotations

from pathlib import Path

import pytest
from sigma.exceptions import SigmaRuleLocation
from sigma.rule import SigmaRule

from sigma.backends.sigmaproof_kusto.header import header_lines


def rule(**more: object) -> SigmaRule:
    document = {
        "title": "A rule",
        "logsource": {"category": "test"},
        "detection": {"one": {"a": 1}, "condition": "one"},
        **more,
    }
    return SigmaRule.from_dict(document)


def test_a_rule_without_anything_else_has_its_title() -> None:
    assert header_lines(rule(), []) == ["// A rule"]


def test_the_header_says_whose_rule_it_is_where_it_comes_from_and_on_what_terms() -> None:
    one = rule(
        id="6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11",
        author="Somebody",
        license="DRL-1.1",
        date="2024-01-02",
        modified="2025-03-04",
    )
    one.source = SigmaRuleLocation(Path("/somewhere/rules/a_rule.yml"))
    assert header_lines(one, []) == [
        "// A rule",
        "//   rule:    6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11",
        "//   source:  Sigma rule, file a_rule.yml, of 2024-01-02, changed 2025-03-04",
        "//   author:  Somebody",
        "//   licence: DRL-1.1",
    ]


def test_a_rule_of_elastic_is_called_one() -> None:
    lines = header_lines(rule(elastic={"metadata": {}}), [])
    assert lines[1] == "//   source: detection rule of Elastic Security"


def test_losses_are_listed_and_wrapped_below_each_other() -> None:
    lines = header_lines(rule(), [("mapping-loss", "user: " + "is shortened " * 9), ("x", "y")])
    assert lines == [
        "// A rule",
        "//",
        "// Assumed, or not as in the rule:",
        "// - mapping-loss: user: is shortened is shortened is shortened is shortened is shortened is",
        "//   shortened is shortened is shortened is shortened",
        "// - x: y",
    ]


@pytest.mark.parametrize("text", ["a\n| take 1", "a\r\n// b", "a\tb"])
def test_no_text_of_a_rule_leaves_the_comment(text: str) -> None:
    lines = header_lines(rule(title=text, author=text), [("code", text)])
    assert all(line.startswith("//") and len(line.splitlines()) == 1 for line in lines)
