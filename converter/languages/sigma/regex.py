"""Reads Sigma's regular expressions: the subset that RE2 and PCRE read alike (SIGMA-9)."""

from __future__ import annotations

import re

from sigma.types import Placeholder, SigmaRegularExpression, SigmaRegularExpressionFlag

from converter.errors import Unsupported
from converter.ir import Case, Regex, RegexDialect

from .text import unresolved_placeholder

_LETTERS = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}
_LEADING_FLAGS = re.compile(r"\(\?([ims]+)\)")
_ITEM = re.compile(
    r"""(?P<escape>\\.)
      | (?P<set>\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\])
      | (?P<group>\(\?(?:P[<=>]|<[=!]?|[a-zA-Z-]+[:)]|.))
      | (?P<repeat>(?:[*+?]|\{\d*,?\d*\})[+]?)
      | (?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_COMMON_GROUP = re.compile(r"\(\?(?::|P<|[ims-]+:)")
_UNCOMMON_ESCAPES = frozenset("0123456789uUNzZvgkQEGKRXCpP")
_MAXIMUM_REPETITIONS = 1000


def regex_test(value: SigmaRegularExpression) -> Regex:
    """Return the test; `i` folds A to Z only, so it becomes the case rule."""
    for part in value.regexp.s:
        if isinstance(part, Placeholder):
            raise unresolved_placeholder(part.name, "a regular expression")
    pattern, letters = pattern_and_flags(value)
    for item in _ITEM.finditer(pattern):
        _refuse_uncommon(item, pattern)
    case = Case.ASCII if "i" in letters else Case.EXACT
    flags = "".join(sorted(letters - {"i"}))
    return Regex(pattern, RegexDialect.RE2, flags, case)


def pattern_and_flags(value: SigmaRegularExpression) -> tuple[str, frozenset[str]]:
    """Return the pattern without flags at its start, and the letters of all flags."""
    pattern = value.regexp.to_plain_regex()
    letters = frozenset(_LETTERS[flag] for flag in value.flags)
    if found := _LEADING_FLAGS.match(pattern):
        return pattern[found.end() :], letters | set(found[1])
    return pattern, letters


def _refuse_uncommon(item: re.Match[str], pattern: str) -> None:
    text = item.group()
    match item.lastgroup:
        case "escape":
            is_common = text[1] not in _UNCOMMON_ESCAPES
        case "set":
            escaped = {escape[1] for escape in re.findall(r"\\.", text, re.DOTALL)}
            is_common = "[:" not in text and not escaped & (_UNCOMMON_ESCAPES | {"b"})
        case "group":
            is_common = _COMMON_GROUP.fullmatch(text) is not None
        case "repeat":
            is_common = _is_common_repetition(text)
        case _:
            is_common = True
    if not is_common:
        raise Unsupported(
            f"{text!r} in the regular expression {pattern!r} is not in the common subset of RE2 and PCRE"
            " that sigmaproof reads",
            hint="write it without named classes, look-around, back-references and other extensions",
        )


def _is_common_repetition(text: str) -> bool:
    is_possessive = len(text) > 1 and text.endswith("+")
    counts = [int(count) for count in re.findall(r"\d+", text)]
    is_too_long = max(counts, default=0) > _MAXIMUM_REPETITIONS
    return not (is_possessive or is_too_long or text.startswith("{,"))
