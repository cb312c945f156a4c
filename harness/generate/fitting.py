"""Changes values that no row of a table reads as, where nothing asks for just these values.

A value "something else" stands for any other one. A table may only hold values in capitals, or paths:
then another one says as much. One rule holds this together: what a predicate says of the event stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import sha256

from converter.ir import Predicate
from converter.layout import CellPlace, FieldLayout, Kind, TableLayout
from harness.engines.predicate import evaluate
from sigma.sigmaproof.steps import Each, Named

from .fields import ABSENT, Fields, with_field
from .leaves import FREE_TEXT

Change = tuple[str, object]
"""A field and the value that it gets."""

_CHANGES: dict[str, Callable[[str], str]] = {
    "e-mail": lambda text: text if "@" in text else f"{text.replace(' ', '-')}@example.org",
    "extension": lambda text: text.replace(".", "-"),
    "host-name": lambda text: text.replace("/", "-"),
    "before-at": lambda text: text.split("@")[0],
    "last-segment": lambda text: text.rsplit("/")[-1],
    "lower-case": str.lower,
    "lower-case-last-segment": lambda text: text.rsplit("/")[-1].lower(),
    "operation-types": lambda text: text if text in ("start", "end") else "end",
    "os-family": str.lower,
    "parent-identity": lambda text: _identity(text),
    "process-identity": lambda text: _identity(text),
    # a path that ends in a backslash has no value
    "registry-path": lambda text: f"{text}x" if text.endswith("\\") else text,
    "upper-case": str.upper,
    "url-host": lambda text: text.replace(" ", "-").lower(),
    "url-path": lambda text: text if text.startswith("/") else f"/{text.replace(' ', '-')}",
    "words": lambda text: "-".join(text.split()),
}
"""Reading to a change after which some text of the column reads as the value."""


def _identity(text: str) -> str:
    """Return an id and a start for the text, others for another one."""
    if re.fullmatch(r"[0-9]+ \d{4}-.*Z", text):
        return text
    number = int.from_bytes(sha256(text.encode()).digest()[:3]) + 1
    return f"{number} 2026-01-01T00:00:00.0000000Z"


def fitted(
    fields: Fields,
    predicate: Predicate,
    layouts: Sequence[TableLayout],
    own: Collection[str] = (),
) -> Fields:
    """Return the fields with values that the tables can hold, one change at a time.

    Fields with values of their own, `own`, are not left out.
    """
    truth = evaluate(predicate, fields)
    # Tables of another log source say nothing of the event.
    layouts = [layout for layout in layouts if _is_of_source(layout, fields)] or layouts
    for moved in _elsewhere(fields, layouts):
        if evaluate(predicate, moved) is truth:
            fields = moved
            break
    for layout in _holding(fields, layouts):
        for field in layout.fields:
            for name, value in _changes(field, layout, fields):
                changed = with_field(fields, name, value)
                if value is ABSENT and name in own:
                    continue
                if evaluate(predicate, changed) is truth:
                    fields = changed
    return fields


def _is_of_source(layout: TableLayout, fields: Fields) -> bool:
    """Say whether the event may be of the layout's log source."""
    return all(
        value in found if isinstance(found, list) else value == found
        for name, value in layout.condition.items()
        for found in (fields.get(name, value),)
    )


def _holding(fields: Fields, layouts: Sequence[TableLayout]) -> Sequence[TableLayout]:
    """Return the tables whose selector the event meets, which no other one must change; all where it meets none."""
    return [layout for layout in layouts if _is_met(layout, fields)] or layouts


def _is_met(layout: TableLayout, fields: Fields) -> bool:
    return bool(layout.selector) and all(
        name in fields and fields[name] in (value if isinstance(value, tuple) else (value,))
        for name, value in layout.selector.items()
    )


def _changes(field: FieldLayout, layout: TableLayout, fields: Fields) -> Iterator[Change]:
    value = fields.get(field.name)
    is_selector = field.name in layout.selector
    if field.constant is not None and value not in (None, field.constant) and not is_selector:
        yield field.name, field.constant
        return
    if field.known and value != (known := _one_or_all(field.known)) and _is_met(layout, fields):
        yield field.name, known
        return
    if _is_home(layout, fields) and (told := _told_without(field, layout, fields)) is not None:
        yield field.name, told
        return
    if field.always and value is not None:
        yield from ((field.name, one) for one in _with_always(field, value))
        return
    if isinstance(value, list) and field.reading == "words":
        yield field.name, [_CHANGES["words"](str(one)) for one in value]
    if field.reading == "word-count" and isinstance(value, int):
        yield from _counted(field, value, layout, fields)
    if not isinstance(value, str) or not value:
        return
    if field.cases and value not in _meant(field):
        yield from ((field.name, one) for one in _meant(field))
    change = _CHANGES.get(field.reading)
    if change is not None and change(value) != value:
        yield field.name, change(value)
    for place in field.places:
        yield from _beside(place, value, layout, fields)


def _is_home(layout: TableLayout, fields: Fields) -> bool:
    """Say whether the event is one of this table and no other."""
    return _is_met(layout, fields) or not (layout.selector or layout.rivals)


def _told_without(field: FieldLayout, layout: TableLayout, fields: Fields) -> object:
    """Return what the table says of a field that it has no column for, or whose column is empty; None for any."""
    is_told = field.places or field.always or field.known or field.name in layout.selector
    if field.name in fields:
        return None if is_told or field.constant is not None else ABSENT
    return None if field.reading else field.cases.get("", field.otherwise) or None


def _one_or_all(values: Sequence[str]) -> object:
    return values[0] if len(values) == 1 else list(values)


def _counted(
    field: FieldLayout, number: int, layout: TableLayout, fields: Fields
) -> Iterator[Change]:
    """Yield the text of the column with as many words as the field counts."""
    for other in layout.fields:
        if other.places == field.places and not other.reading:
            words = str(fields.get(other.name) or "").split()
            yield other.name, " ".join([*words, *["word"] * number][:number])


def _elsewhere(fields: Fields, layouts: Sequence[TableLayout]) -> Iterator[Fields]:
    """Yield the event with the text that stands for any field's in a field that a table has."""
    names = {field.name for layout in layouts for field in layout.fields}
    if not layouts or FREE_TEXT not in fields or FREE_TEXT in names:
        return
    others = {name: value for name, value in fields.items() if name != FREE_TEXT}
    for layout in layouts:
        for field in layout.fields:
            free = field.name not in fields and _holds_any_text(field, layout)
            if free and field.places[0].column not in _told(layout):
                found = {**others, field.name: fields[FREE_TEXT]}
                yield {**_keys(layout, found), **found}


def _keys(layout: TableLayout, fields: Fields) -> Fields:
    """Return keys of their own for tables that are joined: where all fields are asked, a row is given none."""
    own = sha256(repr(sorted(fields.items())).encode()).hexdigest()[:40]
    joined = {one.on for one in layout.joined}
    return {one.name: own for one in layout.fields if joined & {at.column for at in one.places}}


def _told(layout: TableLayout) -> set[str]:
    """Return the columns whose text decides about others: which events these are, and what is joined."""
    deciding = (one for one in layout.fields if one.cases or one.name in layout.selector)
    columns = {place.column for one in deciding for place in one.places}
    return columns.union(*((one.on, *one.columns) for one in layout.joined))


def _holds_any_text(field: FieldLayout, layout: TableLayout) -> bool:
    if field.reading or field.cases or field.values or field.kind is not Kind.TEXT:
        return False
    columns = [layout.columns[place.column] for place in field.places if not place.path]
    return columns == ["string"] and field.places[0].column != layout.id


def _meant(field: FieldLayout) -> list[str]:
    """Return the values that a table of cases gives."""
    return sorted({*field.cases.values(), field.otherwise} - {""})


def _with_always(field: FieldLayout, value: object) -> Iterator[list[object]]:
    """Yield the value with those of every event, or others that the column tells where it does not."""
    values = value if isinstance(value, list) else [value]
    others = [one for one in values if one not in field.always]
    is_told = not field.cases or all(one in _meant(field) for one in others)
    for some in [others] if is_told else [[one] for one in _meant(field)]:
        yield [*some, *field.always]


def _beside(place: CellPlace, value: str, layout: TableLayout, fields: Fields) -> Iterator[Change]:
    """Yield the arrays that hold a value too, where its object is one of a list of names and values."""
    match place.path:
        case (*before, Named(key) as named, str() as last):
            held = {key: named.values[0], last: value}
        case _:
            return
    for other in layout.fields:
        for where in other.places:
            match where.path:
                case (*start, Each(), str() as inner) if (where.column, start) == (
                    place.column,
                    before,
                ) and inner in held:
                    yield other.name, _with(fields.get(other.name), held[inner])


def _with(found: object, value: str) -> object:
    """Put a value before the others of an array, so that name and value stand at the same place."""
    values = found if isinstance(found, list) else [] if found is None else [found]
    others = [one for one in values if one != value]
    return [value, *others] if others else value
