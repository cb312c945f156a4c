"""ECS documents made of a vendor's own events, as the vendor's integration in Elastic makes them.

A mapping pack says by its layout which field is made of what. One rule holds this together: what no field
takes stays under its own name, nothing of the event is lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from converter.layout import DocumentField, DocumentLayout, Kind

from .event import Document
from .scalar_text import text_of
from .vendor import vendor_value

Values = Iterator[tuple[str, object]]

_DWORD = re.compile(r"DWORD \(0x([0-9a-f]{8})\)", re.IGNORECASE)
_QWORD = re.compile(r"QWORD \(0x([0-9a-f]{8})-0x([0-9a-f]{8})\)", re.IGNORECASE)


def document_of(layout: DocumentLayout, document: Document) -> Document:
    """Return the ECS document of a vendor's event; any other document as it is."""
    raw = document.get(layout.root)
    if not isinstance(raw, Mapping):
        return document
    channel, code = (_text_at(layout, raw, name) for name in (layout.channel, layout.code))
    event = _without_blanks(layout, raw, channel)
    made: dict[str, object] = {}
    taken: set[str] = set()
    for field in layout.fields:
        if not _has(field.events, channel, code):
            continue
        value = _from_halves(event, field) if field.halves else vendor_value(event, field.vendor)
        if value is None or value == "":
            continue
        taken.update(field.vendor)
        if field.is_dropped:
            continue
        for name, part in _values(field, value):
            made.setdefault(name, part)
    for name, value in _rest(layout, event, taken):
        made.setdefault(f"{layout.rest}.{name}" if layout.rest else name, value)
    return made


def _from_halves(event: Mapping[str, object], field: DocumentField) -> str:
    parts = [text_of(vendor_value(event, (path,))) for path in field.halves]
    return "\\".join(parts) if all(parts) else ""


def names_made(layout: DocumentLayout, channel: str, code: str) -> frozenset[str]:
    """Return the fields that documents of such events can have, without the rest."""
    return frozenset(
        name
        for field in layout.fields
        if _has(field.events, channel, code) and not field.is_dropped
        for name in (field.parts.values() or (field.name,))
    )


def _text_at(layout: DocumentLayout, raw: Mapping[str, object], name: str) -> str:
    for field in layout.fields:
        if field.name == name and not field.events:
            return text_of(vendor_value(raw, field.vendor))
    return ""


def _has(events: Mapping[str, tuple[str, ...]], channel: str, code: str) -> bool:
    if not events:
        return True
    return channel in events and (not events[channel] or code in events[channel])


def _without_blanks(
    layout: DocumentLayout, raw: Mapping[str, object], channel: str
) -> Mapping[str, object]:
    data = raw.get(layout.data)
    if not isinstance(data, Mapping):
        return raw
    blank = {"", *layout.blank.get(channel, ())}
    kept = {
        name: value
        for name, value in data.items()
        if value is not None and not (isinstance(value, str) and value in blank)
    }
    return {**raw, layout.data: kept}


def _rest(
    layout: DocumentLayout, event: Mapping[str, object], taken: set[str]
) -> Iterator[tuple[str, object]]:
    """Yield the values of the data that no field has taken; those without a name are numbered."""
    data = event.get(layout.data)
    for name, value in data.items() if isinstance(data, Mapping) else ():
        if f"{layout.data}.{name}" in taken or str(name).startswith("#"):
            continue
        inner = value.get("#text") if isinstance(value, Mapping) else value
        if name == "Data":
            unnamed = inner if isinstance(inner, list) else [inner]
            yield from ((f"param{n}", text_of(one)) for n, one in enumerate(unnamed, 1) if one)
        elif inner is not None:
            yield str(name), text_of(inner)


def _values(field: DocumentField, value: object) -> Values:
    if isinstance(value, Mapping):
        value = value.get("#text")
    if isinstance(value, list):
        yield field.name, [text_of(one) for one in value]
    elif field.transform:
        yield from _TRANSFORMS[field.transform](field, text_of(value))
    elif field.meanings:
        yield field.name, field.meanings.get(text_of(value).lower(), text_of(value))
    elif field.kind is Kind.BOOLEAN:
        yield field.name, text_of(value).lower() == "true"
    elif field.kind is Kind.DATE:
        text = text_of(value)
        yield field.name, text if "T" in text else f"{text.replace(' ', 'T')}Z"
    elif field.kind is Kind.NUMBER:
        yield from _number(field, text_of(value))
    else:
        yield field.name, text_of(value)


def _number(field: DocumentField, text: str) -> Values:
    is_hexadecimal = text[:2].lower() == "0x"
    try:
        yield field.name, int(text, 16 if is_hexadecimal else 10)
    except ValueError:
        return


def _address(field: DocumentField, text: str) -> Values:
    if any(mark in text for mark in ".:"):
        yield field.parts["address"], text.removeprefix("::ffff:")
    else:
        yield field.parts["text"], text


def _domain_user(field: DocumentField, text: str) -> Values:
    domain, separator, name = text.partition("\\")
    if separator and "\\" not in name:
        yield field.parts["domain"], domain
        yield field.parts["name"], name


def _hashes(field: DocumentField, text: str) -> Values:
    for one in text.split(","):
        kind, _, digits = one.partition("=")
        name = field.parts.get(kind.upper())
        if name and digits.strip("0"):
            yield name, digits.lower()


def _registry_data(field: DocumentField, text: str) -> Values:
    kind, value = "REG_SZ", text
    if number := _DWORD.fullmatch(text):
        kind, value = "SZ_DWORD", str(int(number[1], 16))
    elif number := _QWORD.fullmatch(text):
        # The integration moves the high half by 8 bits only.
        kind, value = "SZ_QWORD", str((int(number[1], 16) << 8) + int(number[2], 16))
    elif text == "Binary Data":
        kind = "REG_BINARY"
    yield field.parts["value"], value
    yield field.parts["type"], kind


def _bare_registry_data(field: DocumentField, text: str) -> Values:
    data = {"(Empty)": ""}.get(text, text)
    for name, value in _registry_data(field, data):
        if name == field.parts["type"] or text not in ("(Empty)", "Binary Data"):
            yield name, value


_TRANSFORMS: Mapping[str, Callable[[DocumentField, str], Values]] = {
    "address": _address,
    "bare_registry_data": _bare_registry_data,
    "domain_user": _domain_user,
    "hashes": _hashes,
    "number": _number,
    "registry_data": _registry_data,
}
