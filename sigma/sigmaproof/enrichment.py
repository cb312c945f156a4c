"""What a user may choose for fields that Elastic looks up by an address and that no column holds.

A watchlist of networks, which the user keeps, or a function of Kusto. Both are asked for the address of the
event at the time of the query, where Elastic looked it up when the event came in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sigma.exceptions import SigmaConfigurationError

WATCHLIST: Final = "watchlist"
GEO_INFO: Final = "geo_info"
NETWORK = "Network"
"""Column of a watchlist that holds the network, as in 192.0.2.0/24."""
GEO_FUNCTION = "geo_info_from_ip_address"
GEO_KEYS = ("country", "state", "city")
_WATCHLIST_NAME = re.compile(r"[A-Za-z0-9_-]+")

Source = Literal["watchlist", "geo_info"]


class ChoiceError(SigmaConfigurationError):
    """Report a choice that no pack offers."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Where one field can be looked up."""

    address: str
    """ECS field of the address."""
    watchlist: str = ""
    """Column of a watchlist; empty where none is offered."""
    geo_info: str = ""
    """Key of what the function returns; empty where it does not give the value."""

    def options(self, ecs: str) -> Iterator[str]:
        """Yield how each choice is written on the command line."""
        if self.geo_info:
            yield f"--enrich {ecs}={GEO_INFO}"
        if self.watchlist:
            yield f"--enrich {ecs}={WATCHLIST}:NAME"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Where the user has a field looked up."""

    address: str
    """ECS field of the address."""
    source: Source
    key: str
    """Column of the watchlist, or key of what the function returns."""
    watchlist: str = ""
    """Name of the watchlist."""

    @property
    def explanation(self) -> str:
        """Say in one sentence what the query then rests on."""
        if self.source == GEO_INFO:
            return (
                f"looked up from {self.address} by {GEO_FUNCTION}().{self.key} when the query runs; its"
                " data may differ from GeoLite2 as Elastic has it"
            )
        return (
            f"looked up from {self.address} in the watchlist {self.watchlist}, columns {NETWORK} and"
            f" {self.key}, when the query runs; its networks must not overlap, and addresses of IPv6 are"
            " in none of them"
        )


@dataclass(frozen=True, slots=True)
class Lookup:
    """A watchlist that the rows of a table are looked up in."""

    watchlist: str
    address: str
    """Expression of the address."""
    address_column: str
    """Column that holds it; the expression itself where that is one."""
    network: str
    """Column that the network gets in the result."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column in the result to the expression on the watchlist's columns."""


def chosen(choices: Choices, ecs: str, text: str) -> Chosen:
    """Read what the user chose for a field: `geo_info`, or `watchlist:NAME`; raises ChoiceError."""
    source, _, name = text.partition(":")
    if source == GEO_INFO and choices.geo_info and not name:
        return Chosen(choices.address, GEO_INFO, choices.geo_info)
    if source == WATCHLIST and choices.watchlist and _WATCHLIST_NAME.fullmatch(name):
        return Chosen(choices.address, WATCHLIST, choices.watchlist, name)
    raise ChoiceError(f"{ecs}={text} is no choice; write {' or '.join(choices.options(ecs))}")
