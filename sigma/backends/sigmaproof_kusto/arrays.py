"""Comparisons with any element of a `dynamic` array.

Exact values are looked up as elements. A wildcard pattern is searched in the JSON text of the array, from
its start and element by element, so that a match never spans two of them (KUSTO-5).
"""

from __future__ import annotations

import json
from ipaddress import IPv4Network

from .expression import Atom, Expression, atom, some
from .literals import boolean_literal, text_literal
from .pattern import MANY, ONE, Part, escaped
from .strings import regex_test

CHARACTER = r'(?:[^"\\]|\\u[0-9A-Fa-f]{4}|\\[^u])'
"""One character of a JSON string as it is written."""
_ELEMENT = r'(?:"(?:[^"\\]|\\.)*"|[^",]*)'
_OCTET = "[0-9]{1,3}"


def array_string_test(subject: str, parts: tuple[Part, ...], cased: bool) -> Expression:
    """Compare every element with a pattern; one that fits is enough (SIGMA-2)."""
    match parts:
        case ():
            return _element(subject, '""')
        case (str() as text,) if "\0" not in text:
            return _exact(subject, text, cased)
        case _ if all(part is MANY for part in parts):
            return array_present(subject)
        case _:
            body = "".join(json_part(part) for part in parts)
            return regex_test(f"tostring({subject})", _in_array(body, cased))


def array_value_test(subject: str, value: bool | float) -> Expression:
    """Look a number or boolean up, also in its text form (SIGMA-8)."""
    if isinstance(value, bool):
        text = boolean_literal(value)
        return some((_element(subject, text), _exact(subject, text, cased=False)))
    return some((_element(subject, str(value)), _exact(subject, str(value), True)))


def array_holds(subject: str, element: str, is_text: bool) -> Expression:
    """Look for the value of another expression among the elements, text in any case (SIGMA-11)."""
    if not is_text:
        return atom(f"set_has_element({subject}, {element})", may_be_null=True)
    folded = f"todynamic(tolower(tostring({subject})))"
    return atom(f"set_has_element({folded}, tolower({element}))", may_be_null=True)


def array_network_test(subject: str, network: IPv4Network) -> Expression:
    """Look for an address of an IPv4 network among the elements, by its octets."""
    return regex_test(f"tostring({subject})", _in_array(_octets(network), cased=True))


def array_missing(subject: str) -> Atom:
    """Build the test that an array has no element."""
    present = array_present(subject)
    return Atom(present.complement, present.text)


def array_present(subject: str) -> Atom:
    """Build the test that an array has an element; null where there is no array."""
    return atom(f"array_length({subject}) > 0", may_be_null=True)


def _exact(subject: str, text: str, cased: bool) -> Atom:
    if cased:
        return _element(subject, text_literal(text))
    folded = f"todynamic(tolower(tostring({subject})))"
    return _element(folded, text_literal(text.lower()))


def _element(subject: str, literal: str) -> Atom:
    return atom(f"set_has_element({subject}, {literal})", may_be_null=True)


def _in_array(element: str, cased: bool) -> str:
    return rf'(?{"s" if cased else "is"})^\[(?:{_ELEMENT},)*"{element}"[,\]]'


def json_part(part: Part) -> str:
    """Write a part of a pattern as it stands in a JSON string."""
    if part is MANY:
        return f"{CHARACTER}*"
    if part is ONE:
        return CHARACTER
    return escaped(json.dumps(part, ensure_ascii=False)[1:-1])


def _octets(network: IPv4Network) -> str:
    """Write the addresses of a network as a pattern: fixed octets, one choice, any octets."""
    fixed, partial = divmod(network.prefixlen, 8)
    octets = list(network.network_address.packed)
    pieces = [str(octet) for octet in octets[:fixed]]
    if partial:
        first = octets[fixed]
        choices = range(first, first + (1 << (8 - partial)))
        pieces.append(f"(?:{'|'.join(map(str, choices))})")
    pieces.extend(_OCTET for _ in range(4 - len(pieces)))
    return r"\.".join(pieces)
