"""Kibana's query language; SEMANTICS.md has its rules."""

from .parser import parse
from .show import show

__all__ = ["parse", "show"]
