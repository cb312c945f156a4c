"""Errors about a rule, which always start with the file of the rule."""

from __future__ import annotations

from sigma.exceptions import SigmaError

from converter.errors import ConversionError, Unsupported
from harness.errors import HarnessError
from sigma.sigmaproof.errors import SigmaFileError

RULE_ERRORS = (ConversionError, SigmaError, SigmaFileError)
"""What reading or rendering a rule may raise."""


class RuleError(HarnessError):
    """Report a rule that cannot be used, as `file:line: what; what to do`."""

    def __init__(self, path: str, error: Exception) -> None:
        super().__init__(_located(path, error))
        self.is_unsupported = isinstance(error, Unsupported)


def _located(path: str, error: Exception) -> str:
    message = " ".join(str(error).split())
    if message.startswith(f"{path}:"):
        return message
    span = error.span if isinstance(error, Unsupported) else None
    return f"{path}:{span.line}: {message}" if span else f"{path}: {message}"
