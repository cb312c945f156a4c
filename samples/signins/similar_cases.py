"""Cases about values that hold a value of the rule as a part: equality must stay equality.

A wildcard, a prefix or a search for words in place of equality shows as one alert too many or too
few, since every case signs in to an application that its user never used before.
"""

from __future__ import annotations

from .document import CLIENT, USER_TYPE, Change, Signin, changed
from .tenant import MICROSOFT, App, Network, at, excluded_ids, own_app
from .window_cases import Case


def clients_like_browser() -> list[Signin]:
    """Report clients whose name begins or ends with Browser, as a word or as part of one."""
    values = ("Browsers", "Browser (legacy)", "Embedded Browser", "WebBrowser")
    return changed("client-like-browser", "dana.okafor", 13, CLIENT, *values)


def networks_like_microsoft() -> list[Signin]:
    """Report networks whose name or number begins or ends with that of Microsoft's.

    Their numbers are reserved, so that no network has them.
    """
    name = MICROSOFT.organization
    networks = (
        Network(80750, f"{name}-PARTNERS", "198.18", "US"),
        Network(98075, f"NOT-{name}", "198.19", "US"),
        Network(80751, f"{name} (resold)", "198.18", "US"),
    )
    return [
        Signin(
            f"network-like-microsoft/{network.number}",
            at(13, f"{12 + number}:08:20"),
            "george.blake",
            own_app(f"network-like-microsoft-{network.number}"),
            network=network,
        )
        for number, network in enumerate(networks)
    ]


def applications_like_excluded_ones() -> list[Signin]:
    """Report applications whose id begins or ends with one of the rule's list."""
    first, second = excluded_ids()[:2]
    ids = (f"{first}-beta", f"{second}-beta", f"beta-{first}", f"{first}0")
    return [
        Signin(
            f"application-like-excluded/{number}",
            at(13, f"{9 + number:02}:32:25"),
            "victor.hugo",
            App(id, "First-party application"),
        )
        for number, id in enumerate(ids)
    ]


def user_types_like_member() -> list[Signin]:
    """Leave out user types that begin or end with Member."""
    values = ("Members", "Member (external)", "Former Member", "NonMember")
    return changed("user-type-like-member", "chen.wei", 13, USER_TYPE, *values)


def categories_like_authentication() -> list[Signin]:
    """Leave out categories that begin or end with authentication, alone and in a list."""
    values: tuple[Change, ...] = (
        "pre-authentication",
        ["authentication-failure"],
        ["reauthentication", "iam"],
        ["authentications"],
    )
    return changed("category-like-authentication", "jonas.keller", 13, "event.category", *values)


def datasets_like_signinlogs() -> list[Signin]:
    """Leave out data sets whose name begins or ends with that of the sign-in logs."""
    values = ("azure.signinlogs2", "azure.signinlogs.archive", "old-azure.signinlogs")
    return changed("dataset-like-signinlogs", "hanna.virtanen", 14, "event.dataset", *values)


CASES: tuple[Case, ...] = (
    clients_like_browser,
    networks_like_microsoft,
    applications_like_excluded_ones,
    user_types_like_member,
    categories_like_authentication,
    datasets_like_signinlogs,
)
