"""How functions are declared: arity, types of the arguments, and what they compile to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from converter.diagnostic import Span
from converter.languages.esql.syntax import Call

from ..casting import Convert
from ..compiled import SINGLE, Compiled, Context, folded
from ..lifting import Plain, collected, lifted, mapped
from ..operators import IMPLICIT, cast_literal
from ..types import AMOUNT, NUMERIC, REPRESENTABLE, STRING, Cell, Scalar, Type

ANY = REPRESENTABLE
WHOLE_ONLY = frozenset({Type.INTEGER})
BOOLEAN_ONLY = frozenset({Type.BOOLEAN})
IP_ONLY = frozenset({Type.IP})
DATE_ONLY = frozenset({Type.DATETIME})

_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_GROUPS = (
    (STRING, "string"),
    (NUMERIC, "numeric"),
    (AMOUNT, "date_period or time_duration"),
    (ANY, "any type"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """A call whose arguments are compiled."""

    context: Context
    call: Call
    arguments: tuple[Compiled, ...]

    @property
    def span(self) -> Span:
        """The place of the call."""
        return self.call.span

    def problem(self, message: str) -> Compiled:
        """Report why the platform refuses the call."""
        return self.context.problem(message, self.span)

    def failed(self, reason: str) -> Callable[[], None]:
        """Return what records why the call is null."""
        return self.context.warner(self.span, reason)

    def several(self) -> Callable[[], None]:
        """Return what records that the call met several values."""
        return self.context.warner(self.span, SINGLE)

    def compiled(self, kind: Type, evaluate: Callable[..., Cell]) -> Compiled:
        """Return the compiled call; constant arguments fold."""
        return folded(
            Compiled(
                kind,
                evaluate,
                all(argument.is_constant for argument in self.arguments),
                any(argument.reads_now for argument in self.arguments),
            )
        )


Build = Callable[[Request], Compiled]


@dataclass(frozen=True, slots=True)
class Function:
    """A function: how many arguments it takes and what it compiles to."""

    minimum: int
    maximum: int | None
    """None for any number."""
    build: Build


Kinds = frozenset[Type]


def accepted(request: Request, kinds: Sequence[Kinds]) -> Request | None:
    """Check the types of the arguments; None when one has been reported.

    The last of `kinds` holds for all arguments behind it. A string literal becomes what it must be.
    """
    converted: list[Compiled] = []
    for index, argument in enumerate(request.arguments):
        allowed = kinds[min(index, len(kinds) - 1)]
        one = _converted(request, index, argument, allowed)
        if one.type not in allowed | {Type.NULL}:
            if one.type is not Type.BROKEN:
                _mismatch(request, index, one, allowed)
            return None
        converted.append(one)
    return Request(request.context, request.call, tuple(converted))


def _converted(request: Request, index: int, argument: Compiled, allowed: Kinds) -> Compiled:
    implicit = allowed & IMPLICIT
    if argument.type is Type.KEYWORD and argument.is_constant and not allowed & STRING and implicit:
        place = request.call.arguments[index].span
        return cast_literal(request.context, argument, min(implicit, key=_name), place)
    return argument


def _mismatch(request: Request, index: int, argument: Compiled, allowed: Kinds) -> None:
    text = request.context.source(request.call.arguments[index].span)
    which = f"{_ORDINALS[min(index, 4)]} argument" if len(request.arguments) > 1 else "argument"
    request.problem(
        f"{which} of [{request.context.source(request.span)}] must be [{_names(allowed)}],"
        f" found value [{text}] type [{argument.type.value}]"
    )


def _names(allowed: Kinds) -> str:
    for group, name in _GROUPS:
        if allowed == group:
            return name
    return " or ".join(sorted(map(_name, allowed)))


def _name(kind: Type) -> str:
    return kind.value


Result = Type | Callable[[Request], Type]


def scalar(kinds: Sequence[Kinds], result: Result, function: Plain, optional: int = 0) -> Function:
    """Declare a function of single values; the last `optional` arguments may be left out."""

    def build(request: Request) -> Compiled:
        checked = accepted(request, kinds)
        if checked is None:
            return Compiled(Type.BROKEN, lambda row: None)
        evaluates = [argument.evaluate for argument in checked.arguments]
        evaluate = lifted(function, evaluates, checked.several(), checked.failed)
        return checked.compiled(_result(result, checked), evaluate)

    return Function(len(kinds) - optional, len(kinds), build)


def every(kinds: Kinds, result: Result, function_of: Callable[[Request], Convert]) -> Function:
    """Declare a function of one argument that applies to each of its values."""

    def build(request: Request) -> Compiled:
        checked = accepted(request, (kinds,))
        if checked is None:
            return Compiled(Type.BROKEN, lambda row: None)
        (argument,) = checked.arguments
        evaluate = mapped(function_of(checked), argument.evaluate, checked.failed)
        return checked.compiled(_result(result, checked), evaluate)

    return Function(1, 1, build)


def whole(
    kinds: Kinds,
    result: Result,
    function_of: Callable[[Type], Callable[[tuple[Scalar, ...]], Cell]],
) -> Function:
    """Declare a function of one argument that sees all of its values at once."""

    def build(request: Request) -> Compiled:
        checked = accepted(request, (kinds,))
        if checked is None:
            return Compiled(Type.BROKEN, lambda row: None)
        (argument,) = checked.arguments
        evaluate = collected(function_of(argument.type), argument.evaluate)
        return checked.compiled(_result(result, checked), evaluate)

    return Function(1, 1, build)


def _result(result: Result, request: Request) -> Type:
    return result if isinstance(result, Type) else result(request)


def type_of_first(request: Request) -> Type:
    """Return the type of the first argument; text becomes keyword."""
    kind = request.arguments[0].type
    return Type.KEYWORD if kind is Type.TEXT else kind
