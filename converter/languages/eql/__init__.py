"""Elastic's event query language: parse text, show it again, lower event queries to predicates.

SEMANTICS.md beside this module numbers the rules that comments cite.
"""

from .lowering import Computed, Lowered, lower, lower_with_scripts
from .parsing import parse
from .showing import show

__all__ = ["Computed", "Lowered", "lower", "lower_with_scripts", "parse", "show"]
