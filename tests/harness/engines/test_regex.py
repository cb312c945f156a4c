from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from converter.ir import Case, RegexDialect
from harness.engines.regex import compiled

CASES = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "cases" / "regex_dialects.yml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['dialect']} {case['pattern']}")
def test_class_takes_in_what_its_dialect_says(case: dict[str, list[str]]) -> None:
    search = compiled(str(case["pattern"]), RegexDialect(case["dialect"]), "", Case.EXACT).search
    values = [*case["finds"], *case["misses"]]
    assert [value for value in values if search(value)] == case["finds"]
