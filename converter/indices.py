"""The indices of an Elastic rule, as its Sigma documents keep them."""

from __future__ import annotations

import yaml


def indices_of(documents: str) -> tuple[str, ...]:
    """Return the index patterns of the Elastic rule that Sigma documents were made of; none of other rules."""
    if "elastic:" not in documents:
        return ()  # the quick way for rules that were never Elastic's
    for one in yaml.safe_load_all(documents):
        match one:
            case {"elastic": {"rule": {"index": [*indices]}}} if indices:
                return tuple(map(str, indices))
            case _:
                pass
    return ()
