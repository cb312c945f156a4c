"""The everyday sign-ins of the tenant: what people do again and again.

Every user has a few habits, a pair of application and way of signing in, and works in the daytime
of weekdays; so nearly all first sightings of the background lie on the first days.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from .document import Signin
from .tenant import (
    APPS,
    BROWSER,
    CLIENTS,
    DAYS,
    DESKTOP,
    MICROSOFT,
    NETWORKS,
    OFFICE,
    ONEDRIVE,
    START,
    USERS,
    App,
    Network,
)

WEEKDAY_EVENTS, WEEKEND_EVENTS = 7, 2
ALL_DAY = ("liam.byrne", "uma.pillai")
"""Work in shifts, at night and at weekends too."""


@dataclass(frozen=True, slots=True)
class Habit:
    """One way in which a user signs in."""

    app: App
    client: str
    interactive: bool


def background() -> Iterator[Signin]:
    """Yield the everyday sign-ins of all users."""
    for number, user in enumerate(USERS):
        habits = _habits(number)
        chance = random.Random(f"signins of {user}")
        for day in range(DAYS):
            yield from _day(user, number, habits, day, chance)


def _habits(number: int) -> tuple[Habit, ...]:
    """Give a user two applications that the rule looks at and three ways that it leaves out."""
    first, second = APPS[number % len(APPS)], APPS[(number * 3 + 1) % len(APPS)]
    return (
        Habit(first, CLIENTS[0], interactive=False),
        Habit(second, CLIENTS[number % len(CLIENTS)], interactive=False),
        Habit(OFFICE, DESKTOP, interactive=False),
        Habit(ONEDRIVE, DESKTOP, interactive=False),
        Habit(first, BROWSER, interactive=True),
    )


def _day(
    user: str, number: int, habits: tuple[Habit, ...], day: int, chance: random.Random
) -> Iterator[Signin]:
    is_weekend = (START + timedelta(days=day)).weekday() >= 5
    rests = is_weekend and user not in ALL_DAY
    for count in range(WEEKEND_EVENTS if rests else WEEKDAY_EVENTS):
        habit = habits[int(chance.random() * len(habits))]
        opens, hours = (0, 24) if user in ALL_DAY else (7 + number % 3, 10)
        seconds = int((opens + hours * chance.random()) * 3600)
        yield Signin(
            key=f"background/{user}/{day}/{count}",
            ingested=START + timedelta(days=day, seconds=seconds),
            user=user,
            app=habit.app,
            client=habit.client,
            network=_network(number, chance),
            interactive=habit.interactive,
            delay=timedelta(seconds=60 + int(240 * chance.random())),
            failed=chance.random() < 0.05,
        )


def _network(number: int, chance: random.Random) -> Network:
    """Return the user's own provider, and now and then a machine in Microsoft's cloud."""
    return MICROSOFT if chance.random() < 0.08 else NETWORKS[number % len(NETWORKS)]
