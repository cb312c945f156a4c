"""One field as one place of a schema file declares it; what every format's module yields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

Step = str | int
"""A key or position on the way to a value of a file."""


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """What one place says of one field."""

    name: str
    type: str
    """Type in Elasticsearch."""
    source: str = ""
    """Index, data view or template that says so; empty where the file is about one thing."""
    values: str = ""
    """Field of the documents that holds the values of a multi-field or alias; empty for the field itself."""
    is_multiple: bool | None = None
    """Whether it holds arrays; None where the place does not say."""
    ignore_above: int | None = None
    """Longest text that is indexed."""
    normalizer: str = ""
    """What changes the values of a keyword field before they are compared."""
    analyzer: str = ""
    """What makes words of a text field, where it is not the standard analyzer."""
    null_value: str = ""
    """What an explicit null is indexed as."""
    is_computed: bool = False
    """Whether a script makes the values when a query asks for them."""
    refused: str = ""
    """Why no condition on the field, or on what is inside it, can be read."""


@dataclass(frozen=True, slots=True)
class NotRead:
    """A part of a file that may name more fields and is not read."""

    what: str


class SchemaProblem(Exception):
    """Report what is wrong with a value of a file and where; `str()` is what, then what to do."""

    def __init__(self, message: str, path: tuple[Step, ...] = ()) -> None:
        super().__init__(message)
        self.path = path


class Format(Protocol):
    """A module of this package that reads one format."""

    def fits(self, document: object) -> bool:
        """Say whether a document of a file has this format, by its shape alone."""

    def fields(self, document: object) -> Iterator[DeclaredField | NotRead]:
        """Yield what a fitting document declares; raises `SchemaProblem`."""
