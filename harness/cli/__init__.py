"""The console script `sigmaproof`; the only part that reads the terminal and the clock."""

from .main import main

__all__ = ["main"]
