"""Write the sample log of Entra ID sign-ins, the same bytes every time.

    python -m samples.generate_signins [FILE]

The log is everyday traffic (`signins/background.py`) plus one function for each thing that a port
of the sample rule can get wrong (`signins/cases.py` lists them). Events stand roughly in the order
of their ingestion, some up to a few minutes out of it.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

from samples.signins.background import background
from samples.signins.cases import CASES
from samples.signins.document import Signin, document_of
from samples.signins.tenant import unique_id

LOG = Path(__file__).parent / "logs" / "entra-signins.ecs.ndjson"
DISORDER = timedelta(minutes=8)
"""Below the ten minutes within which the harness puts events in order again."""


def signins() -> list[Signin]:
    """Return all events in the order of the file."""
    events = list(background())
    for case in CASES:
        events += case()
    if len({event.id for event in events}) < len(events):
        raise ValueError("two events have the same id")
    return sorted(events, key=lambda event: (_written(event), event.id))


def log_bytes() -> bytes:
    """Return the whole log."""
    lines = (json.dumps(document_of(event), separators=(",", ":")) for event in signins())
    return "".join(f"{line}\n" for line in lines).encode()


def main(arguments: list[str]) -> None:
    """Write the log to its place or to the file that is named."""
    path = Path(arguments[0]) if arguments else LOG
    path.write_bytes(log_bytes())


def _written(event: Signin) -> datetime:
    """Return when the event reaches the file: every fifth one some time after its ingestion."""
    draw = int(unique_id("written", event.key)[:8], 16)
    return event.ingested + (
        DISORDER * ((draw >> 8) % 1000) / 1000 if draw % 5 == 0 else timedelta()
    )


if __name__ == "__main__":
    main(sys.argv[1:])
