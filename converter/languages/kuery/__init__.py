"""Kibana's query language; SEMANTICS.md has its rules."""

from .assumed import assumed_types
from .lower import lower
from .parser import parse
from .show import show

__all__ = ["assumed_types", "lower", "parse", "show"]
