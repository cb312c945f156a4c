"""Kusto for Microsoft Sentinel and Azure Data Explorer, aware of tables and column types."""

from .backend import SigmaproofKustoBackend

__all__ = ["SigmaproofKustoBackend"]
