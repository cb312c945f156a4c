"""The entities of a custom detection of Defender XDR, told by the names of its result's columns.

Advanced hunting calls the same thing the same in every table: an account is AccountSid, AccountUpn and
so on, that of the process that acted has InitiatingProcess before these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

Columns = Mapping[str, str]
"""Property of an entity to column."""

ASSETS = ("hosts", "accounts", "mailboxes")
"""Collections of which a detection needs one entity."""
KNOWN: Mapping[str, tuple[str, ...]] = {
    "accounts": (
        "aadUserIdColumn",
        "dnsDomainColumn",
        "nameColumn",
        "ntDomainColumn",
        "sidColumn",
        "upnColumn",
        "upnSuffixColumn",
    ),
    "cloudApplications": ("appIdColumn", "nameColumn"),
    "files": ("nameColumn", "sha1Column", "sha256Column"),
    "hosts": (
        "deviceIdColumn",
        "dnsDomainColumn",
        "nameColumn",
        "netBiosNameColumn",
        "ntDomainColumn",
    ),
    "ips": ("addressColumn", "scopeColumn"),
    "mailboxes": ("primaryAddressColumn",),
    "registryValues": ("keyColumn", "valueNameColumn"),
    "urls": ("addressColumn",),
}
"""Properties by collection, for the collections that a query of ours can fill."""
ENOUGH: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "accounts": (
        ("aadUserIdColumn",),
        ("sidColumn",),
        ("upnColumn",),
        ("nameColumn", "ntDomainColumn"),
        ("nameColumn", "dnsDomainColumn"),
        ("nameColumn", "upnSuffixColumn"),
    ),
    "cloudApplications": (("appIdColumn",),),
    "files": (("sha1Column",), ("sha256Column",)),
    "hosts": (("deviceIdColumn",), ("nameColumn",)),
    "ips": (("addressColumn",),),
    "mailboxes": (("primaryAddressColumn",),),
    "registryValues": (("keyColumn", "valueNameColumn"),),
    "urls": (("addressColumn",),),
}
"""Properties that together tell an entity, any group of which is enough."""

_ACCOUNT = {
    "aadUserIdColumn": "AccountObjectId",
    "sidColumn": "AccountSid",
    "upnColumn": "AccountUpn",
    "nameColumn": "AccountName",
    "ntDomainColumn": "AccountDomain",
}
_ACTORS = ("", "InitiatingProcess", "Target", "Initiating")
_NAMED: tuple[tuple[str, Columns], ...] = (
    ("hosts", {"deviceIdColumn": "DeviceId", "nameColumn": "DeviceName"}),
    *(("accounts", {key: actor + column for key, column in _ACCOUNT.items()}) for actor in _ACTORS),
    *(
        ("mailboxes", {"primaryAddressColumn": column})
        for column in ("RecipientEmailAddress", "SenderFromAddress", "SenderMailFromAddress")
    ),
    *(
        ("ips", {"addressColumn": column})
        for column in ("IPAddress", "RemoteIP", "LocalIP", "FileOriginIP")
    ),
    ("urls", {"addressColumn": "RemoteUrl"}),
    ("files", {"nameColumn": "FileName", "sha1Column": "SHA1", "sha256Column": "SHA256"}),
    ("registryValues", {"keyColumn": "RegistryKey", "valueNameColumn": "RegistryValueName"}),
    ("cloudApplications", {"appIdColumn": "ApplicationId", "nameColumn": "Application"}),
)


def entities_of(columns: Collection[str]) -> dict[str, list[Columns]]:
    """Return the entities that a result of these columns tells, by collection."""
    entities: dict[str, list[Columns]] = {}
    for collection, named in _NAMED:
        found = {key: column for key, column in named.items() if column in columns}
        if is_told(collection, found):
            entities.setdefault(collection, []).append(found)
    return entities


def is_told(collection: str, columns: Mapping[str, object]) -> bool:
    """Say whether the properties are enough for an entity of the collection."""
    groups = ENOUGH.get(collection, ())
    return any(all(key in columns for key in group) for group in groups)


def entity_problems(mappings: object) -> Iterator[str]:
    """Yield what Defender would refuse of entities, each with what to do."""
    if not isinstance(mappings, Mapping) or not any(mappings.get(name) for name in ASSETS):
        yield (
            "entityMappings has no asset; return DeviceId, DeviceName, an account such as AccountObjectId or"
            " AccountUpn, or a mailbox such as RecipientEmailAddress, and map it"
        )
        return
    for collection, entities in mappings.items():
        if collection not in KNOWN:
            yield f"entities {collection!r} are not known; use {', '.join(KNOWN)}"
            continue
        for entity in entities if isinstance(entities, list) else [entities]:
            yield from _one(collection, entity)


def _one(collection: str, entity: object) -> Iterator[str]:
    columns = entity if isinstance(entity, Mapping) else {}
    for key, column in columns.items():
        if key not in KNOWN[collection]:
            yield f"{collection} have no {key!r}; use {', '.join(KNOWN[collection])}"
        if not str(column).isidentifier():
            yield f"{collection} name the column {column!r}; project it to a plain name"
    if not is_told(collection, columns):
        yield f"{collection} are not told by their columns; map {_words(ENOUGH[collection])}"


def _words(groups: Sequence[Sequence[str]]) -> str:
    return ", or ".join(" and ".join(group) for group in groups)
