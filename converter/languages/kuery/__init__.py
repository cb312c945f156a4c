"""Kibana's query language; SEMANTICS.md has its rules."""

from .lower import lower
from .parser import parse
from .show import show

__all__ = ["lower", "parse", "show"]
