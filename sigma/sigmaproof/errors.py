"""Errors of the Sigma side, all of them one line in the user's words: what; what to do."""

from __future__ import annotations

from sigma.exceptions import SigmaCorrelationRuleError, SigmaRuleLocation


class SigmaFileError(Exception):
    """Report a Sigma file that cannot be loaded.

    The message has the form `file:line: what; what to do`.
    """

    def __init__(self, path: str, line: int, what: str, hint: str) -> None:
        super().__init__(f"{path}:{line}: {what}; {hint}")
        self.path = path
        self.line = line
        self.what = what
        self.hint = hint


class ExtensionError(SigmaCorrelationRuleError):
    """Report keys of ours in a correlation that are not valid; `key` is the one at fault."""

    def __init__(
        self, what: str, hint: str, key: str = "", source: SigmaRuleLocation | None = None
    ) -> None:
        super().__init__(f"{what}; {hint}", source=source)
        self.what = what
        self.hint = hint
        self.key = key


class NewTermsError(ExtensionError):
    """Report a new-terms correlation that is not valid."""


class ThresholdError(ExtensionError):
    """Report a count with Elastic's runs that is not valid."""


class CorrelationError(ExtensionError):
    """Report a correlation of Sigma that has no meaning here."""
