"""What a verification says about itself while it goes on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done."""

    rule: str
    step: str
    number: int
    total: int
