"""Elasticsearch's piped query language: parse text, show it again.

SEMANTICS.md beside this module numbers the rules that comments cite.
"""

from .parsing import parse
from .showing import show

__all__ = ["parse", "show"]
