"""Writes regular expressions of Lucene, the dialect of query_string and of ES|QL's RLIKE.

They cover the whole value, `.` matches line breaks, letters match with case, and `# @ & < > ~ "` are operators.
Sigma's expressions search anywhere, so their ends are padded, and what Lucene reads otherwise is rewritten.
With a `separator`, an expression covers several values joined by that character and matches if one of them
does: nothing that stands for a part of a value matches the separator. It must not occur in what is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_letters

from .branches import branches_of
from .comparison import Part, Search, Wildcard
from .refusal import refusal

MAXIMUM_LENGTH = 1000
"""Longest expression that an index accepts by default."""

_OPERATORS = frozenset('.?+*|{}[]()"\\#@&<>~')
_OPERATORS_IN_SET = _OPERATORS | frozenset("^-")
_ESCAPED_IN_SET = frozenset("\\[]^-/")
"""What cannot stand at the start of a range as it is."""
_EMPTY = "()"
_PADDING = ".*"
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": " \t\n\f\r"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_LEADING_FLAGS = re.compile(r"\(\?([ims]+)\)")
_ITEM = re.compile(
    r"""(?P<escape>\\x[0-9a-fA-F]{2}|\\.)
      | (?P<set>\[\^?\]?(?:\\x[0-9a-fA-F]{2}|\\.|[^\]\\])*\])
      | (?P<group>\((?:\?(?:P?<\w+>|.))?)
      | (?P<repeat>(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})[+?]?)
      | (?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_SET_ITEM = re.compile(r"\\x[0-9a-fA-F]{2}|\\.|.", re.DOTALL)


def of_text(text: str, *, ignores_case: bool) -> str:
    """Write an expression for exactly this text."""
    return "".join(_character(character, ignores_case) for character in text)


def of_shape(parts: tuple[Part, ...], *, ignores_case: bool, separator: str = "") -> str:
    """Write an expression for a text with wildcards."""
    one = f"[^{separator}]" if separator else "."
    opens, closes = parts[0] is Wildcard.MANY, parts[-1] is Wildcard.MANY
    inner = parts[opens : len(parts) - closes]
    written = "".join(
        (f"{one}*" if part is Wildcard.MANY else one)
        if isinstance(part, Wildcard)
        else of_text(part, ignores_case=ignores_case)
        for part in inner
    )
    start = _PADDING if opens else _start(separator)
    return start + written + (_PADDING if closes else _end(separator))


def _start(edges: str) -> str:
    """Write what may stand before a start, which is that of the whole text or behind an edge."""
    return f"({_PADDING}{_one_of(edges)})?" if edges else ""


def _end(edges: str) -> str:
    """Write what may stand behind an end, which is that of the whole text or before an edge."""
    return f"({_one_of(edges)}{_PADDING})?" if edges else ""


def _one_of(characters: str) -> str:
    return characters if len(characters) == 1 else f"[{characters}]"


def _character(character: str, ignores_case: bool) -> str:
    if ignores_case and character.isascii() and character.isalpha():
        return f"[{character.lower()}{character.upper()}]"
    return f"\\{character}" if character in _OPERATORS else character


def of_search(search: Search, field: str, separator: str = "") -> str:
    """Rewrite an expression that searches anywhere; refuses what Lucene cannot say."""
    pattern, flags = search.pattern, set(search.flags)
    if found := _LEADING_FLAGS.match(pattern):
        flags |= set(found[1])
        pattern = pattern[found.end() :]
    return _Translation(pattern, field, frozenset(flags), separator).written()


@dataclass(frozen=True, slots=True)
class _Translation:
    """One expression on its way to Lucene's dialect."""

    pattern: str
    field: str
    flags: frozenset[str]
    separator: str

    def written(self) -> str:
        items = list(_ITEM.finditer(self.pattern))
        branches = branches_of([item.group() for item in items])
        if len(branches) > 1:
            return "|".join(self._branch(branch) for branch in branches)
        return self._branch(branches[0])

    def _branch(self, items: list[str]) -> str:
        """Write one alternative of the whole expression, padded where it has no anchor."""
        start = end = _PADDING
        edges = ("\n" if "m" in self.flags else "") + self.separator
        if items and items[0] == "^":
            start, items = _start(edges), items[1:]
        elif items[:2] in ([".", "*"], [".", "*?"]):
            items = items[2:]  # what it may stand for is part of the padding
        if items and items[-1] == "$":
            end, items = _end(edges), items[:-1]
        elif items[-2:] in ([".", "*"], [".", "*?"]):
            items = items[:-2]
        if items and _kind(items[0]) == "repeat":
            raise self._refused(f"{items[0]!r} without anything to repeat")
        return start + "".join(self._items(items)) + end or _EMPTY

    def _items(self, items: list[str]) -> Iterator[str]:
        """Write items; Lucene reads a `|` at the start of a branch as the character."""
        before = ""
        for item in items:
            if before == "|" and item in ("|", ")") or _opens(before) and item == "|":
                yield _EMPTY
            yield self._item(item)
            before = item

    def _item(self, text: str) -> str:
        match _kind(text):
            case "escape":
                return self._escape(text)
            case "set":
                return self._set(text)
            case "group":
                return self._group(text)
            case "repeat":
                return self._repeat(text)
            case _:
                return self._other(text)

    def _other(self, text: str) -> str:
        match text:
            case ".":
                # SIGMA-9: without the flag s the dot stops at a line break.
                excluded = ("" if "s" in self.flags else "\n") + self.separator
                return f"[^{excluded}]" if excluded else "."
            case "^" | "$":
                raise self._refused(f"the anchor {text} inside")
            case "|" | ")":
                return text
            case _:
                return _character(text, "i" in self.flags)

    def _escape(self, text: str) -> str:
        kind = text[1]
        if kind in _CLASSES:
            return f"[{_CLASSES[kind]}]"
        if kind.lower() in _CLASSES:
            return f"[^{_CLASSES[kind.lower()]}{self.separator}]"
        return _character(self._literal(text), "i" in self.flags)

    def _literal(self, text: str) -> str:
        """Return the character that an escape stands for."""
        kind = text[1]
        if len(text) == len(r"\x41"):
            return chr(int(f"0{text[1:]}", 0))
        if kind in _CONTROLS:
            return _CONTROLS[kind]
        if kind.isalnum():
            raise self._refused(text)
        return kind

    def _set(self, text: str) -> str:
        body = text[1:-1]
        is_negated = body.startswith("^")
        members = _SET_ITEM.findall(body[is_negated:])
        if "[:" in body or not members:
            raise self._refused(text)
        written = "".join(self._members(members, text))
        return f"[^{written}{self.separator}]" if is_negated else f"[{written}]"

    def _members(self, members: list[str], text: str) -> list[str]:
        written: list[str] = []
        position = 0
        while position < len(members):
            member = members[position]
            is_range = members[position + 1 : position + 2] == ["-"] and position + 2 < len(members)
            if len(member) > 1 and member[1].lower() in _CLASSES:
                if is_range or member[1].isupper():
                    raise self._refused(text)
                written.append(_CLASSES[member[1]])
                position += 1
            elif is_range:
                last = members[position + 2]
                written.append(self._range(self._member(member), self._member(last), text))
                position += 3
            else:
                written.append(self._single(self._member(member)))
                position += 1
        return written

    def _member(self, member: str) -> str:
        return self._literal(member) if len(member) > 1 else member

    def _single(self, character: str) -> str:
        if "i" in self.flags and character.isascii() and character.isalpha():
            return character.lower() + character.upper()
        return _in_set(character)

    def _range(self, first: str, last: str, text: str) -> str:
        if last < first:
            raise self._refused(f"the empty range in {text}")
        written = self._between(first, last)
        return written + _other_case(first, last) if "i" in self.flags else written

    def _between(self, first: str, last: str) -> str:
        """Write a range without the separator."""
        if not first <= self.separator <= last:
            return _plain_range(first, last)
        below, above = chr(ord(self.separator) - 1), chr(ord(self.separator) + 1)
        return _plain_range(first, below) + _plain_range(above, last)

    def _group(self, text: str) -> str:
        if text in ("(", "(?:") or re.fullmatch(r"\(\?P?<\w+>", text):
            return "("
        raise self._refused(text)

    def _repeat(self, text: str) -> str:
        """Write a repetition; a lazy one matches the values of a greedy one, a possessive one does not."""
        if len(text) > 1 and text.endswith("+"):
            raise self._refused(text)
        return text[:-1] if len(text) > 1 and text.endswith("?") else text

    def _refused(self, what: str) -> Exception:
        return refusal(
            f"field {self.field}: {what} in the regular expression {self.pattern!r}, "
            "which Lucene's expressions do not have",
            "write it without",
        )


def _kind(item: str) -> str | None:
    found = _ITEM.fullmatch(item)
    return found.lastgroup if found else None


def _in_set(character: str) -> str:
    return f"\\{character}" if character in _OPERATORS_IN_SET else character


def _plain_range(first: str, last: str) -> str:
    """Write a range that starts unescaped: after an escape, Lucene 10 reads the `-` as a member."""
    if first == last:
        return _in_set(first)
    if first in _ESCAPED_IN_SET:
        return _in_set(first) + _plain_range(chr(ord(first) + 1), last)
    return f"{first}-{_in_set(last)}"


def _other_case(first: str, last: str) -> str:
    """Write the letters A to Z whose other case is in the range and they are not."""
    inside = {letter for letter in ascii_letters if first <= letter <= last}
    missing = sorted({letter.swapcase() for letter in inside} - inside)
    return "".join(_plain_range(run[0], run[-1]) for run in _runs(missing))


def _runs(characters: list[str]) -> list[list[str]]:
    """Split sorted characters where one does not follow the other."""
    runs: list[list[str]] = []
    for character in characters:
        if runs and ord(character) == ord(runs[-1][-1]) + 1:
            runs[-1].append(character)
        else:
            runs.append([character])
    return runs


def _opens(item: str) -> bool:
    return _kind(item) == "group" if item else False
