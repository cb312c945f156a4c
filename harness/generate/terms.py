"""Values for the fields of a term, so that each event has a term of its own.

An event whose term was seen before alerts no more: without terms of their own, events would hide each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from converter.ir import FieldType, Predicate, Schema, TermField, Value
from harness.engines.predicate import evaluate

from .fields import Fields, with_field

_DAY = datetime(2020, 1, 1, tzinfo=UTC)
_NETWORKS = ("198.18", "93.184", "10.20")
"""Addresses are made of the first network that a rule allows: one for tests, a public and a private one."""
_NO_OTHERS: Mapping[str, FieldType] = {}


def own_value(
    field: str, number: int, schema: Schema, written_as: Mapping[str, FieldType] = _NO_OTHERS
) -> Value:
    """Return a value of the field's type that is different for each number.

    `written_as` names the fields of text that must hold what fields of another type hold, too.
    """
    if field in written_as:
        return str(_value(written_as[field], number))
    return _value(schema.type_of(field), number)


def _value(field_type: FieldType, number: int) -> Value:
    match field_type:
        case FieldType.LONG:
            return 700_000 + number
        case FieldType.DOUBLE:
            return 700_000.5 + number
        case FieldType.BOOLEAN:
            return number % 2 == 0
        case FieldType.IP:
            return _address(_NETWORKS[0], number)
        case FieldType.DATE:
            moment = _DAY + timedelta(minutes=number)
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _:
            return f"term-{number}"


def with_own_terms(
    fields: Fields,
    terms: Sequence[TermField],
    number: int,
    kept: str,
    predicate: Predicate,
    schema: Schema,
    written_as: Mapping[str, FieldType] = _NO_OTHERS,
) -> dict[str, object]:
    """Return the fields with terms that no other number has, where the predicate's truth allows it.

    The field `kept` is left as it is, since its value is the point of the event.
    """
    truth = evaluate(predicate, fields)
    changed = dict(fields)
    for term in terms:
        if term.field == kept:
            continue
        own = own_value(term.field, number, schema, written_as)
        for value in _options(term.field, number, changed, schema, own):
            tried = with_field(changed, term.field, value)
            if evaluate(predicate, tried) is truth:
                changed = tried
                break
    return changed


def _options(
    field: str, number: int, fields: Fields, schema: Schema, own: Value
) -> Iterator[Value]:
    yield own
    present = fields.get(field)
    if schema.type_of(field) is FieldType.IP:
        yield from (_address(network, number) for network in _NETWORKS[1:])
    elif isinstance(present, str):
        for place in (len(present), 0, len(present) // 2):
            yield f"{present[:place]}{number}{present[place:]}"


def _address(network: str, number: int) -> str:
    return f"{network}.{number >> 8 & 255}.{number & 255}"
