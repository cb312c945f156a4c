"""Read what a pack offers for a field that Elastic looks up: the key `choices`."""

from __future__ import annotations

from .enrichment import GEO_INFO, GEO_KEYS, WATCHLIST, Choices
from .mapping import PackField
from .mapping_entry import Entry


def read_choices(entry: Entry, ecs: str) -> Choices | None:
    """Read the choices of a field; the address is the field `ip` of the same object if none is named."""
    if not entry.has("choices"):
        return None
    inner = entry.entry("choices")
    subject = ecs.partition(".")[0]
    found = Choices(
        inner.text("address", f"{subject}.ip"),
        inner.text(WATCHLIST, ""),
        inner.text(GEO_INFO, ""),
    )
    inner.close()
    if not (found.watchlist or found.geo_info):
        raise entry.error(f"choices needs {WATCHLIST} or {GEO_INFO}")
    if found.geo_info and found.geo_info not in GEO_KEYS:
        raise entry.error(f"{GEO_INFO} must be one of {', '.join(GEO_KEYS)}")
    return found


def check_addresses(fields: tuple[PackField, ...], top: Entry) -> None:
    """Refuse choices whose address no table keeps as one text."""
    by_ecs = {field.ecs: field for field in fields}
    for field in fields:
        if field.choices is None:
            continue
        address = by_ecs.get(field.choices.address)
        if address is None or not address.places or address.is_multiple:
            raise top.error(
                f"fields: {field.ecs}: choices need the address {field.choices.address} in a column that"
                " holds one value"
            )
