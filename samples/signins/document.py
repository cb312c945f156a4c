"""One sign-in as the ECS document that Elastic's Azure integration makes of it.

`Signin` holds what the sample rule looks at; everything else follows from it, so that a document
agrees with itself: the category with the kind of sign-in, the AS number with its organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from .tenant import (
    APPS,
    DESKTOP,
    DOMAIN,
    NETWORKS,
    TENANT,
    App,
    Network,
    at,
    own_app,
    unique_id,
)

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class _Absent:
    """The mark of a field that the document lacks."""


ABSENT: Final = _Absent()
Change = Json | _Absent

PROPERTIES = "azure.signinlogs.properties"
APP_ID = f"{PROPERTIES}.app_id"
CLIENT = f"{PROPERTIES}.client_app_used"
INTERACTIVE = f"{PROPERTIES}.is_interactive"
PRINCIPAL = f"{PROPERTIES}.user_principal_name"
USER_TYPE = f"{PROPERTIES}.user_type"
ORGANIZATION = "source.as.organization.name"
OWN_NUMBER = f"{PROPERTIES}.autonomous_system_number"


@dataclass(frozen=True, slots=True)
class Signin:
    """One event of the log. `key` is unique and gives the event its id."""

    key: str
    ingested: datetime
    user: str
    app: App = APPS[0]
    client: str = DESKTOP
    network: Network = NETWORKS[0]
    interactive: bool = False
    user_type: str = "Member"
    delay: timedelta = timedelta(minutes=2, seconds=14)
    """How long before its ingestion the sign-in took place."""
    failed: bool = False
    changes: Mapping[str, Change] = field(default_factory=dict)
    """Fields that differ, by dotted path, after everything else is filled in."""

    @property
    def id(self) -> str:
        """Return the id of the event and of the sign-in, which are the same."""
        return unique_id("event", self.key)


def changed(name: str, user: str, day: int, path: str, *values: Change) -> list[Signin]:
    """Return one sign-in for each value of a field, an hour apart, each to a new application."""
    return [
        Signin(
            f"{name}/{number}",
            at(day, f"{8 + number:02}:22:45"),
            user,
            own_app(f"{name}-{number}"),
            changes={path: value},
        )
        for number, value in enumerate(values)
    ]


def document_of(signin: Signin) -> dict[str, Json]:
    """Build the document."""
    document: dict[str, Json] = {
        "@timestamp": instant(signin.ingested - signin.delay),
        "azure": {"signinlogs": _signinlogs(signin), "tenant_id": TENANT},
        "data_stream": {"dataset": "azure.signinlogs"},
        "ecs": {"version": "8.11.0"},
        "event": {
            "action": "Sign-in activity",
            "category": ["authentication"],
            "dataset": "azure.signinlogs",
            "id": signin.id,
            "ingested": instant(signin.ingested),
            "kind": "event",
            "outcome": "failure" if signin.failed else "success",
            "type": ["info"],
        },
        "source": _source(signin),
        "user": {"name": signin.user, "domain": DOMAIN},
    }
    for path, value in signin.changes.items():
        _change(document, path, value)
    return document


def instant(time: datetime) -> str:
    """Write a time as the integration does: whole seconds without a fraction."""
    fraction = f".{time.microsecond // 1000:03d}" if time.microsecond else ""
    return f"{time:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _signinlogs(signin: Signin) -> dict[str, Json]:
    code = 50126 if signin.failed else 0
    category = "SignInLogs" if signin.interactive else "NonInteractiveUserSignInLogs"
    return {
        "category": category,
        "identity": signin.user.replace(".", " ").title(),
        "operation_name": "Sign-in activity",
        "properties": _properties(signin, code),
        "result_type": str(code),
    }


def _properties(signin: Signin, code: int) -> dict[str, Json]:
    return {
        "app_display_name": signin.app.name,
        "app_id": signin.app.id,
        "authentication_requirement": "singleFactorAuthentication",
        "autonomous_system_number": signin.network.number,
        "client_app_used": signin.client,
        "conditional_access_status": "notApplied",
        "correlation_id": unique_id("correlation", signin.key),
        "created_at": instant(signin.ingested - signin.delay),
        "id": signin.id,
        "incoming_token_type": "none" if signin.interactive else "primaryRefreshToken",
        "is_interactive": signin.interactive,
        "resource_display_name": "Microsoft Graph",
        "risk_state": "none",
        "session_id": unique_id("session", signin.user, signin.app.id),
        "status": {"error_code": code},
        "user_id": unique_id("user", signin.user),
        "user_principal_name": f"{signin.user}@{DOMAIN}",
        "user_type": signin.user_type,
    }


def _source(signin: Signin) -> dict[str, Json]:
    network = signin.network
    low = int(unique_id("address", signin.user)[:4], 16)
    return {
        "as": {"number": network.number, "organization": {"name": network.organization}},
        "geo": {"country_iso_code": network.country},
        "ip": f"{network.prefix}.{low >> 8}.{low & 255}",
    }


def _change(document: dict[str, Json], path: str, value: Change) -> None:
    *parents, leaf = path.split(".")
    node = document
    for name in parents:
        inner = node[name]
        if not isinstance(inner, dict):
            raise TypeError(f"{path}: {name} is no object")
        node = inner
    if isinstance(value, _Absent):
        del node[leaf]
    else:
        node[leaf] = value
