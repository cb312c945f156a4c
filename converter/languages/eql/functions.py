"""The functions of EQL on values; null in, null out (EQL-18).

Texts are measured in UTF-16 units, as Elasticsearch measures them; astral characters are rare enough that
positions inside of one are not told apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from converter.ir import Case, Value
from converter.ir.values import fold, parse_number

Argument = Value | None


class ComputingError(Exception):
    """Report a value that a function cannot take; Elasticsearch fails the whole search on it."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function and what a call may look like."""

    name: str
    apply: Callable[[tuple[Argument, ...], bool], Argument]
    """Takes the arguments and whether case is ignored."""
    fewest: int
    most: int | None
    may_ignore_case: bool = False
    is_condition: bool = False


def text_of(value: Value) -> str:
    """Write a value as `string` does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _texts(arguments: tuple[Argument, ...], name: str) -> list[str] | None:
    """Return the arguments as texts; None when one is null."""
    texts: list[str] = []
    for argument in arguments:
        if argument is None:
            return None
        if not isinstance(argument, str):
            raise ComputingError(f"{name} takes strings, not {text_of(argument)}")
        texts.append(argument)
    return texts


def _whole(argument: Argument, name: str) -> int:
    if isinstance(argument, int) and not isinstance(argument, bool):
        return argument
    raise ComputingError(f"{name} takes a whole number as position")


def _folded(texts: list[str], ignores_case: bool) -> list[str]:
    return [fold(text, Case.UNICODE) for text in texts] if ignores_case else texts


def _starts_with(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    texts = _texts(arguments, "startsWith")
    if texts is None:
        return None
    text, start = _folded(texts, ignores_case)
    return text.startswith(start)


def _ends_with(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    texts = _texts(arguments, "endsWith")
    if texts is None:
        return None
    text, end = _folded(texts, ignores_case)
    return text.endswith(end)


def _contains(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    texts = _texts(arguments, "stringContains")
    if texts is None:
        return None
    text, part = _folded(texts, ignores_case)
    return part != "" and part in text


def _length(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    texts = _texts(arguments, "length")
    return None if texts is None else len(texts[0].encode("utf-16-le", "surrogatepass")) // 2


def _index_of(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    texts = _texts(arguments[:2], "indexOf")
    if texts is None:
        return None
    start = _whole(arguments[2], "indexOf") if len(arguments) > 2 else 0
    text, part = _folded(texts, ignores_case)
    found = text.find(part, max(start, 0))
    return None if found < 0 else found


def _substring(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    texts = _texts(arguments[:1], "substring")
    if texts is None:
        return None
    start = _whole(arguments[1], "substring")
    end = None
    if len(arguments) > 2 and arguments[2] is not None:
        end = _whole(arguments[2], "substring")
    return texts[0][start:end]


def _between(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    texts = _texts(arguments[:3], "between")
    if texts is None:
        return None
    if not all(texts):
        return texts[0]
    text, left, right = _folded(texts, ignores_case)
    is_greedy = len(arguments) > 3 and arguments[3] is True
    opening = text.find(left)
    start = opening + len(left)
    closing = text.rfind(right) if is_greedy else text.find(right, start)
    return "" if opening < 0 or closing < start else texts[0][start:closing]


def _concat(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    if any(argument is None for argument in arguments):
        return None
    return "".join(text_of(argument) for argument in arguments if argument is not None)


def _string(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    return None if arguments[0] is None else text_of(arguments[0])


def _number(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
    texts = _texts(arguments[:1], "number")
    if texts is None:
        return None
    base = arguments[1] if len(arguments) > 1 else None
    if base is None or base == 10:
        number = parse_number(texts[0])
    else:
        number = _in_base(texts[0], _whole(base, "number"))
    if number is None:
        raise ComputingError(f"number cannot read {texts[0]!r}")
    return number


def _in_base(text: str, base: int) -> int | None:
    digits = text.removeprefix("0x") if base == 16 else text
    try:
        return int(digits, base)
    except ValueError:
        return None


def _numbers(arguments: tuple[Argument, ...]) -> tuple[float, float] | None:
    left, right = arguments
    if left is None or right is None:
        return None
    if isinstance(left, str | bool) or isinstance(right, str | bool):
        raise ComputingError("arithmetic takes numbers")
    return left, right


def _arithmetic(
    operation: Callable[[float, float], float],
) -> Callable[[tuple[Argument, ...], bool], Argument]:
    def apply(arguments: tuple[Argument, ...], ignores_case: bool) -> Argument:
        numbers = _numbers(arguments)
        return None if numbers is None else operation(*numbers)

    return apply


def _quotient(left: float, right: float) -> float:
    if right == 0:
        raise ComputingError("a division by zero")
    return left // right if isinstance(left, int) and isinstance(right, int) else left / right


def _remainder(left: float, right: float) -> float:
    if right == 0:
        raise ComputingError("a division by zero")
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (-1 if left < 0 else 1)
    return math.fmod(left, right)


FUNCTIONS: Mapping[str, Function] = {
    function.name.lower(): function
    for function in (
        Function("add", _arithmetic(lambda left, right: left + right), 2, 2),
        Function("between", _between, 3, 4, may_ignore_case=True),
        Function("concat", _concat, 1, None),
        Function("divide", _arithmetic(_quotient), 2, 2),
        Function("endsWith", _ends_with, 2, 2, may_ignore_case=True, is_condition=True),
        Function("indexOf", _index_of, 2, 3, may_ignore_case=True),
        Function("length", _length, 1, 1),
        Function("modulo", _arithmetic(_remainder), 2, 2),
        Function("multiply", _arithmetic(lambda left, right: left * right), 2, 2),
        Function("number", _number, 1, 2),
        Function("startsWith", _starts_with, 2, 2, may_ignore_case=True, is_condition=True),
        Function("string", _string, 1, 1),
        Function("stringContains", _contains, 2, 2, may_ignore_case=True, is_condition=True),
        Function("substring", _substring, 2, 3),
        Function("subtract", _arithmetic(lambda left, right: left - right), 2, 2),
    )
}
"""By name in lower case; `cidrMatch` stands apart, as it reads addresses (EQL-12)."""
