"""Texts that stand close to a text: what a wrong anchor, case rule or escape would confuse with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from converter.ir import Case, Wildcard

_FILLERS = ("x", "", "a b", "x\ny", "*")
_FOLDED_BY_SOME = {"k": "\u212a", "s": "\u017f", "i": "\u0131"}
"""Letters that some engines hold for ASCII letters when they fold case, and others do not."""
_FOLDED_UPPER = {"i": "\u0130"}


def other_cases(text: str) -> Iterator[str]:
    """Yield the text in other cases: swapped, upper, lower, and with one letter changed."""
    yield text.swapcase() if text.swapcase().swapcase() == text else text.upper()
    yield text.upper()
    yield text.lower()
    for place, letter in enumerate(text):
        if letter.isalpha():
            yield text[:place] + letter.swapcase() + text[place + 1 :]
            return


def folded_letters(text: str, case: Case) -> Iterator[str]:
    """Yield the text with letters that only some case rules hold for ASCII ones."""
    if case is Case.EXACT:
        return
    for table in (_FOLDED_BY_SOME, _FOLDED_UPPER):
        for letter, twin in table.items():
            place = text.lower().find(letter)
            if place >= 0 and len(text.lower()) == len(text):
                yield text[:place] + twin + text[place + 1 :]


def around(text: str) -> Iterator[str]:
    """Yield the text with something before, behind, or missing."""
    yield text + "x"
    yield "x" + text
    yield text + "\n"
    yield "\n" + text
    yield text[:-1]
    yield text[1:]
    yield " " + text
    yield text + " "


def changed_inside(text: str) -> Iterator[str]:
    """Yield the text with one character replaced, and with its special characters taken apart."""
    middle = len(text) // 2
    if text:
        yield text[:middle] + ("q" if text[middle] != "q" else "p") + text[middle + 1 :]
        yield text[:middle] + "x" + text[middle:]
    for special in ("*", "?", "."):
        if special in text:
            yield text.replace(special, "x")
    if "*" in text:
        yield text.replace("*", "")
    if "\\" in text:
        yield text.replace("\\", "\\\\")
        yield text.replace("\\", "")
        yield text.replace("\\", "/")


def filled(parts: Sequence[str | Wildcard]) -> Iterator[str]:
    """Yield texts of a glob's shape: each filler in all its stars, then in one star at a time."""
    stars = [place for place, part in enumerate(parts) if part is Wildcard.MANY]
    for filler in _FILLERS:
        yield _shaped(parts, dict.fromkeys(stars, filler), "q")
    for place in stars:
        yield _shaped(parts, {**dict.fromkeys(stars, ""), place: "x"}, "q")
    if Wildcard.ONE in parts:
        yield _shaped(parts, dict.fromkeys(stars, ""), "\n")


def misshapen(parts: Sequence[str | Wildcard]) -> Iterator[str]:
    """Yield texts that miss a glob's shape by a little."""
    stars = [place for place, part in enumerate(parts) if part is Wildcard.MANY]
    tight = dict.fromkeys(stars, "")
    if Wildcard.ONE in parts:
        yield _shaped(parts, tight, "")
        yield _shaped(parts, tight, "qq")
    for place, part in enumerate(parts):
        if isinstance(part, str) and part:
            for shorter in (part[:-1], part[1:], "", part + "x" + part):
                yield _shaped([*parts[:place], shorter, *parts[place + 1 :]], tight, "q")
    literals = [part for part in parts if isinstance(part, str)]
    yield from literals
    yield "x".join(reversed(literals))


def _shaped(parts: Sequence[str | Wildcard], stars: dict[int, str], one: str) -> str:
    written: list[str] = []
    for place, part in enumerate(parts):
        if isinstance(part, str):
            written.append(part)
        else:
            written.append(stars[place] if part is Wildcard.MANY else one)
    return "".join(written)
