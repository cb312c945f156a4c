"""Words of analysed text, nearly as the standard analyzer cuts them (KUERY-24)."""

from __future__ import annotations

import re

from converter.ir import NEVER, Atom, Or, Predicate, View, Words

_PART = re.compile(r"\w+")
# A point or apostrophe between letters or between digits does not end a token, as in `system.net`.
_TOKEN = re.compile(r"\w+(?:(?:(?<=[^\W\d_])[.:'’](?=[^\W\d_])|(?<=\d)[.,;'’](?=\d))\w+)*")


def has_phrase(path: str, text: str) -> Predicate:
    """Return whether the words stand in a row; never when the text has no word."""
    words = tuple(_PART.findall(text.lower()))
    return Atom(path, View.TEXT, Words(words, phrase=True)) if words else NEVER


def has_any_word(path: str, text: str) -> Predicate:
    """Return whether one token of the text occurs; never when the text has no word.

    The IR knows plain words only, so a token with a point inside is a phrase of its parts.
    """
    tokens = [tuple(_PART.findall(token)) for token in _TOKEN.findall(text.lower())]
    single = tuple(token[0] for token in tokens if len(token) == 1)
    atoms = [Atom(path, View.TEXT, Words(single, phrase=False))] if single else []
    atoms += [Atom(path, View.TEXT, Words(token, phrase=True)) for token in tokens if token[1:]]
    if not atoms:
        return NEVER
    return atoms[0] if len(atoms) == 1 else Or(tuple(atoms))
