"""Takes the last pipeline of a Kusto text apart at its pipes, to ask about one condition at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from converter.languages.kusto import Token, TokenKind, tokens

_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Segment:
    """One operator of the last pipeline, without comments; the first one is its source."""

    text: str

    @property
    def condition(self) -> str | None:
        """The condition of a `where`; None for any other operator."""
        word, _, rest = self.text.partition(" ")
        return rest.strip() if word in ("where", "filter") else None


_SHOWN_VALUES = 3
_LONG_LIST = re.compile(r"\((?:@?\"[^\"]*\",\s*){3,}@?\"[^\"]*\"\)")


def shortened(condition: str) -> str:
    """Cut long lists of texts, as in `AppId in ("a", "b", "c", … 28 values)`."""
    return _LONG_LIST.sub(lambda found: _cut(found.group()), condition)


def _cut(values: str) -> str:
    items = [item.strip() for item in values[1:-1].split(",")]
    return f"({', '.join(items[:_SHOWN_VALUES])}, … {len(items)} values)"


@dataclass(frozen=True, slots=True)
class Segments:
    """A text as what is declared before the last pipeline, and the operators of that."""

    declarations: str
    operators: tuple[Segment, ...]

    def asking(self, place: int) -> str:
        """Write a text with one condition only, and with what it may need of the operators before."""
        kept = [
            operator.text
            for number, operator in enumerate(self.operators[: place + 1])
            if number in (0, place) or _adds_columns(operator)
        ]
        return self.declarations + "\n| ".join(kept)


def segments_of(text: str) -> Segments:
    """Split a text at the pipes of its last statement."""
    statements = _split(tokens(text), ";")
    written = [_written(statement) for statement in statements]
    filled = [place for place, statement in enumerate(written) if statement]
    if not filled:
        return Segments("", ())
    last = filled[-1]
    declarations = "".join(f"{statement};\n" for statement in written[:last] if statement)
    operators = _split(statements[last], "|")
    return Segments(declarations, tuple(Segment(_written(operator)) for operator in operators))


def _adds_columns(operator: Segment) -> bool:
    return operator.text.startswith(("extend ", "mv-expand ", "lookup "))


def _split(parts: Iterable[Token], separator: str) -> list[list[Token]]:
    """Split at a separator that stands outside of all brackets."""
    found: list[list[Token]] = [[]]
    depth = 0
    for part in parts:
        if part.kind is TokenKind.OTHER:
            depth += (part.text in _OPENING) - (part.text in _CLOSING)
            if part.text == separator and depth == 0:
                found.append([])
                continue
        found[-1].append(part)
    return found


def _written(parts: Iterable[Token]) -> str:
    """Write tokens on one line, without comments."""
    pieces = [
        " " if part.kind is TokenKind.SPACE else part.text
        for part in parts
        if part.kind is not TokenKind.COMMENT
    ]
    return " ".join("".join(pieces).split("  ")).strip()
