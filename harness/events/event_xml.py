"""The data of a Windows event as XML text, as the table Event keeps it.

Written as an agent writes it, and read by a parser of XML, which knows nothing of how a query reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from uuid import UUID
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from .scalar_text import text_of

_NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
_ENTITIES = {'"': "&quot;", "'": "&apos;", "\r": "&#xD;"}
"""What stands for characters beside those that no text of XML can hold as they are."""
_AGENT = "sourceHealthServiceId"
_UNNAMED = "Data"
"""Key of values without names."""


def xml_of(data: Mapping[str, object], identity: str = "") -> str:
    """Write the data of an event; `identity` tells the text from that of any other event."""
    return _item(str(UUID(bytes=sha256(identity.encode()).digest()[:16])), _elements(data))


def with_element(text: object, name: str, value: object) -> str:
    """Return the text with one more element."""
    agent, known = _read(text) if isinstance(text, str) and text else ("", {})
    return _item(agent, _elements({**known, name: value}))


def can_hold(text: str) -> bool:
    """Say whether XML has all characters of a text."""
    return all(map(_is_in_xml, text))


def element_in(text: object, name: str) -> str | None:
    """Return the text of the element of that name; None where there is none."""
    return _read(text)[1].get(name) if isinstance(text, str) and text else None


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[str, Mapping[str, str]]:
    try:
        item = ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return "", {}
    data: dict[str, str] = {}
    for one in item.iter(f"{{{_NAMESPACE}}}Data"):
        if name := one.get("Name"):
            data.setdefault(name, one.text or "")
    return item.get(_AGENT, ""), data


def _item(agent: str, elements: Iterator[str]) -> str:
    return (
        f'<DataItem Type="System.XmlData" {_AGENT}={quoteattr(agent)}>'
        f'<EventData xmlns="{_NAMESPACE}">{"".join(elements)}</EventData></DataItem>'
    )


def _elements(data: Mapping[str, object]) -> Iterator[str]:
    for name, value in data.items():
        inner = value.get("#text") if isinstance(value, Mapping) else value
        if name == _UNNAMED:
            for one in inner if isinstance(inner, list) else [inner]:
                yield f"<Data>{escape(text_of(one), _ENTITIES)}</Data>"
        elif not name.startswith("#") and can_hold(text_of(inner)):
            text = escape(text_of(inner), _ENTITIES)
            yield (
                f"<Data Name={_quoted(name)}>{text}</Data>"
                if text
                else f"<Data Name={_quoted(name)} />"
            )


def _quoted(name: str) -> str:
    return f'"{escape(name, _ENTITIES)}"'


def _is_in_xml(character: str) -> bool:
    """Say whether XML 1.0 has the character."""
    is_surrogate = "\ud800" <= character <= "\udfff"
    is_there = character >= " " and character not in "\ufffe\uffff" and not is_surrogate
    return is_there or character in "\t\n\r"
