"""Lucene's query_string as Elasticsearch runs it: parse text, show it again, lower it to a predicate.

SEMANTICS.md beside this module numbers the rules that comments cite.
"""

from .lowering import lower
from .parsing import parse
from .showing import show

__all__ = ["lower", "parse", "show"]
