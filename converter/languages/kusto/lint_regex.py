"""What is wrong or doubtful in a regular expression of Kusto (KUSTO-6, KUSTO-10)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from converter.diagnostic import Diagnostic, Severity, Span

INVALID = "kusto-regex-invalid"
UNCLEAR = "kusto-regex"
UNICODE = "kusto-regex-unicode"

_REFUSED = re.compile(
    r"""(?<!\\)(?:\\\\)*(?P<found>
        \(\?(?:[=!>#(]|<[=!])        # look-around, atomic groups, comments, conditions
      | \\[1-9] | \\k[<{'] | \\[hHRXZGK]
    )""",
    re.VERBOSE,
)
_VERBOSE = re.compile(r"\(\?[imsU]*x")
_SETS = re.compile(r"&&|--|~~|(?<!^)\[(?!:)")
_CLASS = re.compile(r"\[(?P<inside>\^?\]?(?:\[:\^?[a-z]+:\]|\\.|[^\]\\])*)\]", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_REPEAT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_POSSESSIVE = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})\+")
_SHORTHAND = re.compile(r"(?<!\\)(?:\\\\)*(?P<found>\\[dDwWsS])")
_BOUNDARY = re.compile(r"(?<!\\)(?:\\\\)*(?P<found>\\[bB])")
_MOST_REPEATS = 1000
_FOREIGN = (
    (re.compile(r"\(\?([imsU]+(?:-[imsU]+)?|-[imsU]+)\)"), ""),
    (re.compile(r"\(\?[imsU]*(?:-[imsU]+)?:"), "(?:"),
    (re.compile(r"\(\?P?<([A-Za-z_]\w*)>"), "("),
    (re.compile(r"\\[pP](?:\{\^?\w+\}|[A-Z])"), "a"),
    (re.compile(r"\\x\{[0-9A-Fa-f]{1,6}\}"), "a"),
    (re.compile(r"\[:\^?[a-z]+:\]"), "a"),
    (re.compile(r"\\z"), "$"),
    (re.compile(r"\\Q.*?(?:\\E|$)", re.DOTALL), "a"),
    (re.compile(r"([*+?}])\?"), r"\1"),
)
"""Spellings of Kusto's dialect that Python's has not, and what stands for them to check the rest."""


def regex_findings(pattern: str, span: Span) -> Iterator[Diagnostic]:
    """Find what the service refuses, else what engines read differently."""
    if reason := _invalid(pattern):
        message = f"the regular expression {pattern!r} is refused: {reason}"
        yield Diagnostic(INVALID, Severity.ERROR, message, span)
        return
    if part := _unclear(pattern):
        yield Diagnostic(
            UNCLEAR,
            Severity.WARNING,
            f"{part!r} in the regular expression {pattern!r} does not mean the same in RE2 and in the"
            " dialect that Kusto documents now",
            span,
            "escape & ~ - [ in brackets, repeat at most 1000 times",
        )
    shorthand, boundary = _SHORTHAND.search(pattern), _BOUNDARY.search(_CLASS.sub("a", pattern))
    if shorthand:
        hint = r"write [0-9], [0-9A-Za-z_] or [\t\n\f\r ]"
        yield _unicode(shorthand["found"], pattern, span, hint)
    elif boundary:
        hint = "write what stands there, (?:^|[^0-9A-Za-z_]) before a word"
        yield _unicode(boundary["found"], pattern, span, hint)


def _unicode(part: str, pattern: str, span: Span, hint: str) -> Diagnostic:
    message = (
        f"{part} in the regular expression {pattern!r} is ASCII in RE2 and Unicode in the dialect that"
        " Kusto documents now"
    )
    return Diagnostic(UNICODE, Severity.WARNING, message, span, hint)


def _invalid(pattern: str) -> str:
    """Return why no version of Kusto takes the pattern; empty where one may."""
    if found := _REFUSED.search(_CLASS.sub("a", pattern)):
        return f"{found['found']!r} is not in its dialect"
    plain = pattern
    for shape, replacement in _FOREIGN:
        plain = shape.sub(replacement, plain)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a set in brackets may mean more one day
            re.compile(_REPEAT.sub("{1}", plain))
    except re.error as error:
        return error.msg
    return ""


def _unclear(pattern: str) -> str:
    """Return the part that engines read differently; empty where there is none."""
    plain = _ESCAPED.sub("a", pattern)
    for found in _CLASS.finditer(plain):
        if inner := _SETS.search(found["inside"]):
            return inner.group()
    if possessive := _POSSESSIVE.search(_CLASS.sub("a", plain)):
        return possessive.group()
    for found in _REPEAT.finditer(pattern):
        if any(int(bound) > _MOST_REPEATS for bound in found.groups() if bound):
            return found.group()
    flags = _VERBOSE.search(pattern)
    return flags.group() if flags else ""
