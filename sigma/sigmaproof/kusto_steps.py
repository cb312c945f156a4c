"""Steps inside a JSON column as Kusto.

Objects of a list are found in the JSON text by regular expressions that know where a text ends, so that
neither braces nor quotes inside a value mislead them.
"""

from __future__ import annotations

import re

from .kusto_names import is_plain
from .steps import At, Each, Named, Parsed, Step, XmlData
from .tables import ColumnType, bracketed
from .xml_data import element

_TEXT = r'"(?:[^"\\]|\\.)*"'
_SCALAR = rf"(?:{_TEXT}|-?[0-9][0-9.eE+-]*|true|false)"
_QUOTED_OR_BARE = r'"((?:[^"\\]|\\.)*)"|(-?[0-9][0-9.eE+-]*|true|false)'
_FLAT = rf'(?:[^{{}}"]|{_TEXT})*?'
"""Whatever stands inside one object without objects inside."""


def value_inside(
    base: str, column_type: ColumnType, steps: tuple[Step, ...], *, as_texts: bool = False
) -> str:
    """Return the dynamic expression of what the steps lead to.

    `as_texts` makes texts of the numbers and booleans of an array of objects.
    """
    as_text = base if column_type == "string" else f"tostring({base})"
    inside = f"parse_json({base})" if column_type == "string" else base
    for place, step in enumerate(steps):
        match step:
            case str():
                inside += f".{step}" if is_plain(step) else bracketed(step)
            case At(number):
                inside += f"[{number}]"
            case Named():
                inside = f"parse_json(extract({_verbatim(_object_of(step))}, 0, {as_text}))"
            case Parsed():
                inside = f"parse_json({as_text})"
            case XmlData():
                return element(
                    base, "".join(step for step in steps[place + 1 :] if isinstance(step, str))
                )
            case Each():
                return _all_values(inside, as_text, steps[place + 1 :], as_texts=as_texts)
        as_text = f"tostring({inside})"
    return inside


def _all_values(inside: str, as_text: str, rest: tuple[Step, ...], *, as_texts: bool) -> str:
    """Return the array of all values; of those under the last key where the elements are objects."""
    keys = [step for step in rest if isinstance(step, str)]
    if not keys:
        return inside
    key = _text_in_json(keys[-1])
    scalars = rf"{_SCALAR}(?:\s*,\s*{_SCALAR})*"
    is_list = isinstance(rest[-1], Each)
    value = rf"\[\s*({scalars})\s*\]" if is_list else rf"({_SCALAR})"
    pattern = _verbatim(rf"{key}\s*:\s*{value}")
    found = f"extract_all({pattern}, {as_text})"
    joined = f"strcat_array({found}, ',')"
    if as_texts:
        joined = f"replace_regex({joined}, {_verbatim(_QUOTED_OR_BARE)}, @'\"\\1\\2\"')"
    return f"parse_json(strcat('[', {joined}, ']'))"


def _object_of(step: Named) -> str:
    values = [_text_in_json(value) for value in step.values]
    value = values[0] if len(values) == 1 else f"(?:{'|'.join(values)})"
    name = rf"{_text_in_json(step.key)}\s*:\s*{value}"
    return rf"\{{{_FLAT}{name}{_FLAT}\}}"


def _text_in_json(text: str) -> str:
    return f'"{re.escape(text)}"'.replace(r"\-", "-").replace(r"\ ", " ")


def _verbatim(pattern: str) -> str:
    return "@'" + pattern.replace("'", "''") + "'"
