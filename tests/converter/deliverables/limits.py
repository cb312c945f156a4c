"""Reads cases of limits that a rule breaks: changes to a valid rule, and the message that each must give."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).parents[2] / "data/cases"


@dataclass(frozen=True)
class Limit:
    title: str
    change: dict[str, Any]
    message: str
    forms: str
    """`yaml` where only that form can break the limit; empty for all."""
    is_of_several_keys: bool
    """Whether a JSON schema cannot see it."""

    def __str__(self) -> str:
        return self.title


def limits(name: str) -> list[Limit]:
    data = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return [
        Limit(
            case["title"],
            _filled(case["change"]),
            case["message"],
            case.get("form", ""),
            case.get("schema") == "silent",
        )
        for case in data["cases"]
    ]


def _filled(value: Any) -> Any:  # noqa: ANN401 - whatever YAML holds
    """Write out the texts that are as long as a limit asks for: `x * 257`."""
    match value:
        case str() if found := re.fullmatch(r"(.) \* (\d+)", value):
            return found[1] * int(found[2])
        case list():
            return [_filled(one) for one in value]
        case dict():
            return {_filled(key): _filled(one) for key, one in value.items()}
        case _:
            return value
