"""Pieces of Markdown that hold any text."""

from __future__ import annotations

import re
from collections.abc import Sequence


def row(cells: Sequence[str]) -> str:
    """Write a row of a table."""
    return " ".join(f"| {cell}" if cell else "|" for cell in cells) + " |\n"


def code(text: str) -> str:
    """Write text as code in a cell, a span a line; control characters are escaped."""
    return "<br>".join(_span(line) for line in text.strip("\n").split("\n") if line.strip())


def plain(text: str) -> str:
    """Write text in a cell so that none of its characters is markup."""
    escaped = re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))
    return _visible(escaped)


def _span(line: str) -> str:
    shown = _visible(line).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    room = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{room}{shown}{room}{fence}"


def _visible(text: str) -> str:
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )
