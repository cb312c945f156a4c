"""Finds a report format: the module of that name in this package, if it can write a report."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Protocol, TextIO, cast

from harness import report as package
from harness.verdict import Report


class Format(Protocol):
    """What a module named as a format offers."""

    def write(self, report: Report, stream: TextIO) -> None:
        """Write a report as text."""


def format_named(name: str) -> Format | None:
    """Return a format; None where no module of that name writes reports."""
    return _formats().get(name)


def format_names() -> list[str]:
    """Return the names of all formats in order."""
    return sorted(_formats())


def _formats() -> dict[str, Format]:
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    modules = {name: import_module(f"{package.__name__}.{name}") for name in names}
    # A module satisfies the protocol by its functions; mypy cannot see one found by name.
    return {
        name: cast(Format, module) for name, module in modules.items() if hasattr(module, "write")
    }
