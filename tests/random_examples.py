"""How many random examples the differential tests try.

They are the same ones in every run, so that no change fails for a reason that is not its own. Whoever looks for
new ones sets SIGMAPROOF_EXAMPLES to how many to try.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_WANTED = os.environ.get("SIGMAPROOF_EXAMPLES")


def examples(count: int) -> settings:
    """Return settings for so many examples, or as many as were asked for."""
    return settings(
        max_examples=int(_WANTED or count),
        derandomize=_WANTED is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
