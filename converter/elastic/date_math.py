"""Date math of rule schedules: `now-9m`, `now-1d-30m`; and plain lengths of time: `5m`."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "H": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_STEP = re.compile(r"([+-])(\d{1,9})([a-zA-Z])")
_LENGTH = re.compile(r"(\d{1,9})([smhdw])")


class CalendarMath(ValueError):
    """Date math whose length depends on the calendar: rounding, months and years."""


def before_now(text: str) -> timedelta:
    """Read how far before now a date math expression lies.

    Raises CalendarMath for what has no fixed length, ValueError for what is no date math.
    """
    steps, rounding = text.removeprefix("now"), ""
    if "/" in steps:
        steps, _, rounding = steps.partition("/")
    if not text.startswith("now") or not re.fullmatch(f"(?:{_STEP.pattern})*", steps):
        raise ValueError(text)
    if rounding:
        raise CalendarMath(f"rounding to a unit (/{rounding})")
    total = timedelta()
    for sign, number, unit in _STEP.findall(steps):
        if unit in "yM":
            raise CalendarMath(f"a step of calendar {'years' if unit == 'y' else 'months'}")
        if unit not in _UNITS:
            raise ValueError(text)
        step = int(number) * _UNITS[unit]
        total = total + step if sign == "-" else total - step
    return total


def length(text: str) -> timedelta:
    """Read a length of time such as `5m`; raise ValueError for anything else."""
    match = _LENGTH.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * _UNITS[match[2]]


def show_length(span: timedelta) -> str:
    """Write a length of time in the largest unit that divides it, weeks excepted."""
    for unit in ("d", "h", "m"):
        if span and span % _UNITS[unit] == timedelta():
            return f"{span // _UNITS[unit]}{unit}"
    return f"{span // _UNITS['s']}s"
