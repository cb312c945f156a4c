"""Sigma: the meaning of rules that pySigma has parsed (SEMANTICS.md)."""

from .collection import RuleSource, lower, lower_of_sources, schedule_of
from .diagnose import diagnostics_of

__all__ = ["RuleSource", "diagnostics_of", "lower", "lower_of_sources", "schedule_of"]
