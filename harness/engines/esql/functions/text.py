"""Functions of strings. Positions and lengths count characters, not bytes (ESQL-16)."""

from __future__ import annotations

import base64
import hashlib
import re
from binascii import Error as BadBase64
from urllib.parse import quote_plus, unquote_plus

from converter.errors import Unsupported

from ..casting import Unconvertible
from ..types import STRING, Scalar, Type
from .signature import WHOLE_ONLY, Function, every, scalar

_ONE = (STRING,)
_TWO = (STRING, STRING)
_WITH_LENGTH = (STRING, WHOLE_ONLY)
# What Java's regular expressions read otherwise than Python's, or Python cannot say.
_JAVA_ONLY = re.compile(r"\\[pPQEGhHvVRXkKN]|\(\?<[a-zA-Z]|[*+?}]\+|&&")
_LONGEST = 1_048_576


def _substring(text: Scalar, start: Scalar, length: Scalar | None = None) -> str:
    """Cut out a part; positions count from 1, from the end when negative, and 0 is 1."""
    value, position = str(text), int(start)
    if length is not None and int(length) < 0:
        raise Unconvertible(f"a length cannot be negative, as {length} is")
    first = position - 1 if position > 0 else position + len(value) if position else 0
    first = max(first, 0)
    return value[first:] if length is None else value[first : first + int(length)]


def _left(text: Scalar, length: Scalar) -> str:
    return str(text)[: max(int(length), 0)]


def _right(text: Scalar, length: Scalar) -> str:
    count = max(int(length), 0)
    return str(text)[-count:] if count else ""


def _locate(text: Scalar, part: Scalar, start: Scalar = 0) -> int:
    """Return the position, from 1, of a part; 0 where there is none."""
    return str(text).find(str(part), max(int(start) - 1, 0)) + 1


def _replace(text: Scalar, pattern: Scalar, replacement: Scalar) -> str:
    """Replace what a regular expression of Java matches."""
    source = str(pattern)
    if found := _JAVA_ONLY.search(source):
        raise Unsupported(
            f"{found.group()!r} in the regular expression {source!r} of REPLACE",
            hint="write it without what only Java's expressions have",
        )
    try:
        expression = re.compile(source)
    except re.error as error:
        raise Unconvertible(f"the regular expression is not valid: {error.msg}") from None
    return expression.sub(_java_template(str(replacement)), str(text))


def _java_template(replacement: str) -> str:
    """Rewrite a replacement: Java writes groups as `$1` and quotes with a backslash."""
    pieces = re.findall(r"\$\d|\\.|[^$\\]+|.", replacement, re.DOTALL)
    written = []
    for piece in pieces:
        if re.fullmatch(r"\$\d", piece):
            written.append(rf"\g<{piece[1]}>")
        elif piece in ("$", "\\"):
            raise Unconvertible(f"{piece!r} in the replacement is not escaped")
        else:
            literal = piece.removeprefix("\\")
            written.append(literal.replace("\\", "\\\\"))
    return "".join(written)


def _repeat(text: Scalar, count: Scalar) -> str:
    if int(count) < 0:
        raise Unconvertible(f"a number of repetitions cannot be negative, as {count} is")
    if len(str(text)) * int(count) > _LONGEST:
        raise Unconvertible("the result is too long")
    return str(text) * int(count)


def _space(count: Scalar) -> str:
    return _repeat(" ", count)


def _hash(algorithm: Scalar, text: Scalar) -> str:
    name = str(algorithm).lower().replace("-", "")
    if name not in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        raise Unconvertible(f"{algorithm!r} is no hash algorithm")
    return hashlib.new(name, str(text).encode()).hexdigest()


def _to_base64(text: Scalar) -> str:
    return base64.b64encode(str(text).encode()).decode()


def _from_base64(text: Scalar) -> str:
    padded = str(text) + "=" * (-len(str(text)) % 4)
    try:
        return base64.b64decode(padded, validate=True).decode(errors="replace")
    except BadBase64:
        raise Unconvertible(f"{text!r} is no base64") from None


def _url_decode(text: Scalar) -> str:
    value = str(text)
    if re.search(r"%(?![0-9A-Fa-f]{2})", value):
        raise Unconvertible(f"{value!r} has a '%' without two hexadecimal digits")
    return unquote_plus(value)


def _url_encode(text: Scalar) -> str:
    return quote_plus(str(text), safe="-_.~")


def _concat(*texts: Scalar) -> str:
    return "".join(map(str, texts))


FUNCTIONS = {
    "BIT_LENGTH": scalar(_ONE, Type.INTEGER, lambda text: 8 * len(str(text).encode())),
    "BYTE_LENGTH": scalar(_ONE, Type.INTEGER, lambda text: len(str(text).encode())),
    "CONCAT": Function(2, None, scalar(_ONE, Type.KEYWORD, _concat).build),
    "CONTAINS": scalar(_TWO, Type.BOOLEAN, lambda text, part: str(part) in str(text)),
    "ENDS_WITH": scalar(_TWO, Type.BOOLEAN, lambda text, end: str(text).endswith(str(end))),
    "FROM_BASE64": scalar(_ONE, Type.KEYWORD, _from_base64),
    "HASH": scalar(_TWO, Type.KEYWORD, _hash),
    "LEFT": scalar(_WITH_LENGTH, Type.KEYWORD, _left),
    "LENGTH": scalar(_ONE, Type.INTEGER, lambda text: len(str(text))),
    "LOCATE": scalar((STRING, STRING, WHOLE_ONLY), Type.INTEGER, _locate, optional=1),
    "LTRIM": scalar(_ONE, Type.KEYWORD, lambda text: str(text).lstrip()),
    "MD5": scalar(_ONE, Type.KEYWORD, lambda text: _hash("md5", text)),
    "REPEAT": scalar(_WITH_LENGTH, Type.KEYWORD, _repeat),
    "REPLACE": scalar((STRING, STRING, STRING), Type.KEYWORD, _replace),
    "REVERSE": scalar(_ONE, Type.KEYWORD, lambda text: str(text)[::-1]),
    "RIGHT": scalar(_WITH_LENGTH, Type.KEYWORD, _right),
    "RTRIM": scalar(_ONE, Type.KEYWORD, lambda text: str(text).rstrip()),
    "SHA1": scalar(_ONE, Type.KEYWORD, lambda text: _hash("sha1", text)),
    "SHA256": scalar(_ONE, Type.KEYWORD, lambda text: _hash("sha256", text)),
    "SPACE": scalar((WHOLE_ONLY,), Type.KEYWORD, _space),
    "STARTS_WITH": scalar(_TWO, Type.BOOLEAN, lambda text, start: str(text).startswith(str(start))),
    "SUBSTRING": scalar((STRING, WHOLE_ONLY, WHOLE_ONLY), Type.KEYWORD, _substring, optional=1),
    "TO_BASE64": scalar(_ONE, Type.KEYWORD, _to_base64),
    "TO_LOWER": every(STRING, Type.KEYWORD, lambda request: lambda text: str(text).lower()),
    "TO_UPPER": every(STRING, Type.KEYWORD, lambda request: lambda text: str(text).upper()),
    "TRIM": scalar(_ONE, Type.KEYWORD, lambda text: str(text).strip()),
    "URL_DECODE": every(STRING, Type.KEYWORD, lambda request: _url_decode),
    "URL_ENCODE": every(STRING, Type.KEYWORD, lambda request: _url_encode),
}
