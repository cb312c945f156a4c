"""Finds targets by module name in `converter.targets`."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from . import targets
from .errors import InputError
from .target import Target


def all_targets() -> tuple[Target, ...]:
    """Return every target in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(targets.__path__))
    return tuple(_load(name) for name in names)


def target_named(name: str) -> Target:
    """Return the target with a name or alias; `InputError` lists the names otherwise."""
    for target in all_targets():
        if name == target.name or name in target.aliases:
            return target
    known = ", ".join(target.name for target in all_targets())
    raise InputError(f"unknown target {name!r}; use one of {known}, or pysigma:BACKEND")


def _load(name: str) -> Target:
    target = import_module(f"{targets.__name__}.{name}").TARGET
    if not isinstance(target, Target):
        raise TypeError(f"converter.targets.{name}.TARGET is no target")
    return target
