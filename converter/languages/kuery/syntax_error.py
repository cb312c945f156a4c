"""What is wrong with a text that does not parse, in the words of the person who wrote it.

A message says what was found or is missing, then what to write instead. It looks at the token that
was refused and at the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from lark import Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from converter.errors import QuerySyntaxError

from .ast import WHITE_SPACE
from .positions import open_brackets, span_at

_FIRST_WORD = re.compile(r"[ \t\r\n\u00a0]*[^ \t\r\n\u00a0]*")
_KEYWORD_WITHOUT_SPACE = re.compile(r"(and|or|not)(?=[\\():<>\"*{}])", re.IGNORECASE)
_KEYWORD_AT_END = re.compile(r"(?:^|[ \t\r\n\u00a0])(and|or|not)$", re.IGNORECASE)
_KEYWORD = re.compile(r"(and|or|not)\b", re.IGNORECASE)
_CONNECTIVES = {"_OR": "or", "_AND": "and", "NOT": "not"}
_CLOSING = {"(": ")", "{": "}"}
_QUOTES_HINT = "or put the value in quotes"


@dataclass(frozen=True, slots=True)
class _Failure:
    """Where parsing stopped."""

    text: str
    position: int
    found: str
    """The grammar's name of what was refused: a token, or CHARACTER where no token starts."""
    word: str
    """What was refused, without white space around it."""
    previous: str
    """The grammar's name of the token before; empty at the start."""
    previous_word: str


def explain(text: str, error: UnexpectedInput, tokens: Iterator[Token]) -> QuerySyntaxError:
    """Turn lark's error into ours; `tokens` reads the text again from its start."""
    failure = _failure(text, error, tokens)
    message = _MESSAGES.get(failure.found, _other)(failure)
    span = span_at(text, failure.position, failure.position + len(failure.word))
    return QuerySyntaxError(message, text, span)


def _failure(text: str, error: UnexpectedInput, tokens: Iterator[Token]) -> _Failure:
    found, word, position = "CHARACTER", "", len(text)
    if isinstance(error, UnexpectedToken):
        found = error.token.type
        if found != "$END" and error.token.start_pos is not None:
            position, word = error.token.start_pos, str(error.token)
    elif isinstance(error, UnexpectedCharacters):
        position = error.pos_in_stream or 0
        word = _FIRST_WORD.findall(text, position)[0]
    previous = _token_before(position, tokens)
    stripped = word.lstrip(WHITE_SPACE)
    return _Failure(
        text,
        position + len(word) - len(stripped),
        found,
        stripped.rstrip(WHITE_SPACE),
        previous.type if previous else "",
        previous.strip(WHITE_SPACE) if previous else "",
    )


def _token_before(position: int, tokens: Iterator[Token]) -> Token | None:
    previous = None
    with suppress(UnexpectedCharacters):
        for token in tokens:
            if token.start_pos is None or token.start_pos >= position:
                break
            previous = token
    return None if previous is None or previous.type == "_START" else previous


def _end(failure: _Failure) -> str:
    return _missing(failure) or _unclosed(failure)


def _missing(failure: _Failure) -> str:
    """Say what should stand between the token before and an end; empty when nothing is missing."""
    if word := _CONNECTIVES.get(failure.previous):
        return f'a condition is missing after "{word}"; add one, or remove "{word}"'
    match failure.previous:
        case "COLON" | "RANGE":
            return f'a value is missing after "{failure.previous_word}"; add one'
        case "LPAR" | "_LBRACE":
            return f'nothing stands after "{failure.previous_word}"; add a condition or a value'
        case _:
            return ""


def _unclosed(failure: _Failure) -> str:
    opened = open_brackets(failure.text, failure.position)
    if not opened:
        return _other(failure)
    bracket = failure.text[opened[-1]]
    place = span_at(failure.text, opened[-1], opened[-1] + 1)
    return (
        f'"{bracket}" of line {place.line}, column {place.column} is never closed; '
        f'add "{_CLOSING[bracket]}"'
    )


def _closing(failure: _Failure) -> str:
    opened = open_brackets(failure.text, failure.position)
    if not opened:
        return (
            f'there is no opening bracket for "{failure.word}"; remove it, '
            f"write \\{failure.word} in a value, {_QUOTES_HINT}"
        )
    if missing := _missing(failure):
        return missing
    expected = _CLOSING[failure.text[opened[-1]]]
    return f'expected "{expected}", found "{failure.word}"; close the inner bracket first'


def _colon(failure: _Failure) -> str:
    match failure.previous:
        case "UNQUOTED" if re.search(r"\s", failure.previous_word):
            field = re.split(r"\s+", failure.previous_word)[-1]
            return f'put "and" or "or" before "{field}:", {_QUOTES_HINT} if ":" belongs to it'
        case "UNQUOTED" | "COLON" | "RANGE":
            return f'":" cannot stand in a value; write \\:, {_QUOTES_HINT}'
        case "QUOTED":
            return 'a quoted value cannot be followed by ":"; put "and" or "or" between conditions'
        case _:
            return f'a field name is missing before ":"; {_QUOTES_HINT[3:]} if ":" belongs to it'


def _range(failure: _Failure) -> str:
    match failure.previous:
        case "COLON":
            return f'write "{failure.word}" without ":" before it, as in: field {failure.word} 5'
        case "UNQUOTED" | "QUOTED" | "RANGE":
            return f'"{failure.word}" cannot stand in a value; write \\<, \\>, {_QUOTES_HINT}'
        case _:
            return f'a field name is missing before "{failure.word}"'


def _opening(failure: _Failure) -> str:
    keyword = _KEYWORD_AT_END.search(failure.previous_word)
    if failure.previous == "UNQUOTED" and keyword:
        return f'put a space after "{keyword.group(1)}"'
    match failure.previous:
        case "RANGE":
            return f'write one value after "{failure.previous_word}"; brackets cannot stand here'
        case "UNQUOTED" | "QUOTED":
            return (
                f'put ":" before "{failure.word}" if "{failure.previous_word}" is a field; '
                f"in a value write \\{failure.word}, {_QUOTES_HINT}"
            )
        case "RPAR" | "RBRACE":
            return f'put "and" or "or" before "{failure.word}"'
        case _:
            return f'"{failure.word}" cannot stand here; a nested query is written field:{{ ... }}'


def _negation(failure: _Failure) -> str:
    match failure.previous:
        case "NOT":
            return 'only one "not" can stand here; write not (not ...)'
        case "COLON":
            return "a negated value needs brackets; write field:(not value)"
        case "UNQUOTED" if failure.text[failure.position - 1] not in WHITE_SPACE:
            start = re.split(r"\s", failure.previous_word)[-1]
            return (
                f'"{start}not" ends at "not", because a space follows; '
                "put the value in quotes, or write \\u006eot"
            )
        case "RANGE":
            return f'a value is missing after "{failure.previous_word}"; add one before "not"'
        case _:
            return f'put "and" or "or" before "not", {_QUOTES_HINT} if "not" belongs to it'


def _literal(failure: _Failure) -> str:
    if failure.previous == "UNQUOTED":
        return 'a quote cannot stand in an unquoted value; write \\", or quote the whole value'
    if keyword := _KEYWORD_WITHOUT_SPACE.match(failure.word):
        return f'put a space after "{keyword.group(1)}"'
    keyword = _KEYWORD.match(failure.word)
    is_apart = failure.text[failure.position - 1] in WHITE_SPACE
    if keyword and not is_apart:
        return f'put a space before "{keyword.group(1)}"'
    if keyword and keyword.group(1).lower() != "not":
        return f'a condition is missing after "{keyword.group(1)}"; add one, or remove it'
    before, after = _quoted(failure.previous_word), _quoted(failure.word)
    return f'put "and" or "or" between {before} and {after}'


def _quoted(word: str) -> str:
    return word if word.startswith('"') else f'"{word}"'


def _character(failure: _Failure) -> str:
    if failure.word.startswith("\\"):
        return (
            f'"{failure.word[:2]}" means nothing in an unquoted value; '
            f"write \\\\ for a backslash, {_QUOTES_HINT}"
        )
    if failure.word.startswith('"') and failure.text[failure.position :].count('"') == 1:
        return 'the quote is never closed; add " after the value, or write \\" in an unquoted one'
    return _literal(failure)


def _other(failure: _Failure) -> str:
    return f'"{failure.word}" cannot stand here'


_MESSAGES: dict[str, Callable[[_Failure], str]] = {
    "$END": _end,
    "_END": _end,
    "RPAR": _closing,
    "RBRACE": _closing,
    "COLON": _colon,
    "RANGE": _range,
    "LPAR": _opening,
    "_LBRACE": _opening,
    "NOT": _negation,
    "QUOTED": _literal,
    "UNQUOTED": _literal,
    "CHARACTER": _character,
}
