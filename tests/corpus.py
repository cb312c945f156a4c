"""Finds the rules and events beside the checkout that tests may read but the project may not contain.

Their directory is `../shared`, or the one that SIGMAPROOF_CORPUS names. A test that needs it skips where
it is absent, and fails instead when SIGMAPROOF_REQUIRE_CORPUS=1 (as in CI).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parent.parent.parent / "shared"


def shared(relative: str) -> Path:
    """Return a path below the shared directory; skip or fail where it does not exist."""
    path = Path(os.environ.get("SIGMAPROOF_CORPUS", _BESIDE)) / relative
    if path.exists():
        return path
    reason = f"{relative} is not in the shared directory; name it by SIGMAPROOF_CORPUS"
    if os.environ.get("SIGMAPROOF_REQUIRE_CORPUS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
