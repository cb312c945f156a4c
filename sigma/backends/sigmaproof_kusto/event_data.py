"""Patterns looked for in any value of an event's data, which a table keeps in one column.

The text of the column has names of values and marks of JSON or XML, too. A match is only one inside a value, and
compares the characters of the value, however they are written.
"""

from __future__ import annotations

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError

from .arrays import json_part
from .expression import Atom
from .pattern import MANY, ONE, Part, escaped
from .strings import regex_test

_XML_CHARACTER = "(?:[^<&]|&[^;<]*;)"
_XML_WRITTEN = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "(?:>|&gt;)",
    '"': '(?:"|&quot;|&#34;|&#x22;)',
    "'": "(?:'|&apos;|&#39;|&#x27;)",
}
"""How XML writes the characters that have names there."""


def json_value_test(column: str, parts: tuple[Part, ...], cased: bool) -> Atom:
    """Look for a pattern in the texts of a dynamic column; a text before a colon is a name."""
    body = "".join(json_part(part) for part in parts)
    return regex_test(f"tostring({column})", f'{_flags(cased)}"{body}"[,}}\\]]')


def xml_value_test(column: str, parts: tuple[Part, ...], cased: bool) -> Atom:
    """Look for a pattern in the elements of XML text."""
    body = "".join(map(_xml_part, parts))
    return regex_test(column, f"{_flags(cased)}>{body}</Data>")


def _flags(cased: bool) -> str:
    return "(?s)" if cased else "(?is)"


def _xml_part(part: Part) -> str:
    if part is MANY:
        return f"{_XML_CHARACTER}*"
    if part is ONE:
        return _XML_CHARACTER
    assert isinstance(part, str)
    if any(ord(character) < ord(" ") for character in part):
        raise SigmaFeatureNotSupportedByBackendError(
            "a keyword with a control character or line break has no one form in XML; name the field"
        )
    return "".join(_XML_WRITTEN.get(one) or escaped(one) for one in part)
