"""Where the samples are: in the installed wheel, else in the checkout."""

from __future__ import annotations

from pathlib import Path

from .errors import UsageError

_PACKAGED = Path(__file__).with_name("demo")
_CHECKOUT = Path(__file__).parent.parent / "samples"

RULE = "rules/entra_id_unusual_client.toml"
LOG = "logs/entra-signins.ecs.ndjson"


def sample(name: str) -> Path:
    """Return the path of a sample file."""
    for folder in (_PACKAGED, _CHECKOUT):
        if (folder / name).is_file():
            return folder / name
    raise UsageError(f"the sample {name} is missing from this installation; install it again")
