"""Elasticsearch's piped query language: parse text, show it again, lower its conditions.

SEMANTICS.md beside this module numbers the rules that comments cite.
"""

from .lower import lower_where
from .parsing import parse
from .showing import show

__all__ = ["lower_where", "parse", "show"]
