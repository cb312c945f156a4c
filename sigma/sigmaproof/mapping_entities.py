"""What a pack's events are about, in the words of Microsoft Sentinel: accounts, hosts, addresses and others.

An entity is told by identifiers, of which at least one must be a strong one; each is a field of the pack
by its Sigma name. Names are those of Sentinel's entity types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .mapping_events import Events

MAXIMUM_ENTITIES = 10
MAXIMUM_IDENTIFIERS = 3

STRONG: Mapping[str, tuple[str, ...]] = {
    "Account": ("FullName", "Name", "Sid", "AadUserId", "PUID", "ObjectGuid"),
    "AzureResource": ("ResourceId",),
    "CloudApplication": ("AppId", "Name"),
    "DNS": ("DomainName",),
    "File": ("Name",),
    "FileHash": ("Algorithm", "Value"),
    "Host": ("FullName", "HostName", "NetBiosName", "AzureID", "OMSAgentID"),
    "IP": ("Address",),
    "IoTDevice": ("DeviceId",),
    "MailMessage": ("NetworkMessageId", "Recipient"),
    "Mailbox": ("MailboxPrimaryAddress",),
    "Malware": ("Name",),
    "Process": ("CommandLine", "ProcessId"),
    "RegistryKey": ("Hive", "Key"),
    "RegistryValue": ("Name",),
    "SecurityGroup": ("SID", "DistinguishedName", "ObjectGuid"),
    "URL": ("Url",),
}
"""Identifiers by entity type, one of which an entity needs."""

WEAK: Mapping[str, tuple[str, ...]] = {
    "Account": (
        "UPNSuffix",
        "NTDomain",
        "DnsDomain",
        "AadTenantId",
        "DisplayName",
        "IsDomainJoined",
        "CloudAppAccountId",
    ),
    "CloudApplication": ("InstanceName",),
    "File": ("Directory",),
    "Host": ("DnsDomain", "NTDomain", "OSFamily", "OSVersion"),
    "Mailbox": ("Upn",),
    "Process": ("CreationTimeUtc", "ElevationToken"),
}
"""Identifiers that an entity may have beside a strong one."""

TOGETHER = frozenset({"FileHash"})
"""Types whose strong identifiers count only together."""


@dataclass(frozen=True, slots=True)
class PackEntity:
    """One thing that an event names."""

    type: str
    identifiers: Mapping[str, str]
    """Identifier to the field's Sigma name, at most three."""
    otherwise: Mapping[str, str] = field(default_factory=dict)
    """Identifiers for a result that these do not tell, such as counts by another field."""
    events: Events = field(default_factory=dict)
    """The events that name it; none for all of the pack."""

    def renamed(self, names: Mapping[str, str]) -> PackEntity:
        """Return the entity with other names of its fields."""
        return replace(
            self,
            identifiers={key: names.get(name, name) for key, name in self.identifiers.items()},
            otherwise={key: names.get(name, name) for key, name in self.otherwise.items()},
        )


def is_told(kind: str, identifiers: Mapping[str, object]) -> bool:
    """Say whether identifiers are enough to tell an entity of that type."""
    strong = STRONG.get(kind, ())
    enough = all if kind in TOGETHER else any
    return bool(strong) and enough(name in identifiers for name in strong)
