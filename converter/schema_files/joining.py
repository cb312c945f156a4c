"""Joins what several places declare of the same fields; a contradiction refuses the field by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from converter.diagnostic import Diagnostic, Severity
from sigma.sigmaproof.ecs import FieldTypes

from .declared import DeclaredTypes
from .field import DeclaredField

_SAME = {
    "byte": "long",
    "date_nanos": "date",
    "half_float": "double",
    "float": "double",
    "integer": "long",
    "passthrough": "object",
    "scaled_float": "double",
    "short": "long",
    "unsigned_long": "long",
}
"""Types that conditions read like another one."""
_READ = frozenset(
    {
        "boolean",
        "constant_keyword",
        "date",
        "double",
        "flattened",
        "ip",
        "keyword",
        "long",
        "match_only_text",
        "nested",
        "object",
        "text",
        "wildcard",
    }
)
_TEXT = frozenset({"match_only_text", "text"})
_KEYWORDS = frozenset({"constant_keyword", "keyword", "wildcard"})
_NUMBERS = frozenset({"double", "long"})
_ALIAS = "alias"
_LOWER_CASE = "lowercase"


@dataclass(frozen=True, slots=True)
class Origin:
    """A field and the file that declares it."""

    file: str
    field: DeclaredField

    @property
    def place(self) -> str:
        """Return where it says so, for people."""
        return f"{self.file} ({self.field.source})" if self.field.source else self.file


def joined(origins: Iterable[Origin], not_read: Sequence[str]) -> DeclaredTypes:
    """Return what all places say together."""
    by_name: dict[str, list[Origin]] = {}
    for origin in origins:
        by_name.setdefault(origin.field.name, []).append(origin)
    builder = _Builder(by_name)
    for name in sorted(by_name):
        builder.add(name)
    return builder.declared(tuple(dict.fromkeys(not_read)))


class _Builder:
    def __init__(self, by_name: dict[str, list[Origin]]) -> None:
        self._by_name = by_name
        self.types: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.lower_case: set[str] = set()
        self.unreadable: dict[str, str] = {}
        self.uncomparable: dict[str, str] = {}
        self.multiple: set[str] = set()
        self.single: set[str] = set()
        self.remarks: dict[str, tuple[Diagnostic, ...]] = {}

    def add(self, name: str) -> None:
        """Join the places of one field."""
        places = self._places(name)
        fields = [place.field for place in places]
        reason = (
            next((one.refused for one in fields if one.refused), "")
            or self._alias(name, places)
            or self._type(name, places)
            or self._normalizer(name, places)
        )
        if reason:
            self.unreadable[name] = reason
            self.types.pop(name, None)
            return
        if path := self._path(name):
            self.values[name] = path
        self._count(name)
        self.remarks[name] = tuple(_remarks(name, self.types[name], fields))

    def declared(self, not_read: tuple[str, ...]) -> DeclaredTypes:
        """Return everything joined so far."""
        refused = {**self.unreadable, **self.uncomparable}
        return DeclaredTypes(
            types=FieldTypes(self.types, frozenset(self.multiple), frozenset(self.single), refused),
            values=self.values,
            lower_case=frozenset(self.lower_case),
            unreadable=self.unreadable,
            origins={
                name: tuple(dict.fromkeys(origin.file for origin in origins))
                for name, origins in self._by_name.items()
            },
            remarks=self.remarks,
            not_read=not_read,
        )

    def _places(self, name: str) -> list[Origin]:
        """Return the places of a field, an alias replaced by those of the field it stands for."""
        return [
            target
            for origin in self._by_name[name]
            for target in (
                self._by_name.get(origin.field.values, [])
                if origin.field.type == _ALIAS
                else [origin]
            )
            if target.field.type != _ALIAS
        ]

    def _alias(self, name: str, places: list[Origin]) -> str:
        """Return why a name stands for nothing."""
        if places:
            return ""
        other = self._by_name[name][0].field.values
        return f"it stands for {other}, which the schema does not declare"

    def _path(self, name: str) -> str:
        """Return the field whose values a multi-field or alias has, through both."""
        seen = {name}
        path = ""
        following = self._by_name[name][0].field.values
        while following and following not in seen:
            seen.add(following)
            path = following
            known = self._by_name.get(path)
            following = known[0].field.values if known else ""
        return path

    def _type(self, name: str, places: list[Origin]) -> str:
        """Join the types into one; returns why that cannot be."""
        kinds = {_SAME.get(place.field.type, place.field.type) for place in places}
        if unread := sorted(kinds - _READ):
            return f"its type {unread[0]} is not one that conditions are read on here"
        kind = _common(kinds)
        if kind is None:
            said = "; ".join(sorted({f"{one.field.type} in {one.place}" for one in places}))
            return f"its types contradict each other: {said}"
        if len({origin.field.values for origin in self._by_name[name]}) > 1:
            return "it is a field of its own in one place and stands for another field elsewhere"
        self.types[name] = kind
        return ""

    def _normalizer(self, name: str, places: list[Origin]) -> str:
        """Note the normalizer of lower case; returns why another one is refused."""
        normalizers = {place.field.normalizer for place in places}
        if normalizers == {""}:
            return ""
        if normalizers == {_LOWER_CASE}:
            self.lower_case.add(name)
            self.uncomparable[name] = "a normalizer changes its values before they are compared"
            return ""
        if len(normalizers) > 1:
            return "a normalizer changes its values in one place and not in another"
        return f"the normalizer {normalizers.pop()} changes its values in a way unknown here"

    def _count(self, name: str) -> None:
        said = {origin.field.is_multiple for origin in self._by_name[name]}
        if True in said:
            self.multiple.add(name)
        elif False in said:
            self.single.add(name)


def _common(kinds: set[str]) -> str | None:
    """Return a type that compares as all of these do; None where there is none."""
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds <= _TEXT:
        return "text"
    if kinds <= _NUMBERS:
        return "double"
    if kinds <= _KEYWORDS:
        # Kibana takes the way of keyword only where that is the one type (KUERY-23).
        return "constant_keyword" if "constant_keyword" in kinds else "wildcard"
    return None


def _remarks(name: str, kind: str, fields: list[DeclaredField]) -> Iterable[Diagnostic]:
    kinds = sorted({field.type for field in fields})
    if len(kinds) > 1 and set(kinds) <= _KEYWORDS:
        what = f"{name} is {' and '.join(kinds)}: Kibana compares patterns as on {kind}"
        yield Diagnostic("types-joined", Severity.NOTE, what)
    lengths = [field.ignore_above for field in fields if field.ignore_above is not None]
    if lengths:
        what = (
            f"{name}: values longer than {min(lengths)} characters are not indexed, so that Elasticsearch"
            " does not find them; they are compared here"
        )
        yield Diagnostic("ignore-above", Severity.NOTE, what)
    if analyzer := next((field.analyzer for field in fields if field.analyzer), ""):
        what = f"{name}: the analyzer {analyzer} is taken to make words as the standard one does"
        yield Diagnostic("analyzer-assumed", Severity.WARNING, what)
    if null := next((field.null_value for field in fields if field.null_value), ""):
        what = f"{name}: Elasticsearch indexes an explicit null as {null}; here it is no value"
        yield Diagnostic("null-value", Severity.WARNING, what)
    if any(field.is_computed for field in fields):
        what = f"{name} is computed by a script in Elasticsearch; here the event's value counts"
        yield Diagnostic("computed-field", Severity.WARNING, what)
