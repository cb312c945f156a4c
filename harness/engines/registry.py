"""Finds the engine of a language: the module of that name in this package."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Protocol, cast

from converter.ir import Schedule
from harness import engines
from harness.events.event import Event

from .execution import Execution
from .job import Job, Step


class Engine(Protocol):
    """What a module named as a language offers."""

    def execute_job(self, job: Job) -> Execution:
        """Execute the text; raises RefusedText, Unsupported or EngineError."""

    def explain(self, job: Job, event: Event) -> tuple[Step, ...]:
        """Say what each condition or operator of the text makes of one event."""

    def schedule_of(self, text: str, own: Schedule) -> Schedule | None:
        """Return the schedule that a rule file asks for, on the clock of the rule's own; else None."""


def engine_for(language: str) -> Engine | None:
    """Return the engine of a language; None where nothing here executes it."""
    if language not in {module.name for module in pkgutil.iter_modules(engines.__path__)}:
        return None
    # A module satisfies the protocol by its functions; mypy cannot see one found by name.
    return cast(Engine, import_module(f"harness.engines.{language}"))
