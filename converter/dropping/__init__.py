"""Rules without the conditions that a target has no counterpart for, and what that changes."""

from .drop import Dropped, drop_unmapped
from .messages import CLAUSE_DROPPED, TERM_DROPPED, notes_of
from .pruned import Clause, Effect, Loss

__all__ = [
    "CLAUSE_DROPPED",
    "TERM_DROPPED",
    "Clause",
    "Dropped",
    "Effect",
    "Loss",
    "drop_unmapped",
    "notes_of",
]
