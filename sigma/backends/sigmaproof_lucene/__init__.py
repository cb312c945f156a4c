"""Lucene's query_string, as Kibana rules of language lucene run it."""

from .backend import LuceneBackend

__all__ = ["LuceneBackend"]
