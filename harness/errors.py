"""Errors of the harness.

HarnessError         anything that stops a command; `str()` is one line in the user's words
+-- UsageError       options or inputs that do not fit together; exit code 2
+-- EngineError      an engine failed on a text that it should execute; exit code 3
"""

from __future__ import annotations

from typing import ClassVar


class HarnessError(Exception):
    """Stop a command."""

    exit_code: ClassVar[int] = 2


class UsageError(HarnessError):
    """Report options or inputs that do not fit together."""


class EngineError(HarnessError):
    """Report an engine that failed."""

    exit_code: ClassVar[int] = 3
