"""Regular expressions that every engine of Kusto reads alike.

Kusto's documented dialect changed from RE2 to one with Unicode classes, set operators and nested
classes, so only the common subset is written and everything else is rewritten or refused (KUSTO-6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.types import SpecialChars

from .boundaries import BOUNDARIES, written_boundaries

Part = str | SpecialChars
"""Literal text or a wildcard."""

MANY = SpecialChars.WILDCARD_MULTI
ONE = SpecialChars.WILDCARD_SINGLE

_CLASSES = {
    "d": "0-9",
    "w": "0-9A-Za-z_",
    "s": r"\t\n\f\r ",
}
_CONTROL = {"t": r"\t", "n": r"\n", "r": r"\r", "f": r"\f", "v": r"\v", "a": r"\a"}
_WRITTEN = {"\0": r"\x00", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
"""Characters that are written by their escape: no Kusto literal holds NUL (KUSTO-1)."""
_META = frozenset(r"\.+*?()|[]{}^$")
_CLASS_META = frozenset(r"\[]^-&~")
_GROUP_HEAD = re.compile(r"\(\?(?:[imsU]+(?:-[imsU]+)?:|[imsU]+(?:-[imsU]+)?\)|:|P?<[A-Za-z_]\w*>)")
_POSIX = re.compile(r"\[:\^?[a-z]+:\]")
_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}")
_HEXADECIMAL = re.compile(r"\\x(?:[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]{1,6}\})")
_PROPERTY = re.compile(r"\\[pP](?:\{\^?\w+\}|[A-Z])")
_LIMIT = 1000


def glob_pattern(parts: tuple[Part, ...], is_cased: bool) -> str:
    """Write a wildcard pattern as a regular expression, anchored where it has no `*` at that end."""
    start = "" if parts[0] is MANY else "^"
    end = "" if parts[-1] is MANY else "$"
    inner = parts[0 if start else 1 : len(parts) if end else -1]
    body = "".join(_glob_part(part) for part in inner)
    return f"(?{'s' if is_cased else 'is'}){start}{body}{end}"


def escaped(text: str) -> str:
    """Write text that matches itself."""
    return "".join(_escaped(character, _META) for character in text)


def safe_pattern(pattern: str, flags: str) -> str:
    """Rewrite a pattern of the common subset of RE2 and PCRE; refuse what is outside of it."""
    prefix = f"(?{flags})" if flags else ""
    return prefix + "".join(written_boundaries([*_items(pattern)], flags))


def open_boundaries(pattern: str, flags: str) -> list[str]:
    """Return the word boundaries that a rewritten pattern still has."""
    written = written_boundaries([*_items(pattern)], flags)
    return list(dict.fromkeys(item for item in written if item in BOUNDARIES))


def matches_empty(pattern: str, flags: str) -> bool:
    """Say whether a pattern matches the empty text, which a missing string looks like."""
    return re.search(f"(?{flags}){pattern}" if flags else pattern, "") is not None


def _glob_part(part: Part) -> str:
    if part is MANY:
        return ".*"
    if part is ONE:
        return "."
    assert isinstance(part, str)
    return escaped(part)


def _escaped(character: str, special: frozenset[str]) -> str:
    if character in _WRITTEN:
        return _WRITTEN[character]
    return f"\\{character}" if character in special else character


def _items(pattern: str) -> Iterator[str]:
    position = 0
    while position < len(pattern):
        item, position = _item(pattern, position)
        yield item


def _item(pattern: str, position: int) -> tuple[str, int]:
    """Return one item rewritten, and where the next begins."""
    character = pattern[position]
    match character:
        case "\\":
            return _escape(pattern, position, in_class=False)
        case "[":
            return _class(pattern, position)
        case "(" if pattern.startswith("(?", position):
            head = _GROUP_HEAD.match(pattern, position)
            if head is None:
                raise _refused(pattern, pattern[position : position + 4])
            return head.group().replace("(?<", "(?P<"), head.end()
        case "{":
            return _repeat(pattern, position)
        case "*" | "+" | "?" if pattern.startswith("+", position + 1):
            raise _refused(pattern, pattern[position : position + 2])
        case "}" | "]":
            return f"\\{character}", position + 1
        case "\0" | "\t" | "\n" | "\r":
            return _escaped(character, _META), position + 1
        case _:
            return character, position + 1


def _repeat(pattern: str, position: int) -> tuple[str, int]:
    found = _REPEAT.match(pattern, position)
    if found is None:
        return r"\{", position + 1
    if any(int(bound) > _LIMIT for bound in (found[1], found[3]) if bound):
        raise _refused(pattern, found.group(), f"repeat at most {_LIMIT} times")
    if pattern.startswith("+", found.end()):
        raise _refused(pattern, found.group() + "+")
    return found.group(), found.end()


def _escape(pattern: str, position: int, in_class: bool) -> tuple[str, int]:
    following = pattern[position + 1 : position + 2]
    for shape in (_HEXADECIMAL, _PROPERTY):
        if found := shape.match(pattern, position):
            return found.group(), found.end()
    after = position + 2
    if following in _CLASSES:
        return (_CLASSES[following] if in_class else f"[{_CLASSES[following]}]"), after
    if following.lower() in _CLASSES and following and not in_class:
        return f"[^{_CLASSES[following.lower()]}]", after
    if following in _CONTROL and following:
        return _CONTROL[following], after
    if following in ("b", "B", "A", "z") and not in_class:
        return f"\\{following}", after
    if following and (not following.isalnum() or not following.isascii()):
        return _escaped(following, _CLASS_META if in_class else _META), after
    raise _refused(pattern, f"\\{following}")


def _class(pattern: str, position: int) -> tuple[str, int]:
    start = position
    position += 1
    written = "["
    if pattern.startswith("^", position):
        written += "^"
        position += 1
    is_first = True
    while position < len(pattern):
        character = pattern[position]
        if character == "]" and not is_first:
            return written + "]", position + 1
        item, position = _class_item(pattern, position, character, is_first)
        written += item
        is_first = False
    raise _refused(pattern, pattern[start:], "close the character class")


def _class_item(pattern: str, position: int, character: str, is_first: bool) -> tuple[str, int]:
    if character == "\\":
        return _escape(pattern, position, in_class=True)
    if posix := _POSIX.match(pattern, position):
        return posix.group(), posix.end()
    is_range = character == "-" and not is_first and pattern[position + 1 : position + 2] != "]"
    if is_range and not pattern.startswith(("[", "-"), position + 1):
        return "-", position + 1
    return _escaped(character, _CLASS_META), position + 1


def _refused(
    pattern: str,
    part: str,
    hint: str = "write it without look-around, back-references and the like",
) -> SigmaFeatureNotSupportedByBackendError:
    return SigmaFeatureNotSupportedByBackendError(
        f"{part!r} in the regular expression {pattern!r} does not mean the same in every version of"
        f" Kusto; {hint}"
    )
