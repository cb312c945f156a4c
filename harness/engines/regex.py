"""Regular expressions of two dialects as Python patterns.

A pattern is walked item by item; what Python's `re` reads otherwise is rewritten, and what it cannot
say, or what is outside the common subset, raises `Unsupported`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import assert_never

from converter.errors import Unsupported
from converter.ir import Case, RegexDialect

_LUCENE_OPERATORS = frozenset('#@&<>~"')
_PYTHON_ONLY = re.compile(r"\(\?(?:[=!#(]|<[=!]|P=)|\\[1-9Z]")


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
    return "".join(r"\Z" if item == "$" else item for item in _items(pattern))


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
        elif len(item) == 2 and item[0] == "\\" and not item[1].isalnum():
            rewritten.append(re.escape(item[1]))
        else:
            rewritten.append(item)
    return "".join(rewritten)


def _items(pattern: str) -> list[str]:
    """Split a pattern into escapes, whole character classes and single characters."""
    return re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", pattern, re.DOTALL)
