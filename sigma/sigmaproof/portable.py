"""The portable spelling of a new-terms correlation: a document that every Sigma tool accepts.

It is exact where the window slides over the events, and narrower on engines that count per fixed
bucket; that sentence travels in the description.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .new_terms import ATTRIBUTE
from .new_terms_section import OWN_KEYS

PORTABLE_NARROWS = "portable-narrows"
"""Code of the diagnostic that a portable document carries."""
NARROWS_MESSAGE = (
    "written as event_count with eq 1 for tools without the correlation type new_terms; an engine"
    " that counts per fixed bucket misses terms that were seen more than once"
)
NARROWS_SENTENCE = f"{PORTABLE_NARROWS}: {NARROWS_MESSAGE}."


def to_portable(documents: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return the documents with each `new_terms` correlation in the portable spelling."""
    return [_portable(document) for document in documents]


def _portable(document: Mapping[str, object]) -> dict[str, object]:
    correlation = document.get("correlation")
    if not isinstance(correlation, Mapping) or correlation.get("type") != "new_terms":
        return dict(document)
    attribute = document.get(ATTRIBUTE)
    own = {key: value for key, value in correlation.items() if key in OWN_KEYS}
    standard = {key: value for key, value in correlation.items() if key not in OWN_KEYS}
    return {
        **document,
        "description": _with_sentence(document.get("description")),
        "correlation": {**standard, "type": "event_count", "condition": {"eq": 1}},
        ATTRIBUTE: {**(attribute if isinstance(attribute, Mapping) else {}), "new_terms": own},
    }


def _with_sentence(description: object) -> str:
    if not isinstance(description, str) or not description.strip():
        return NARROWS_SENTENCE
    return f"{description.rstrip()}\n\n{NARROWS_SENTENCE}"
