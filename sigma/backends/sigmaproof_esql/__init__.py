"""ES|QL of Elasticsearch 9.2."""

from .backend import EsqlBackend

__all__ = ["EsqlBackend"]
