"""Refusals of the backends, in the user's words: where, what; what to do."""

from __future__ import annotations

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError


def refusal(what: str, hint: str) -> SigmaFeatureNotSupportedByBackendError:
    """Return the error for what a language cannot say."""
    return SigmaFeatureNotSupportedByBackendError(f"{what}; {hint}")
