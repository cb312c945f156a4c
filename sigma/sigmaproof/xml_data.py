"""Data of Windows events that a table keeps as XML text, as Kusto.

An element is found by a regular expression and its text read by a function of the query's own, which undoes
the entities. Both are exact: no text of an element holds `<`, and `&amp;` is undone last, so that what it
leaves is not taken for an entity.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from xml.sax.saxutils import escape

READER = "xml_text"
"""Name of the function, which a query defines that reads such a text."""

DEFINITION = (
    f"let {READER} = (xml:string) {{",
    "    replace_string(replace_string(replace_string(replace_regex(replace_regex(",
    "        replace_regex(replace_regex(replace_regex(xml,",
    r"            @'(?i)&#(?:9|x9);', '\t'), @'(?i)&#(?:10|xa);', '\n'), @'(?i)&#(?:13|xd);', '\r'),",
    """        @'(?i)&(?:quot|#34|#x22);', '"'), @'(?i)&(?:apos|#39|#x27);', "'"),""",
    "        '&lt;', '<'), '&gt;', '>'), '&amp;', '&')",
    "};",
)
"""Lines of Kusto that define it: the named entities, and the numbers of quotes, tabs and line breaks."""


def element(column: str, key: str) -> str:
    """Write the text of the element of that name as it stands in the XML; empty where there is none."""
    named = re.escape(escape(key, {'"': "&quot;"})).replace(r"\-", "-").replace(r"\ ", " ")
    pattern = f'<Data Name="{named}">([^<]*)</Data>'.replace("'", "''")
    return f"extract(@'{pattern}', 1, {column})"


def read(expression: str) -> str:
    """Write the text that XML stands for."""
    return f"{READER}({expression})"


def column_of(key: str, stored: Collection[str]) -> str:
    """Return the name of the column that a query computes for an element.

    It is the element's own, unless the table stores a column of that name; no two elements share one.
    """
    is_taken = key.lower() in {name.lower() for name in stored}
    return f"Data_{key}" if is_taken or key.startswith("Data_") else key
