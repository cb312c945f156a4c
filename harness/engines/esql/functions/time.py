"""Functions of dates, which are instants in UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from converter.languages.esql.expressions import unit_of
from harness.events.time import EPOCH, instant, microseconds, moment_of

from ..arithmetic import amount_of_unit
from ..casting import Unconvertible
from ..compiled import Amount, Compiled
from ..lifting import lifted
from ..types import AMOUNT, NUMERIC, STRING, Scalar, Type
from .signature import DATE_ONLY, Function, Request, accepted, scalar

_DAY = 86_400_000_000
_WEEK_START = datetime(1969, 12, 29, tzinfo=UTC)
"""A Monday: weeks start there."""
_BROKEN = Compiled(Type.BROKEN, lambda row: None)


def _now(request: Request) -> Compiled:
    """Compile NOW(): the end of the run (ESQL-18)."""
    clock = request.context.clock
    return Compiled(Type.DATETIME, lambda row: clock.now, is_constant=True, reads_now=True)


def truncated(value: int, amount: Amount) -> int:
    """Return the start of the span that an instant lies in."""
    moment = moment_of(value)
    if amount.months and not amount.microseconds:
        index = (moment.year * 12 + moment.month - 1) // amount.months * amount.months
        year, month = divmod(index, 12)
        return microseconds(datetime(max(year, 1), month + 1, 1, tzinfo=UTC))
    if amount.months or amount.microseconds <= 0:
        raise Unconvertible("the span must be positive and of one kind")
    start = _WEEK_START if amount.microseconds % (7 * _DAY) == 0 else EPOCH
    return value - (value - microseconds(start)) % amount.microseconds


def _date_trunc(request: Request) -> Compiled:
    arguments = request.arguments
    if request.call.function == "BUCKET":
        arguments = arguments[::-1]
    span, date = arguments
    if Type.BROKEN in (span.type, date.type):
        return _BROKEN
    if span.amount is None:
        return request.problem(
            f"[{request.context.source(request.span)}] needs a constant time span such as 1 hour"
        )
    if date.type not in (Type.DATETIME, Type.NULL):
        return request.problem(
            f"[{request.context.source(request.span)}] needs a [datetime],"
            f" found type [{date.type.value}]"
        )
    amount = span.amount
    evaluate = lifted(
        lambda value: truncated(int(value), amount),
        (date.evaluate,),
        request.several(),
        request.failed,
    )
    return request.compiled(Type.DATETIME, evaluate)


def _bucket(request: Request) -> Compiled:
    """Compile BUCKET(date, span) or BUCKET(number, size)."""
    size = request.arguments[1]
    if size.type in AMOUNT:
        return _date_trunc(request)
    checked = accepted(request, (NUMERIC, NUMERIC))
    if checked is None:
        return _BROKEN
    evaluate = lifted(
        lambda value, step: float(value) // float(step) * float(step),
        [argument.evaluate for argument in checked.arguments],
        checked.several(),
        checked.failed,
    )
    return checked.compiled(Type.DOUBLE, evaluate)


_DIFFERENCES = {
    "microsecond": ("microseconds", "mcs"),
    "millisecond": ("milliseconds", "ms"),
    "second": ("seconds", "ss", "s"),
    "minute": ("minutes", "mi", "n"),
    "hour": ("hours", "hh"),
    "day": ("days", "dd", "d"),
    "week": ("weeks", "wk", "ww"),
    "month": ("months", "mm", "m"),
    "quarter": ("quarters", "qq", "q"),
    "year": ("years", "yyyy", "yy"),
}
_DIFFERENCE_OF = {word: unit for unit, words in _DIFFERENCES.items() for word in (unit, *words)}
_UNIT_LENGTHS = {
    "microsecond": 1,
    "millisecond": 1000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": _DAY,
    "week": 7 * _DAY,
}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _date_diff(unit: Scalar, start: Scalar, end: Scalar) -> int:
    """Count whole units between two instants; a part of a unit is cut off."""
    name = _DIFFERENCE_OF.get(str(unit).lower())
    if name is None:
        raise Unconvertible(f"{unit!r} is no unit of DATE_DIFF")
    if name in _UNIT_MONTHS:
        return _cut(_months_between(int(start), int(end)), _UNIT_MONTHS[name])
    result = _cut(int(end) - int(start), _UNIT_LENGTHS[name])
    if not -(2**31) <= result < 2**31:
        raise Unconvertible("the difference is out of the range of integer")
    return result


def _cut(total: int, unit: int) -> int:
    return total // unit if total >= 0 else -(-total // unit)


def _months_between(start: int, end: int) -> int:
    if end < start:
        return -_months_between(end, start)
    first, last = moment_of(start), moment_of(end)
    months = (last.year - first.year) * 12 + last.month - first.month
    within = (last.day, last.time()) < (first.day, first.time())
    return months - within


_PARTS: dict[str, Callable[[datetime], int]] = {
    "day_of_month": lambda moment: moment.day,
    "day_of_week": lambda moment: moment.isoweekday(),
    "day_of_year": lambda moment: moment.timetuple().tm_yday,
    "aligned_day_of_week_in_month": lambda moment: (moment.day - 1) % 7 + 1,
    "epoch_day": lambda moment: (moment - EPOCH).days,
    "hour_of_day": lambda moment: moment.hour,
    "hour_of_ampm": lambda moment: moment.hour % 12,
    "minute_of_day": lambda moment: moment.hour * 60 + moment.minute,
    "minute_of_hour": lambda moment: moment.minute,
    "month_of_year": lambda moment: moment.month,
    "second_of_day": lambda moment: (moment.hour * 60 + moment.minute) * 60 + moment.second,
    "second_of_minute": lambda moment: moment.second,
    "year": lambda moment: moment.year,
}


def _date_extract(part: Scalar, date: Scalar) -> int:
    read = _PARTS.get(str(part).lower())
    if read is None:
        raise Unconvertible(f"{part!r} is no part of a date")
    return read(moment_of(int(date)))


_LETTERS = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "HH": "%H",
    "hh": "%I", "mm": "%M", "ss": "%S", "EEE": "%a", "EEEE": "%A", "a": "%p", "DDD": "%j",
}  # fmt: skip


def _format(pattern: Scalar, date: Scalar | None = None) -> str:
    """Write a date; with one argument as ISO 8601."""
    moment = moment_of(int(pattern if date is None else date))
    if date is None:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    return "".join(_formatted(piece, moment) for piece in _pieces(str(pattern)))


def _pieces(pattern: str) -> list[str]:
    return [
        found.group()
        for found in re.finditer(r"'(?:[^']|'')*'|([A-Za-z])\1*|.", pattern, re.DOTALL)
    ]


def _formatted(piece: str, moment: datetime) -> str:
    if piece.startswith("'"):
        return piece[1:-1].replace("''", "'") or "'"
    if not piece[0].isalpha():
        return piece
    if piece in ("y", "uuuu", "u", "YYYY"):
        return f"{moment.year:04d}"
    if set(piece) == {"S"}:
        return f"{moment.microsecond:06d}".ljust(len(piece), "0")[: len(piece)]
    if piece in ("M", "d", "H", "m", "s"):
        return moment.strftime(_LETTERS[piece * 2]).lstrip("0") or "0"
    if piece in ("X", "XX", "XXX"):
        return "Z"
    if piece not in _LETTERS:
        raise Unconvertible(f"{piece!r} in the format is not known here")
    return moment.strftime(_LETTERS[piece])


def _date_parse(pattern: Scalar, text: Scalar | None = None) -> int:
    """Read a date by a format; with one argument as ISO 8601."""
    value = str(pattern if text is None else text)
    if text is None:
        found = instant(value)
        if found is None:
            raise Unconvertible(f"{value!r} is no date")
        return found
    template = "".join(_template(piece) for piece in _pieces(str(pattern)))
    try:
        return microseconds(datetime.strptime(value, template))
    except ValueError:
        raise Unconvertible(f"{value!r} does not have the format {pattern}") from None


def _template(piece: str) -> str:
    if piece.startswith("'"):
        return piece[1:-1].replace("''", "'").replace("%", "%%") or "'"
    if not piece[0].isalpha():
        return piece.replace("%", "%%")
    if set(piece) == {"S"}:
        return "%f"
    if piece in ("X", "XX", "XXX"):
        return "%z"
    single = {"M": "%m", "d": "%d", "H": "%H", "m": "%M", "s": "%S", "y": "%Y", "uuuu": "%Y"}
    found = single.get(piece) or _LETTERS.get(piece)
    if found is None:
        raise Unconvertible(f"{piece!r} in the format is not known here")
    return found


def _date_format(request: Request) -> Compiled:
    kinds = (DATE_ONLY,) if len(request.arguments) == 1 else (STRING, DATE_ONLY)
    return scalar(kinds, Type.KEYWORD, _format).build(request)


def _amount(kind: Type) -> Function:
    """Return TO_DATEPERIOD or TO_TIMEDURATION, which take a constant such as "1 hour"."""

    def build(request: Request) -> Compiled:
        return amount_from(request, request.arguments[0], kind)

    return Function(1, 1, build)


def amount_from(request: Request, argument: Compiled, kind: Type) -> Compiled:
    """Convert a constant string to a time span."""
    if argument.amount and argument.type is kind:
        return argument
    text = argument.evaluate(()) if argument.is_constant else None
    found = parse_amount(text) if isinstance(text, str) else None
    if found is None or found.type is not kind:
        return request.problem(
            f"[{request.context.source(request.span)}] needs a constant such as"
            f" {'1 day' if kind is Type.DATE_PERIOD else '1 hour'}"
        )
    return found


def parse_amount(text: str) -> Compiled | None:
    """Read a time span from text; None where it is none."""
    found = re.fullmatch(r"\s*(-?\d+)\s*([A-Za-z]+)\s*", text)
    unit = unit_of(found[2]) if found else None
    if found is None or unit is None:
        return None
    return amount_of_unit(int(found[1]), unit)


FUNCTIONS = {
    "BUCKET": Function(2, 2, _bucket),
    "DATE_DIFF": scalar((STRING, DATE_ONLY, DATE_ONLY), Type.INTEGER, _date_diff),
    "DATE_EXTRACT": scalar((STRING, DATE_ONLY), Type.LONG, _date_extract),
    "DATE_FORMAT": Function(1, 2, _date_format),
    "DATE_PARSE": scalar((STRING, STRING), Type.DATETIME, _date_parse, optional=1),
    "DATE_TRUNC": Function(2, 2, _date_trunc),
    "DAY_NAME": scalar((DATE_ONLY,), Type.KEYWORD, lambda date: f"{moment_of(int(date)):%A}"),
    "MONTH_NAME": scalar((DATE_ONLY,), Type.KEYWORD, lambda date: f"{moment_of(int(date)):%B}"),
    "NOW": Function(0, 0, _now),
    "TO_DATEPERIOD": _amount(Type.DATE_PERIOD),
    "TO_TIMEDURATION": _amount(Type.TIME_DURATION),
}
