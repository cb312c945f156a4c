"""Cases in which a term is known only because an event with a list of values counts.

Each has three sign-ins of one user to one application: an ordinary one on the first day, which is
reported; one with a list a week later, which keeps the term known; and one on the last day, fifteen
days after the first, which is not reported. A query that overlooks the list reports the last one.

Entra's own tables hold neither list, and on them only the first sign-in is left. So that no target
reports more than the others, the last one has a list too, of another field than the one in
question.
"""

from __future__ import annotations

from collections.abc import Mapping

from .document import APP_ID, CLIENT, INTERACTIVE, USER_TYPE, Change, Signin
from .tenant import CLIENTS, at, own_app
from .window_cases import Case

CATEGORY = "event.category"
_TWO_CLIENTS: Mapping[str, Change] = {CLIENT: list(CLIENTS[:2])}


def _kept_known(
    name: str,
    user: str,
    by: Mapping[str, Change],
    last: Mapping[str, Change] = _TWO_CLIENTS,
) -> list[Signin]:
    app = own_app(name)
    return [
        Signin(f"{name}/ordinary", at(0, "11:17:25"), user, app),
        Signin(f"{name}/list", at(7, "11:47:25"), user, app, changes=by),
        Signin(f"{name}/last", at(15, "12:37:25"), user, app, changes=last),
    ]


def known_from_a_list_of_categories() -> list[Signin]:
    """Know the term from an event of two categories, one of which is authentication."""
    by: dict[str, Change] = {CATEGORY: ["authentication", "iam"]}
    return _kept_known("known-from-categories", "bruno.costa", by)


def known_from_a_second_category() -> list[Signin]:
    """Know the term from an event whose second category is authentication, not its first.

    The last event has the categories the other way round: tables that hold lists of categories,
    but no other lists, hold all three events.
    """
    by: dict[str, Change] = {CATEGORY: ["iam", "authentication"]}
    last: dict[str, Change] = {CATEGORY: ["authentication", "iam"]}
    return _kept_known("known-from-second-category", "bruno.costa", by, last)


def known_from_a_list_of_user_types() -> list[Signin]:
    """Know the term from an event of two user types, one of which is Member."""
    by: dict[str, Change] = {USER_TYPE: ["Member", "Guest"]}
    return _kept_known("known-from-user-types", "elif.demir", by)


def known_from_a_list_of_flags() -> list[Signin]:
    """Know the term from an event that stands for sign-ins of both kinds."""
    by: dict[str, Change] = {INTERACTIVE: [False, True]}
    return _kept_known("known-from-flags", "elif.demir", by)


def known_from_a_list_of_datasets() -> list[Signin]:
    """Know the term from an event of two data sets, one of which is the rule's."""
    by: dict[str, Change] = {"event.dataset": ["azure.signinlogs", "azure.auditlogs"]}
    return _kept_known("known-from-datasets", "farah.haddad", by)


def known_from_a_list_of_clients() -> list[Signin]:
    """Know the term from an event of two clients, none of which is Browser."""
    last: dict[str, Change] = {USER_TYPE: ["Member", "Guest"]}
    return _kept_known("known-from-clients", "farah.haddad", _TWO_CLIENTS, last)


def known_from_a_list_of_organizations() -> list[Signin]:
    """Know the term from an event of two organisations, none of which is Microsoft's."""
    by: dict[str, Change] = {"source.as.organization.name": ["Orange S.A.", "OVH SAS"]}
    return _kept_known("known-from-organizations", "dana.okafor", by)


def known_from_a_list_of_applications() -> list[Signin]:
    """Know both terms from an event of two applications, none of which is excluded."""
    names = ("known-from-applications-1", "known-from-applications-2")
    both: Change = [own_app(name).id for name in names]
    first, second = (_kept_known(name, "marta.nowak", {APP_ID: both}) for name in names)
    return [*first, second[0], second[2]]


CASES: tuple[Case, ...] = (
    known_from_a_list_of_categories,
    known_from_a_second_category,
    known_from_a_list_of_user_types,
    known_from_a_list_of_flags,
    known_from_a_list_of_datasets,
    known_from_a_list_of_clients,
    known_from_a_list_of_organizations,
    known_from_a_list_of_applications,
)
