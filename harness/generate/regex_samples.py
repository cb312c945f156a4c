"""A few texts that fit a regular expression, for patterns of the common subset of all dialects.

What cannot be read gives poor samples, never wrong events: whoever asks tests each sample.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LIMIT = 16
_ALPHABET = "xa0 A-_./\\:Zé\n"
_CLASSES = {"d": "7", "D": "x", "w": "w", "W": "-", "s": " ", "S": "x"}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_EMPTY_ESCAPES = frozenset("bBAZz")
_COUNT = re.compile(r"\{(\d+)(,?)(\d*)\}")
_CODE = re.compile(r"x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def samples(pattern: str) -> list[str]:
    """Return a few texts that a pattern describes, the plainest one first."""
    return _Reader(pattern).alternation()[:_LIMIT]


@dataclass(slots=True)
class _Reader:
    """Reads a pattern from left to right; each part gives a few texts."""

    pattern: str
    place: int = 0

    def alternation(self) -> list[str]:
        found = self._sequence()
        while self._peek() == "|":
            self.place += 1
            found = [*found, *self._sequence()]
        # The first text of each branch comes before more texts of one branch.
        return list(dict.fromkeys(found))

    def _sequence(self) -> list[str]:
        parts: list[list[str]] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._item()))
        return _joined(parts)

    def _peek(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def _item(self) -> list[str]:
        character = self._peek()
        if character == "[":
            return self._character_class()
        self.place += 1
        match character:
            case "(":
                return self._group()
            case "\\":
                return self._escape()
            case "^" | "$":
                return [""]
            case ".":
                return ["x"]
            case _:
                return [character]

    def _group(self) -> list[str]:
        if self._peek() == "?":
            flags = re.compile(r"\?(?:[a-zA-Z-]*(?P<end>[:)])|P?<\w+>)").match(
                self.pattern, self.place
            )
            if flags:
                self.place = flags.end()
                if flags["end"] == ")":
                    return [""]
        found = self.alternation()
        self.place += 1
        return found[:_LIMIT]

    def _escape(self) -> list[str]:
        if code := _CODE.match(self.pattern, self.place):
            self.place = code.end()
            return [chr(int(next(filter(None, code.groups())), 16))]
        letter = self._peek()
        self.place += 1
        if letter in _EMPTY_ESCAPES:
            return [""]
        return [_CLASSES.get(letter) or _CONTROLS.get(letter) or letter]

    def _character_class(self) -> list[str]:
        found = _CLASS.match(self.pattern, self.place)
        if found is None:
            self.place += 1
            return ["["]
        self.place = found.end()
        try:
            fits = re.compile(found.group()).fullmatch
        except re.error:
            return ["x"]
        inside = [character for character in found.group()[1:-1] if character not in "\\^-"]
        fitting = [one for one in (*inside, *_ALPHABET) if fits(one)]
        return list(dict.fromkeys(fitting))[:2] or ["x"]

    def _repeated(self, texts: list[str]) -> list[str]:
        character = self._peek()
        count = _COUNT.match(self.pattern, self.place)
        if count:
            self.place = count.end()
            low = int(count[1])
            high = low if not count[2] else int(count[3] or low + 1)
            texts = [texts[0] * low, texts[-1] * low, texts[0] * high]
        elif character and character in "*+?":
            self.place += 1
            texts = [*texts, ""] if character != "+" else [*texts, texts[0] * 2]
        else:
            return texts
        if self._peek() in ("?", "+"):
            self.place += 1
        return list(dict.fromkeys(texts))


def _joined(parts: Sequence[Sequence[str]]) -> list[str]:
    """Join the first text of each part; then change one part at a time."""
    firsts = [part[0] for part in parts]
    found = ["".join(firsts)]
    for place, part in enumerate(parts):
        for other in part[1:]:
            found.append("".join([*firsts[:place], other, *firsts[place + 1 :]]))
    return list(dict.fromkeys(found))
