"""Property tests try the same examples in every run, unless SIGMAPROOF_EXAMPLES asks for new ones."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("fixed", derandomize=True, database=None, deadline=None)
if "SIGMAPROOF_EXAMPLES" not in os.environ:
    settings.load_profile("fixed")
