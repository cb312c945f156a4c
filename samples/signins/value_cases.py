"""Cases about values: which events the rule's query matches, and which terms they have.

Every case signs in to an application that its user never used before, so that the event is reported
exactly when the query matches it and it has a term; a wrong reading of one value shows as one alert
too many or too few.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from .document import (
    ABSENT,
    APP_ID,
    CLIENT,
    INTERACTIVE,
    ORGANIZATION,
    OWN_NUMBER,
    PRINCIPAL,
    USER_TYPE,
    Change,
    Signin,
    changed,
)
from .tenant import APPS, BROWSER, DESKTOP, DOMAIN, MICROSOFT, App, at, excluded_ids, own_app

Case = Callable[[], list[Signin]]
_MINUTES = timedelta(minutes=1)


def excluded_applications() -> list[Signin]:
    """Leave out every application of the rule's list, each one the first of its user."""
    return [
        Signin(
            f"excluded/{app}",
            at(10, "08:02:15") + number * 17 * _MINUTES,
            "victor.hugo",
            App(app, "First-party application"),
        )
        for number, app in enumerate(excluded_ids())
    ]


def excluded_application_in_upper_case() -> list[Signin]:
    """Report ids of the rule's list in capitals: keyword fields compare letter by letter."""
    return [
        Signin(
            f"excluded-upper/{app}",
            at(10, f"{17 + number}:11:25"),
            "victor.hugo",
            App(app.upper(), "First-party application"),
        )
        for number, app in enumerate(excluded_ids()[:2])
    ]


def known_application_in_upper_case() -> list[Signin]:
    """Report a known application under another spelling of its id: it is another term."""
    app = APPS[1]  # has letters in its id
    return [
        Signin("known-app/as-usual", at(9, "16:15:40"), "farah.haddad", app),
        Signin(
            "known-app/upper", at(10, "16:15:40"), "farah.haddad", App(app.id.upper(), app.name)
        ),
    ]


def user_in_other_case() -> list[Signin]:
    """Report a known user under another spelling of the name: it is another term."""
    name = f"Yuki.Tanaka@{DOMAIN.title()}"
    usual = Signin("user-case/as-usual", at(9, "09:31:50"), "yuki.tanaka", APPS[7])
    other = replace(
        usual,
        key="user-case/other",
        ingested=at(10, "09:31:50"),
        changes={PRINCIPAL: name},
    )
    return [usual, other]


def browser() -> list[Signin]:
    """Leave out the client Browser, and report `browser`, which it is not."""
    event = Signin("browser", at(9, "12:05:35"), "dana.okafor", own_app("browser"), client=BROWSER)
    return [event, *changed("browser-case", "dana.okafor", 9, CLIENT, "browser", "BROWSER")]


def without_client() -> list[Signin]:
    """Report sign-ins whose client is missing, null or an empty list: it is not Browser."""
    return changed("without-client", "erik.lund", 11, CLIENT, ABSENT, None, [])


def client_list() -> list[Signin]:
    """Leave out a list of clients that holds Browser: one matching value is enough."""
    return changed("client-list", "erik.lund", 12, CLIENT, [DESKTOP, BROWSER], [BROWSER, DESKTOP])


def network_of_microsoft() -> list[Signin]:
    """Leave out sign-ins that come from Microsoft's own network."""
    return [
        Signin(
            f"microsoft-network/{n}",
            at(9, f"{13 + n}:08:20"),
            "george.blake",
            own_app(f"microsoft-network-{n}"),
            network=MICROSOFT,
        )
        for n in range(2)
    ]


def network_name_in_other_case() -> list[Signin]:
    """Report another spelling of Microsoft's network, which has no number to tell it by."""
    changes: dict[str, Change] = {
        ORGANIZATION: MICROSOFT.organization.lower(),
        "source.as.number": ABSENT,
        OWN_NUMBER: ABSENT,
    }
    event = Signin(
        "network-case", at(11, "15:52:15"), "george.blake", own_app("network-case"), changes=changes
    )
    return [event]


def without_organization() -> list[Signin]:
    """Report sign-ins whose AS organisation is missing, null or an empty list, and without any AS."""
    user = "marta.nowak"
    events = changed("without-organization", user, 9, ORGANIZATION, ABSENT, None, [])
    changes: dict[str, Change] = {"source.as": ABSENT, OWN_NUMBER: ABSENT}
    bare = Signin("without-as", at(9, "16:44:05"), user, own_app("without-as"), changes=changes)
    return [*events, bare]


def organization_list() -> list[Signin]:
    """Leave out a list of organisations that holds Microsoft's."""
    both: Change = ["Deutsche Telekom AG", MICROSOFT.organization]
    return changed("organization-list", "marta.nowak", 12, ORGANIZATION, both)


def other_user_types() -> list[Signin]:
    """Leave out guests, members under another spelling, and events without a user type."""
    values: tuple[Change, ...] = ("Guest", "member", "MEMBER", ABSENT, None, [])
    return changed("user-type", "chen.wei", 11, USER_TYPE, *values)


def interactive() -> list[Signin]:
    """Leave out interactive sign-ins."""
    return [
        Signin(
            f"interactive/{n}",
            at(7, f"{9 + n:02}:27:55"),
            "uma.pillai",
            own_app(f"interactive-{n}"),
            interactive=True,
        )
        for n in range(2)
    ]


def without_interactive_flag() -> list[Signin]:
    """Leave out events that do not say whether they are interactive: nothing is false by default."""
    return changed("interactive-flag", "uma.pillai", 12, INTERACTIVE, ABSENT, None, [])


def categories() -> list[Signin]:
    """Report authentication that is written without a list."""
    return changed("category", "jonas.keller", 10, "event.category", "authentication")


def several_categories() -> list[Signin]:
    """Match authentication among several categories.

    The term is known: Entra's own tables have no such events, and targets on them shall report the
    same alerts as all others.
    """
    both: Change = ["authentication", "iam"]
    changes = {"event.category": both}
    time = at(10, "11:22:45")
    return [Signin("several-categories", time, "jonas.keller", APPS[3], changes=changes)]


def other_categories() -> list[Signin]:
    """Leave out events of another category, in another spelling, or of none."""
    values: tuple[Change, ...] = (["iam"], ["Authentication"], ABSENT, None, [])
    return changed("other-category", "jonas.keller", 11, "event.category", *values)


def other_datasets() -> list[Signin]:
    """Leave out events of no data set, or of one that is spelled differently.

    All of them are in the right data stream, which the rule does not ask for.
    """
    values: tuple[Change, ...] = (ABSENT, None, "Azure.Signinlogs")
    return changed("other-dataset", "hanna.virtanen", 12, "event.dataset", *values)


def without_data_stream() -> list[Signin]:
    """Report an event that names its data set only as the rule does, as old integrations wrote it."""
    return changed("without-data-stream", "hanna.virtanen", 13, "data_stream", ABSENT)


def without_application() -> list[Signin]:
    """Find no term in events without an application."""
    return changed("without-application", "ines.moreau", 11, APP_ID, ABSENT, None, [])


def without_user() -> list[Signin]:
    """Find no term in events without a user name."""
    return changed("without-user", "ines.moreau", 12, PRINCIPAL, ABSENT, None, [])


def excluded_application_in_a_list() -> list[Signin]:
    """Leave out a list of applications that holds an excluded one; the new one beside it is not seen."""
    excluded = excluded_ids()[0]
    values: tuple[Change, ...] = (
        [excluded, own_app("beside-excluded-1").id],
        [own_app("beside-excluded-2").id, excluded],
    )
    return changed("excluded-in-list", "liam.byrne", 9, APP_ID, *values)


def known_applications_in_a_list() -> list[Signin]:
    """Find two known terms in a list of two applications, so nothing new."""
    one, two = APPS[5], APPS[6]
    user = "liam.byrne"
    known = [Signin(f"list-known/{app.name}", at(9, "18:37:30"), user, app) for app in (one, two)]
    both: Change = [one.id, two.id]
    return known + changed("known-in-list", user, 12, APP_ID, both)


def service_principals() -> list[Signin]:
    """Find no term in sign-ins of services and managed identities: they have no user."""
    kinds = ("ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs")
    return [_service(kind, number) for kind in kinds for number in range(6)]


def _service(category: str, number: int) -> Signin:
    name = ("invoice-export", "backup-runner", "label-printer")[number % 3]
    return Signin(
        f"{category}/{number}",
        at(2 * number + 1, "03:15:10"),
        name,
        own_app(f"{name} service"),
        changes={
            "azure.signinlogs.category": category,
            PRINCIPAL: ABSENT,
            USER_TYPE: ABSENT,
            CLIENT: ABSENT,
            "user": ABSENT,
            "azure.signinlogs.properties.service_principal_name": name,
        },
    )


CASES: tuple[Case, ...] = (
    excluded_applications,
    excluded_application_in_upper_case,
    known_application_in_upper_case,
    user_in_other_case,
    browser,
    without_client,
    client_list,
    network_of_microsoft,
    network_name_in_other_case,
    without_organization,
    organization_list,
    other_user_types,
    interactive,
    without_interactive_flag,
    categories,
    several_categories,
    other_categories,
    other_datasets,
    without_data_stream,
    without_application,
    without_user,
    excluded_application_in_a_list,
    known_applications_in_a_list,
    service_principals,
)
