"""Executes ES|QL: an interpreter of the parsed text over events, with the semantics of esql@9.2.

SEMANTICS.md in `converter/languages/esql` numbers the rules that comments cite.
"""

from .execution import check, execute
from .jobs import execute_job, explain, schedule_of

__all__ = ["check", "execute", "execute_job", "explain", "schedule_of"]
