r"""Regular expressions of two dialects as Python patterns.

A pattern is walked item by item; what Python's `re` reads otherwise is rewritten, and what it cannot
say, or what is outside the common subset, raises `Unsupported`. `\d`, `\w` and `\s` know ASCII only.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import assert_never

from converter.errors import Unsupported
from converter.ir import Case, RegexDialect

_LUCENE_OPERATORS = frozenset('#@&<>~"')
_PYTHON_ONLY = re.compile(r"\(\?(?:[=!#(]|<[=!]|P=)|\\[1-9Z]")

_DIGITS = {"d": "0-9", "D": r"\x00-/:-\U0010ffff"}
_WORDS = {"w": "0-9A-Z_a-z", "W": r"\x00-/:-@\[-\^`{-\U0010ffff"}
_MEMBERS = {
    # RE2's \s ends before the vertical tab, Lucene's before the form feed too.
    RegexDialect.RE2: _DIGITS
    | _WORDS
    | {"s": r"\t\n\f\r ", "S": r"\x00-\x08\x0b\x0e-\x1f!-\U0010ffff"},
    RegexDialect.LUCENE: _DIGITS
    | _WORDS
    | {"s": r"\t\n\r ", "S": r"\x00-\x08\x0b\x0c\x0e-\x1f!-\U0010ffff"},
}
"""What a class of characters stands for, as members of a set."""


@lru_cache(maxsize=4096)
def compiled(pattern: str, dialect: RegexDialect, flags: str, case: Case) -> re.Pattern[str]:
    """Compile a pattern so that `search` decides the match, anchored where the dialect anchors."""
    letters = re.ASCII if dialect is RegexDialect.RE2 else re.NOFLAG
    if case is not Case.EXACT or "i" in flags:
        letters |= re.IGNORECASE | (re.ASCII if case is Case.ASCII else re.NOFLAG)
    match dialect:
        case RegexDialect.RE2:
            source = _from_re2(pattern)
            letters |= (re.DOTALL if "s" in flags else 0) | (re.MULTILINE if "m" in flags else 0)
            if "m" in flags:
                source = source.replace(r"\Z", "$")
        case RegexDialect.LUCENE:
            source = rf"\A(?:{_from_lucene(pattern)})\Z"
            letters |= re.DOTALL
        case _:
            assert_never(dialect)
    try:
        return re.compile(source, letters)
    except re.error as error:
        raise Unsupported(
            f"regular expression {pattern!r} is not valid: {error.msg}", hint="correct the pattern"
        ) from error


def _from_re2(pattern: str) -> str:
    """Rewrite `$`, which Python also matches before a final line break, and refuse the rest."""
    if found := _PYTHON_ONLY.search(pattern):
        raise Unsupported(
            f"{found.group()!r} in regular expression {pattern!r} is outside the common subset",
            hint="write it without look-around and back-references",
        )
    items = (_with_classes(item, RegexDialect.RE2) for item in _items(pattern))
    return "".join(r"\Z" if item == "$" else item for item in items)


def _from_lucene(pattern: str) -> str:
    """Escape what Lucene reads literally, and refuse its own operators."""
    rewritten = []
    for item in _items(pattern):
        if item in ("^", "$"):
            rewritten.append("\\" + item)
        elif item in _LUCENE_OPERATORS:
            raise Unsupported(
                f"operator {item!r} in the Lucene regular expression {pattern!r}",
                hint="escape it with a backslash if it is meant literally",
            )
        elif len(item) == 2 and item[0] == "\\" and not item[1].isalpha():
            rewritten.append(re.escape(item[1]))
        else:
            rewritten.append(_with_classes(item, RegexDialect.LUCENE))
    return "".join(rewritten)


def _with_classes(item: str, dialect: RegexDialect) -> str:
    """Write out the classes of characters that an item is or holds."""
    members = _MEMBERS[dialect]
    if item.startswith("["):
        return re.sub(
            r"\\(.)", lambda found: members.get(found[1], found[0]), item, flags=re.DOTALL
        )
    if len(item) == 1 or item[1] not in members:
        return item
    negation = "^" if item[1].isupper() else ""
    return f"[{negation}{members[item[1].lower()]}]"


def _items(pattern: str) -> list[str]:
    """Split a pattern into escapes, whole character classes and single characters."""
    return re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", pattern, re.DOTALL)
