"""The made-up tenant of the sample log: its people, applications and networks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday at midnight; the log covers the sixteen days from here."""
DAYS = 16
DOMAIN = "contoso.example"
TENANT = "5d3c0c1e-7a41-4f0e-9d55-2f4a8a1b6c90"
RULE = Path(__file__).parents[1] / "rules" / "entra_id_unusual_client.toml"


@dataclass(frozen=True, slots=True)
class App:
    """An application by its client id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Network:
    """An autonomous system, and the first two bytes of addresses in it."""

    number: int
    organization: str
    prefix: str
    country: str


def unique_id(*parts: str) -> str:
    """Derive an id in the form of a UUID from any texts."""
    digest = hashlib.md5("/".join(parts).encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"


def at(day: int, clock: str) -> datetime:
    """Return an instant of the log: `at(3, "09:41:00")` lies on its fourth day."""
    hours, minutes, seconds = clock.split(":")
    return START + timedelta(
        days=day, hours=int(hours), minutes=int(minutes), seconds=float(seconds)
    )


def own_app(name: str) -> App:
    """Return an application that the tenant registered itself."""
    return App(unique_id("app", name), name)


def excluded_ids() -> list[str]:
    """Return the application ids that the sample rule leaves out, each once, in its order."""
    query = RULE.read_text("utf-8").partition("properties.app_id: (")[2].partition(")")[0]
    return list(dict.fromkeys(re.findall(r"[0-9a-f-]{36}", query)))


MICROSOFT = Network(8075, "MICROSOFT-CORP-MSN-AS-BLOCK", "20.190", "US")
NETWORKS = (
    Network(3320, "Deutsche Telekom AG", "79.192", "DE"),
    Network(7922, "COMCAST-7922", "73.162", "US"),
    Network(2856, "British Telecommunications PLC", "81.128", "GB"),
    Network(3215, "Orange S.A.", "90.3", "FR"),
    Network(16509, "AMAZON-02", "52.95", "IE"),
    Network(16276, "OVH SAS", "51.38", "FR"),
)

CLIENTS = ("Mobile Apps and Desktop clients", "Exchange ActiveSync", "Authenticated SMTP")
DESKTOP, BROWSER = CLIENTS[0], "Browser"

APPS = (
    App("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams"),
    App("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI"),
    App("1950a258-227b-4e31-a9cf-717495945fc2", "Microsoft Azure PowerShell"),
    App("aebc6443-996d-45c2-90f0-388ff96faa56", "Visual Studio Code"),
    own_app("Contoso Expenses"),
    own_app("Contoso Shift Planner"),
    own_app("Fabrikam CRM Sync"),
    own_app("Northwind Warehouse"),
)
OFFICE = App("d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office")
ONEDRIVE = App("ab9b8c07-8f02-4f72-87fa-80105867a763", "OneDrive SyncEngine")
"""Both are in the rule's list of excluded applications."""

USERS = (
    "ada.brandt",
    "aylin.kaya",
    "bruno.costa",
    "chen.wei",
    "dana.okafor",
    "elif.demir",
    "erik.lund",
    "farah.haddad",
    "george.blake",
    "hanna.virtanen",
    "ines.moreau",
    "jonas.keller",
    "kavita.rao",
    "liam.byrne",
    "marta.nowak",
    "nils.berg",
    "olga.petrenko",
    "paul.martin",
    "rosa.jimenez",
    "sam.taylor",
    "tomas.novak",
    "uma.pillai",
    "victor.hugo",
    "yuki.tanaka",
)
