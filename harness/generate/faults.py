"""Typical faults of a translation, as wrong copies of an atom.

They choose which of many border values are worth an event: one that tells no fault from the atom, or
only faults that other events tell already, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network

from converter.ir import (
    Atom,
    Case,
    Cidr,
    Exists,
    Glob,
    Missing,
    OneOf,
    Quantifier,
    Range,
    Regex,
    Test,
    View,
    Wildcard,
    Words,
)

_ELEMENTS = 8
"""How many elements of a list are dropped, one at a time."""


def faults(atom: Atom) -> Iterator[Atom]:
    """Yield wrong copies of an atom; some may mean the same."""
    for missing in Missing:
        if missing is not atom.missing:
            yield replace(atom, missing=missing)
    for quantifier in Quantifier:
        if quantifier is not atom.quantifier:
            yield replace(atom, quantifier=quantifier)
    for test in _tests(atom.test):
        yield replace(atom, test=test)
    if atom.view in (View.IP, View.DATE, View.NUMBER, View.COERCED_NUMBER):
        yield replace(atom, view=View.TEXT)


def _tests(test: Test) -> Iterator[Test]:
    match test:
        case OneOf(values, case):
            yield from (replace(test, case=other) for other in Case if other is not case)
            yield from _shorter(test)
            if len(values) <= _ELEMENTS:
                yield from (_pattern(value, case) for value in values if isinstance(value, str))
        case Glob():
            yield from _globs(test)
        case Regex(case=case):
            yield from (replace(test, case=other) for other in Case if other is not case)
            yield replace(test, flags="".join(sorted(set(test.flags) ^ {"s"})))
            yield replace(test, flags="".join(sorted(set(test.flags) ^ {"m"})))
        case Range(lower, upper):
            for name, bound in (("lower", lower), ("upper", upper)):
                if bound is not None:
                    flipped = replace(bound, inclusive=not bound.inclusive)
                    yield Range(flipped, upper) if name == "lower" else Range(lower, flipped)
        case Cidr():
            yield from _networks(test)
        case Words(phrase=phrase):
            yield replace(test, phrase=not phrase)
        case Exists():
            yield Glob((Wildcard.ONE, Wildcard.MANY))


def _shorter(test: OneOf) -> Iterator[Test]:
    values = test.values
    if len(values) > 1:
        for place in range(min(len(values), _ELEMENTS)):
            yield replace(test, values=(*values[:place], *values[place + 1 :]))


def _pattern(text: str, case: Case) -> Glob:
    """Return the text with its special characters read as wildcards, or with one at its end."""
    parts: list[str | Wildcard] = []
    for character in text:
        if character in "*?":
            parts.append(Wildcard(character))
        elif parts and isinstance(parts[-1], str):
            parts[-1] += character
        else:
            parts.append(character)
    if all(isinstance(part, str) for part in parts):
        parts.append(Wildcard.MANY)
    return Glob(tuple(parts), case)


def _globs(test: Glob) -> Iterator[Test]:
    parts = test.parts
    yield from (replace(test, case=other) for other in Case if other is not test.case)
    if parts and parts[0] is not Wildcard.MANY:
        yield replace(test, parts=(Wildcard.MANY, *parts))
    if parts and parts[-1] is not Wildcard.MANY:
        yield replace(test, parts=(*parts, Wildcard.MANY))
    for place, part in enumerate(parts):
        before, behind = parts[:place], parts[place + 1 :]
        if part is Wildcard.MANY:
            yield replace(test, parts=(*before, *behind))
            yield replace(test, parts=(*before, Wildcard.ONE, Wildcard.MANY, *behind))
            yield replace(test, parts=(*before, "*", *behind))
        elif part is Wildcard.ONE:
            yield replace(test, parts=(*before, "?", *behind))
            yield replace(test, parts=(*before, Wildcard.MANY, *behind))
        else:
            yield replace(test, parts=(*before, part[:-1], *behind))
            if "\\" in part:
                yield replace(test, parts=(*before, part.replace("\\", "\\\\"), *behind))


def _networks(test: Cidr) -> Iterator[Test]:
    yield replace(test, unreadable_is_unknown=not test.unreadable_is_unknown)
    networks = test.networks
    for place, text in enumerate(networks[:_ELEMENTS]):
        before, behind = networks[:place], networks[place + 1 :]
        if len(networks) > 1:
            yield replace(test, networks=(*before, *behind))
        network = ip_network(text, strict=False)
        if network.prefixlen:
            yield replace(test, networks=(*before, str(network.supernet()), *behind))
        if network.prefixlen < network.max_prefixlen:
            for half in network.subnets():
                yield replace(test, networks=(*before, str(half), *behind))
