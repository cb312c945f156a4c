"""What all schema files together say of the fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from converter.diagnostic import Diagnostic, Severity
from sigma.sigmaproof.ecs import FieldTypes

_NONE = FieldTypes({}, frozenset())


@dataclass(frozen=True, slots=True)
class DeclaredTypes:
    """Types by field name, and what else a comparison with a field must know."""

    types: FieldTypes = _NONE
    """Types in Elasticsearch, how many values, and what is refused on which fields."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Multi-field or alias to the field of the documents that holds its values."""
    lower_case: frozenset[str] = frozenset()
    """Keyword fields whose values and queries are put into lower case."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Field to why no condition on it, in any language, can be read; what is inside it included."""
    origins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Field to the files that declare it."""
    remarks: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    """What a person must know about a field that a rule asks."""
    not_read: tuple[str, ...] = ()
    """Parts of the files that may declare more fields and are not read."""

    def diagnostics(self, names: Iterable[str]) -> tuple[Diagnostic, ...]:
        """Return what a person must know about a rule that asks these fields."""
        asked = sorted(set(names))
        unknown = [name for name in asked if name not in self.origins]
        found = [
            *self._declared(asked),
            *(one for name in asked for one in self.remarks.get(name, ())),
        ]
        if unknown and self.not_read:
            what = f"not read in the schema: {'; '.join(self.not_read)}; it may declare more fields"
            found.append(Diagnostic("schema-not-read", Severity.NOTE, what))
        return tuple(dict.fromkeys(found))

    def _declared(self, names: list[str]) -> Iterator[Diagnostic]:
        by_files: dict[str, list[str]] = {}
        for name in names:
            if name in self.origins:
                files = ", ".join(self.origins[name])
                by_files.setdefault(files, []).append(f"{name} {self.types.types.get(name, '')}")
        for files, declared in by_files.items():
            what = f"types of fields declared by {files}: {', '.join(declared)}"
            yield Diagnostic("declared-type", Severity.NOTE, what)


NOTHING_DECLARED = DeclaredTypes()
