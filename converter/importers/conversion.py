"""What an import returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from converter.diagnostic import Diagnostic
from converter.ir import FieldType

CaseChoice = Literal["exact", "insensitive"]
"""Keep Elastic's exact comparison (`|cased`), or write Sigma's usual, wider one."""

Document = Mapping[str, object]
"""A Sigma document as plain values, in the order in which it is written."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One rule as Sigma documents, and all that a person must know about them."""

    documents: tuple[Document, ...]
    yaml: str
    diagnostics: tuple[Diagnostic, ...] = ()
    assumed: Mapping[str, FieldType] = field(default_factory=dict)
    """Fields and their types that the query was read with beside those of the schema."""
