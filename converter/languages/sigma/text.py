"""Reads Sigma strings: text and wildcards, as pySigma has parsed them (SIGMA-5)."""

from __future__ import annotations

from dataclasses import dataclass

from sigma.types import Placeholder, SigmaString, SpecialChars

from converter.errors import Unsupported
from converter.ir import Case, Glob, OneOf, Test, Wildcard

_WILDCARDS = {
    SpecialChars.WILDCARD_MULTI: Wildcard.MANY,
    SpecialChars.WILDCARD_SINGLE: Wildcard.ONE,
}


@dataclass(frozen=True, slots=True)
class TextPattern:
    """Text and wildcards; neighbouring texts are one, a run of `*` is one."""

    parts: tuple[str | Wildcard, ...]

    @property
    def plain(self) -> str | None:
        """The whole text where there is no wildcard, else None."""
        match self.parts:
            case ():
                return ""
            case (str(text),):
                return text
            case _:
                return None

    def test(self, case: Case) -> Test:
        """Return the test of a whole value."""
        return Glob(self.parts, case) if self.plain is None else OneOf((self.plain,), case)

    def contained(self) -> TextPattern:
        """Return the pattern of values that hold this one somewhere."""
        return TextPattern(_merged([Wildcard.MANY, *self.parts, Wildcard.MANY]))


def text_pattern(value: SigmaString, field: str | None) -> TextPattern:
    """Read a string; `field` names it in the refusal of a placeholder."""
    parts: list[str | Wildcard] = []
    for part in value.s:
        match part:
            case str():
                parts.append(part)
            case SpecialChars():
                parts.append(_WILDCARDS[part])
            case Placeholder():
                raise unresolved_placeholder(part.name, f"field {field}" if field else "a keyword")
    return TextPattern(_merged(parts))


def unresolved_placeholder(name: str, where: str) -> Unsupported:
    """Return the refusal of a placeholder that no pipeline replaced (SIGMA-13)."""
    return Unsupported(
        f"placeholder %{name}% in {where}", hint="replace it by values before the rule is verified"
    )


def _merged(parts: list[str | Wildcard]) -> tuple[str | Wildcard, ...]:
    merged: list[str | Wildcard] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(last, str) and isinstance(part, str):
            merged[-1] = last + part
        elif not (part is Wildcard.MANY and last is Wildcard.MANY) and part != "":
            merged.append(part)
    return tuple(merged)
