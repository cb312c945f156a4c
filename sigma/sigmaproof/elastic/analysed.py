"""What Elasticsearch's query languages can ask of analysed text: whether words stand in a row.

That is neither wider nor narrower than what Sigma asks, so that a text which asks it is approximate, and its
backend says so with the code `ANALYSED_TEXT`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from .comparison import Comparison, Shape, Text
from .fields import Field
from .refusal import refusal

ANALYSED_TEXT = "analysed-text"
_WORD = re.compile(r"\w")
_LETTER = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]*")
KEYWORD_NOTE = (
    "a value without a field is looked for in the fields that an index searches by default, all of them unless"
    " index.query.default_field says otherwise; analysed text is compared word by word there, in any case"
)


def phrase_of(field: Field, comparison: Comparison) -> str:
    """Return the text whose words are looked for; refuses what no row of words can stand for."""
    match comparison:
        case Text(text):
            return _with_word(field, text)
        case Shape(parts):
            texts = [part for part in parts if isinstance(part, str)]
            if len(texts) == 1:
                return _with_word(field, texts[0])
        case _:
            pass
    raise refusal(
        f"field {field.name}: a pattern with a wildcard inside or a regular expression on the analysed"
        f" type {field.type_name}",
        "Elasticsearch compares each of its words alone; ask a keyword field",
    )


def note_of(field: Field) -> str:
    """Say what the comparison of words costs."""
    return (
        f"{field.name} holds analysed text, which Elasticsearch compares word by word, in any case; Sigma"
        " looks at the characters"
    )


def keyword_phrase(parts: Sequence[str | Enum]) -> str | None:
    """Return the text of a keyword whose words are also looked for in fields of analysed text.

    `parts` are its texts and wildcards. None where no row of words can stand for it, or where other types read
    it as a value of theirs, which Sigma does not.
    """
    texts = [part for part in parts if isinstance(part, str)]
    inner = [part for part in parts if isinstance(part, str) or part.value != "*"]
    if len(inner) != 1 or len(texts) != 1 or not _LETTER.search(texts[0]):
        return None
    return (
        None if texts[0].lower() in ("true", "false") or _ADDRESS.fullmatch(texts[0]) else texts[0]
    )


def _with_word(field: Field, text: str) -> str:
    if _WORD.search(text):
        return text
    raise refusal(
        f"field {field.name}: the text {text!r} has no word, and the type {field.type_name} holds words only",
        "ask a keyword field",
    )
