r"""Reads a regular expression as Lucene's parser does and rewrites it into the dialect's common part.

Expanded: quoted parts, `@`, numeric intervals, `\d \w \s` (LUCENE-14). A complement is taken off a whole
expression. Refused: intersection, the empty language, a complement inside, named automata, and what Lucene
cannot read, because Elasticsearch then finds nothing without a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from converter.diagnostic import Span
from converter.errors import Unsupported

_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \t\n\r"}
_LARGEST_INTERVAL = 1000
_LONGEST = 1000


def plain_pattern(pattern: str, span: Span) -> tuple[str, bool]:
    """Return the pattern without Lucene's own operators, and whether its complement is meant."""
    reader = _Reader(pattern, span)
    if len(pattern) > _LONGEST:
        raise Unsupported(
            f"a regular expression of {len(pattern)} characters",
            span,
            f"an index takes {_LONGEST}; split the value",
        )
    if pattern == "":
        return "()", False
    if not pattern.startswith("~"):
        return reader.whole(), False
    complements = len(pattern) - len(pattern.lstrip("~"))
    return reader.whole_item(complements), complements % 2 == 1


@dataclass(slots=True)
class _Reader:
    """Reads from left to right; the first character of a branch is never an operator between two parts."""

    pattern: str
    span: Span
    place: int = 0

    def whole(self) -> str:
        """Read all of the expression."""
        written = self._union()
        if self._next:
            raise self._unreadable(f"{self._next!r} closes nothing")
        return written

    def whole_item(self, start: int) -> str:
        """Read what follows the `~` of a whole expression: one item and nothing behind it."""
        self.place = start
        written = self._item()
        if self._next:
            raise self._refused("~")
        return written

    @property
    def _next(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def _take(self) -> str:
        if not self._next:
            raise self._unreadable("it breaks off")
        self.place += 1
        return self.pattern[self.place - 1]

    def _takes(self, character: str) -> bool:
        found = self._next == character
        self.place += found
        return found

    def _union(self) -> str:
        branches = [self._branch()]
        while self._takes("|"):
            branches.append(self._branch())
        return "|".join(branches)

    def _branch(self) -> str:
        written = self._repeated()
        while self._next not in ("", ")", "|", "&"):
            written += self._repeated()
        if self._next == "&":
            raise self._refused("&")
        return written

    def _repeated(self) -> str:
        if self._next == "~":
            raise self._refused("~")
        written = self._item()
        is_one = _is_one_item(written)
        while self._next and self._next in "?*+{":
            written = (written if is_one else f"({written})") + self._repetition()
            is_one = False
        return written

    def _repetition(self) -> str:
        operator = self._take()
        if operator != "{":
            return operator
        found = re.compile(r"([0-9]+)(?:(,)([0-9]*))?\}").match(self.pattern, self.place)
        if found is None or (found[3] and int(found[3]) < int(found[1])):
            raise self._unreadable(r"'{' starts no repetition; write \{ for the character")
        self.place = found.end()
        return "{" + found.group()

    def _item(self) -> str:
        character = self._take()
        match character:
            case ".":
                return "."
            case "@":
                return ".*"
            case "#" | "~":
                raise self._refused(character)
            case '"':
                return "".join(map(_literal, self._until('"'))) or "()"
            case "<":
                return self._interval(self._until(">"))
            case "(":
                return self._group()
            case "[":
                return self._set()
            case "\\":
                return self._escape()
            case _:
                return _literal(character)

    def _group(self) -> str:
        if self._takes(")"):
            return "()"
        written = self._union()
        if not self._takes(")"):
            raise self._unreadable("a '(' is never closed")
        return f"({written})"

    def _until(self, end: str) -> str:
        start = self.place
        place = self.pattern.find(end, start)
        if place < 0:
            raise self._unreadable(f"{end!r} is missing")
        self.place = place + 1
        return self.pattern[start:place]

    def _escape(self) -> str:
        character = self._take()
        if character.lower() in _CLASSES:
            negation = "^" if character.isupper() else ""
            return f"[{negation}{_CLASSES[character.lower()]}]"
        return _literal(self._no_letter(character))

    def _no_letter(self, character: str) -> str:
        if character.isascii() and character.isalpha():
            raise self._unreadable(f"\\{character} is no class of characters")
        return character

    def _set(self) -> str:
        written = "[^" if self._takes("^") else "["
        written += self._member()
        while self._next not in ("", "]"):
            written += self._member()
        if not self._takes("]"):
            raise self._unreadable("a '[' is never closed")
        return written + "]"

    def _member(self) -> str:
        if self._next == "\\":
            return self._escaped_member()
        first = self._take()
        if not self._takes("-"):
            return _literal(first)
        self._takes("\\")
        last = self._take()
        if last < first:
            raise self._unreadable(f"the range {first}-{last} is empty")
        return f"{_literal(first)}-{_literal(last)}"

    def _escaped_member(self) -> str:
        escape = self._take() + self._take()
        if escape[1] in _CLASSES:
            return _CLASSES[escape[1]]
        if escape[1].lower() in _CLASSES:
            raise self._refused(f"{escape} inside a character class")
        character = self._no_letter(escape[1])
        if self._next == "-" and self.pattern[self.place + 1 : self.place + 2] != "]":
            # Lucene 10 takes the escaped character alone, older versions as the start of a range.
            raise self._refused(f"a range that starts with {escape}")
        return _literal(character)

    def _interval(self, name: str) -> str:
        found = re.fullmatch(r"([0-9]+)-([0-9]+)", name)
        if found is None:
            raise self._refused(f"<{name}>")
        low, high = sorted((int(found[1]), int(found[2])))
        if high - low > _LARGEST_INTERVAL:
            raise self._refused(f"<{name}> with more than {_LARGEST_INTERVAL} numbers")
        # Ends of one length fix the width; otherwise any leading zeros are read over.
        width = len(found[1]) if len(found[1]) == len(found[2]) else 0
        numbers = "|".join(str(number).zfill(width) for number in range(low, high + 1))
        return f"({numbers})" if width else f"(0*({numbers}))"

    def _refused(self, construct: str) -> Unsupported:
        return Unsupported(
            f"{construct} in the regular expression /{self.pattern}/",
            self.span,
            "escape it with a backslash if it is meant literally",
        )

    def _unreadable(self, reason: str) -> Unsupported:
        return Unsupported(
            f"the regular expression /{self.pattern}/, which Lucene cannot read: {reason}",
            self.span,
            "correct it; Elasticsearch finds nothing with it, without an error",
        )


def _literal(character: str) -> str:
    """Write a character so that it is none but itself, in a class of characters too."""
    is_plain = character.isalnum() or character in " _" or not character.isascii()
    return character if is_plain or not character.isprintable() else f"\\{character}"


def _is_one_item(written: str) -> bool:
    """Say whether a repetition behind it takes in all of it."""
    return len(written) == 1 or written[0] in "[(" or (written[0] == "\\" and len(written) == 2)
