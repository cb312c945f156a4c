"""Kusto: tokens, a checker of names and types as Microsoft's binder has them, and lints (SEMANTICS.md)."""

from .check import check, lint, output_columns
from .tokens import Token, TokenKind, tokens

__all__ = ["Token", "TokenKind", "check", "lint", "output_columns", "tokens"]
