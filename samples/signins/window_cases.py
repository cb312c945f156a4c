"""Cases about time: what is new in which run.

Runs end on the five-minute marks, see the nine minutes before, and remember fourteen days. So an
event is seen by the run of the next mark, and by the one after it if that is at most nine minutes
away: ingestion on a minute mark one minute past a run (:01, :06, ...) lies exactly on the window's
start of the second run.

Every case signs in to an application of its own, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from .document import ABSENT, Signin
from .tenant import APPS, BROWSER, MICROSOFT, USERS, at, own_app

Case = Callable[[], list[Signin]]
HISTORY = timedelta(days=14)
MILLISECOND = timedelta(milliseconds=1)


def _series(name: str, user: str, *times: datetime) -> list[Signin]:
    """Let a user sign in to the case's application at these times."""
    app = own_app(name)
    return [Signin(f"{name}/{n}", time, user, app) for n, time in enumerate(times)]


def new_client_of_known_user() -> list[Signin]:
    """Report an application that joins a user's habits once, on the first of many days."""
    times = (at(day, "09:12:40") for day in range(5, 16, 2))
    return _series("new-client-of-known-user", "ada.brandt", *times)


def new_user() -> list[Signin]:
    """Report every application of a person who starts in the second week, once each."""
    user = "zoe.fischer"
    return [
        Signin(f"new-user/{app.name}/{day}", at(day, f"{hour:02}:03:20"), user, app)
        for hour, app in enumerate(APPS[:3], start=9)
        for day in (8, 9, 10, 13)
    ]


def known_values_in_a_new_pair() -> list[Signin]:
    """Report the pair although its user and its application are each known for long."""
    pairs = (("bruno.costa", APPS[0]), ("chen.wei", APPS[7]), ("elif.demir", APPS[3]))
    return [Signin(f"known-values/{user}", at(6, "10:33:05"), user, app) for user, app in pairs]


def first_seen_on_the_window_start() -> list[Signin]:
    """Report the term in the first run only: in the second, it is not later than the start.

    A query with `>=` instead of `>` reports it twice.
    """
    clocks = ("08:01:00", "09:06:00", "10:11:00", "12:26:00", "14:41:00", "16:56:00")
    return [
        event
        for clock, user in zip(clocks, USERS, strict=False)
        for event in _series(f"window-start-{clock[:5]}", user, at(4, clock))
    ]


def repeated_after_the_window_start() -> list[Signin]:
    """Report the first sign-in only, which lies exactly on the start of the second run's window.

    The repetition lies inside that window. A query that joins events after the start against a
    history before it has the first sign-in on neither side, and reports the repetition.
    """
    starts = (("nils.berg", at(5, "10:21:00")), ("aylin.kaya", at(12, "15:46:00")))
    return [
        event
        for user, start in starts
        for event in _series(
            f"after-window-start-{user}", user, start, start + timedelta(minutes=2)
        )
    ]


def first_seen_around_the_window_start() -> list[Signin]:
    """Report the earlier term in one run and the later one in both."""
    before = _series("just-before-window-start", "nils.berg", at(7, "11:00:59"))
    after = _series("just-after-window-start", "nils.berg", at(7, "11:21:01"))
    return before + after


def first_seen_on_the_run_end() -> list[Signin]:
    """Report the term in the run that ends at its ingestion, and in the next one.

    A window that is open at its end misses the first.
    """
    clocks = ("08:05:00", "09:10:00", "13:30:00", "15:00:00")
    return [
        event
        for clock, user in zip(clocks, USERS[6:], strict=False)
        for event in _series(f"run-end-{clock[:5]}", user, at(3, clock))
    ]


def repeated_within_one_run() -> list[Signin]:
    """Report the first of several sign-ins, the same one in both runs."""
    times = (at(9, "10:42:10"), at(9, "10:43:00"), at(9, "10:44:59"))
    return _series("repeated-within-one-run", "olga.petrenko", *times)


def repeated_in_the_next_run() -> list[Signin]:
    """Report the first sign-in only: it lies before the second run's window, the repetition inside.

    A query that looks for new terms among the window's events alone reports the repetition.
    """
    times = (at(9, "11:50:30"), at(9, "11:53:00"))
    return _series("repeated-in-the-next-run", "olga.petrenko", *times)


def two_events_at_once() -> list[Signin]:
    """Report one term whose first two sign-ins were ingested in the same second: both count."""
    return _series("two-events-at-once", "paul.martin", at(10, "09:17:30"), at(10, "09:17:30"))


def returning_within_the_history() -> list[Signin]:
    """Report the term once: the second sign-in comes after thirteen days and some hours."""
    times = (at(1, "08:30:10"), at(14, "21:12:10"))
    return _series("returning-within-the-history", "rosa.jimenez", *times)


def kept_fresh_by_rare_use() -> list[Signin]:
    """Report the term once although it is fifteen days old at the end: no gap exceeds the history."""
    times = (at(0, "10:07:20"), at(7, "10:07:20"), at(15, "10:07:20"))
    return _series("kept-fresh-by-rare-use", "rosa.jimenez", *times)


def last_seen_on_the_history_edge() -> list[Signin]:
    """Know the term in the run whose history begins with it, and report it in the next run."""
    first = at(1, "09:15:00")
    again = first + HISTORY - timedelta(minutes=2)
    return _series("last-seen-on-the-history-edge", "sam.taylor", first, again)


def last_seen_just_outside_the_history() -> list[Signin]:
    """Report the term in both runs: a millisecond lies between it and the first run's history."""
    first = at(1, "10:45:00") - MILLISECOND
    again = first + HISTORY - timedelta(minutes=2)
    return _series("last-seen-just-outside-the-history", "sam.taylor", first, again)


def last_seen_before_the_history() -> list[Signin]:
    """Report the terms again after fourteen days and twelve hours, and after fifteen days."""
    half_a_day = _series(
        "older-by-half-a-day", "tomas.novak", at(0, "08:20:20"), at(14, "20:20:20")
    )
    a_day = _series("older-by-a-day", "yuki.tanaka", at(0, "14:02:50"), at(15, "14:52:50"))
    return half_a_day + a_day


def ingested_late() -> list[Signin]:
    """Report sign-ins whose logs came minutes, hours and a day late, by their ingestion."""
    delays = (("12 minutes", 12), ("3 hours", 180), ("26 hours", 1560))
    return [
        Signin(
            f"ingested-late/{name}",
            at(5, f"{hour}:24:30"),
            "hanna.virtanen",
            own_app(f"ingested-late-{name}"),
            delay=timedelta(minutes=minutes),
        )
        for hour, (name, minutes) in enumerate(delays, start=11)
    ]


def kept_known_by_a_late_ingestion() -> list[Signin]:
    """Report the term once: it was ingested within the history, though it happened before it.

    A query that bounds its scan by the time of the event alone forgets it.
    """
    app = own_app("known-by-late-ingestion")
    late = Signin(
        "known-by-late-ingestion/late",
        at(1, "14:06:20"),
        "paul.martin",
        app,
        delay=timedelta(hours=26),
    )
    again = Signin("known-by-late-ingestion/again", at(15, "12:06:20"), "paul.martin", app)
    return [late, again]


def ingested_out_of_order() -> list[Signin]:
    """Report the sign-in that was ingested first, though the other one happened before it."""
    app = own_app("ingested-out-of-order")
    first = Signin("out-of-order/ingested-first", at(6, "15:32:10"), "ines.moreau", app)
    later = Signin(
        "out-of-order/happened-first",
        at(6, "15:34:20"),
        "ines.moreau",
        app,
        delay=timedelta(minutes=47),
    )
    return [first, later]


def without_ingestion_time() -> list[Signin]:
    """Judge an event that lacks its ingestion time by its time stamp, and report it."""
    event = Signin(
        "without-ingestion-time",
        at(8, "13:43:00"),
        "jonas.keller",
        own_app("without-ingestion-time"),
        delay=timedelta(),
        changes={"event.ingested": ABSENT},
    )
    return [event]


def known_only_from_left_out_events() -> list[Signin]:
    """Report terms that so far came only in events that the rule's query leaves out.

    The query filters the history too; a rendering that forgets one of its conditions there knows
    the term already.
    """
    first, again = at(2, "09:48:35"), at(11, "09:48:35")
    browser, interactive, microsoft, guest = (
        Signin(f"known-only-from/{name}", first, "kavita.rao", own_app(f"known-only-from-{name}"))
        for name in ("browser", "interactive", "microsoft", "guest")
    )
    left_out = [
        replace(browser, client=BROWSER),
        replace(interactive, interactive=True),
        replace(microsoft, network=MICROSOFT),
        replace(guest, user_type="Guest"),
    ]
    reported = [
        Signin(f"{event.key}/again", again + timedelta(hours=number), event.user, event.app)
        for number, event in enumerate(left_out)
    ]
    return left_out + reported


CASES: tuple[Case, ...] = (
    new_client_of_known_user,
    new_user,
    known_values_in_a_new_pair,
    first_seen_on_the_window_start,
    repeated_after_the_window_start,
    first_seen_around_the_window_start,
    first_seen_on_the_run_end,
    repeated_within_one_run,
    repeated_in_the_next_run,
    two_events_at_once,
    returning_within_the_history,
    kept_fresh_by_rare_use,
    last_seen_on_the_history_edge,
    last_seen_just_outside_the_history,
    last_seen_before_the_history,
    ingested_late,
    kept_known_by_a_late_ingestion,
    ingested_out_of_order,
    without_ingestion_time,
    known_only_from_left_out_events,
)
