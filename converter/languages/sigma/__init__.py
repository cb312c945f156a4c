"""Sigma: the meaning of rules that pySigma has parsed (SEMANTICS.md)."""

from .collection import lower, schedule_of
from .diagnose import diagnostics_of

__all__ = ["diagnostics_of", "lower", "schedule_of"]
