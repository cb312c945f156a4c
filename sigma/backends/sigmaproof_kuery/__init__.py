"""Kibana's query language."""

from .backend import KueryBackend

__all__ = ["KueryBackend"]
