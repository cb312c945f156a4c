"""Elastic's event query language."""

from .backend import EqlBackend

__all__ = ["EqlBackend"]
