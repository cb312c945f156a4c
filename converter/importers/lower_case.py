"""Texts that Elasticsearch compares in lower case, as Sigma compares them: A to Z without case.

Lower-casing joins a few more letters: the kelvin sign is k and U+0130 is i, and letters outside of ASCII
have cases too. Spellings with those letters become values of their own, as long as they are few.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import assert_never

from converter.diagnostic import Diagnostic, Severity, Span
from converter.ir.values import Case, fold

from .condition import AllOf, AnyOf, Condition, Kind, Match, Negation
from .shapes import Part, Shape

MOST_SPELLINGS = 8
"""So many values are added to a rule at most; beyond them it would be hard to read."""

_LAST_CASED = 0x1E943


def without_lower_case(condition: Condition, place: Span) -> tuple[Condition, list[Diagnostic]]:
    """Turn every test in lower case into one without case, and report what that adds or loses."""
    lowered = list(_lowered(condition, is_negated=False))
    extra = sum(_count(match) - 1 for match, _ in lowered)
    if extra > MOST_SPELLINGS:
        missed = [(match.field, negated) for match, negated in lowered if _count(match) > 1]
        return _folded(condition, with_spellings=False), list(_losses(missed, place))
    found = _folded(condition, with_spellings=True)
    if not extra:
        return found, []
    what = (
        "Elasticsearch compares in lower case and holds letters outside of ASCII, such as U+0130 and"
        f" U+212A, for i and k; {extra} values spelled with them are listed beside those of the rule"
    )
    return found, [Diagnostic("lower-case-spelled", Severity.NOTE, what, place)]


def _losses(missed: list[tuple[str, bool]], place: Span) -> Iterator[Diagnostic]:
    for is_negated, code in ((False, "lower-case-narrows"), (True, "lower-case-widens")):
        fields = dict.fromkeys(field for field, negated in missed if negated is is_negated)
        if fields:
            what = (
                f"Elasticsearch compares {', '.join(fields)} in lower case and holds letters outside of"
                " ASCII, such as U+0130 and U+212A, for i and k; the Sigma rule takes A to Z only, and"
                f" {'no longer leaves out' if is_negated else 'misses'} values spelled with the others"
            )
            yield Diagnostic(code, Severity.WARNING, what, place)


def _lowered(condition: Condition, *, is_negated: bool) -> Iterator[tuple[Match, bool]]:
    match condition:
        case Match(kind=Kind.LOWER_TEXT):
            yield condition, is_negated
        case Match():
            return
        case Negation(operand):
            yield from _lowered(operand, is_negated=not is_negated)
        case AllOf(operands) | AnyOf(operands):
            for operand in operands:
                yield from _lowered(operand, is_negated=is_negated)
        case _:
            assert_never(condition)


def _folded(condition: Condition, *, with_spellings: bool) -> Condition:
    match condition:
        case Match(field=field, kind=Kind.LOWER_TEXT, values=values):
            shapes = [value for value in values if isinstance(value, Shape)]
            spelled = (one for shape in shapes for one in _spellings(shape))
            found = tuple(spelled) if with_spellings else tuple(shapes)
            return Match(field, Kind.FOLDED_TEXT, found)
        case Match():
            return condition
        case Negation(operand):
            return Negation(_folded(operand, with_spellings=with_spellings))
        case AllOf(operands):
            return AllOf(tuple(_folded(one, with_spellings=with_spellings) for one in operands))
        case AnyOf(operands):
            return AnyOf(tuple(_folded(one, with_spellings=with_spellings) for one in operands))
        case _:
            assert_never(condition)


def _count(match: Match) -> int:
    """Return how many spellings the one text of a test has that differ beyond A to Z."""
    count = 1
    for value in match.values:
        for part in value.parts if isinstance(value, Shape) else ():
            for character in part if isinstance(part, str) else "":
                count *= len(_twins(character))
    return count


def _spellings(shape: Shape) -> Iterator[Shape]:
    options: list[list[Part]] = [
        ["".join(letters) for letters in product(*map(_twins, part))]
        if isinstance(part, str)
        else [part]
        for part in shape.parts
    ]
    for parts in product(*options):
        yield Shape(parts)


def _twins(character: str) -> list[str]:
    """Return the character, and those of the same lower case that Sigma tells apart from it."""
    lowered = fold(character, Case.LOWER)
    same = {fold(one, Case.ASCII) for one in (lowered, *_by_lower_case().get(lowered, ()))}
    return [character, *sorted(same - {fold(character, Case.ASCII)})]


@lru_cache(maxsize=1)
def _by_lower_case() -> dict[str, list[str]]:
    """Return the characters outside of ASCII that lower-casing changes, by what they become."""
    found: dict[str, list[str]] = {}
    for character in map(chr, range(0x80, _LAST_CASED + 1)):
        lowered = fold(character, Case.LOWER)
        if lowered != character:
            found.setdefault(lowered, []).append(character)
    return found
