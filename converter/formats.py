"""Finds file formats by module in `converter.deliverables`, and writes rendered queries in them."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Protocol, cast

from sigma.sigmaproof.loader import load_documents

from . import deliverables
from .deliverables.watchlist import Watchlist, externalised
from .diagnostic import Diagnostic
from .errors import InputError
from .render import RenderedQuery
from .target import Target

TEXT = "text"
_SUFFIXES = {
    "eql": ".eql",
    "esql": ".esql",
    "kuery": ".kuery",
    "kusto": ".kql",
    "lucene": ".lucene",
}


class Deliverable(Protocol):
    """What a module of a file format offers."""

    FORMAT: str
    SUFFIX: str

    def write(self, documents: str, rendered: RenderedQuery) -> tuple[str, tuple[Diagnostic, ...]]:
        """Write Sigma documents and their rendered query as a file's text."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file's text, and what a person must know about it."""

    text: str
    suffix: str
    diagnostics: tuple[Diagnostic, ...]
    watchlists: tuple[Watchlist, ...] = ()
    """Lists that the query looks up, each to be written to a file of its own."""


def write(
    documents: str, rendered: RenderedQuery, name: str, moves_lists: bool = False
) -> WrittenFile:
    """Write a rendered query in a format that its target offers.

    A query that is too long for its platform may have its longest lists moved to watchlists.
    """
    target = rendered.target
    if name not in target.formats:
        offered = ", ".join(target.formats)
        raise InputError(f"target {target.name} has no format {name!r}; use one of {offered}")
    if name == TEXT:
        text = rendered.text if rendered.text.endswith("\n") else rendered.text + "\n"
        return WrittenFile(text, _SUFFIXES.get(target.language, ".txt"), rendered.diagnostics)
    module = _module(name)
    watchlists: tuple[Watchlist, ...] = ()
    moved: tuple[Diagnostic, ...] = ()
    # Only platforms that have watchlists say how long a query may be without one.
    limit = getattr(module, "WATCHLIST_LIMIT", None)
    if moves_lists and limit is not None:
        title = load_documents(documents, "rule.yml").main_rules[-1].title
        rendered, watchlists, moved = externalised(rendered, title, limit)
    text, diagnostics = module.write(documents, rendered)
    remarks = (*rendered.diagnostics, *moved, *diagnostics)
    return WrittenFile(text, module.SUFFIX, remarks, watchlists)


def output_format(name: str, target: Target) -> str:
    """Return the backend's output format that a file format is made from."""
    if name == TEXT:
        return "default"
    by_language: Mapping[str, str] = getattr(_module(name), "OUTPUT_FORMATS", {})
    return by_language.get(target.language, "default") if name in target.formats else "default"


def _module(name: str) -> Deliverable:
    for module in _modules():
        if getattr(module, "FORMAT", None) == name:
            # A module satisfies the protocol by its names; mypy cannot see one found by name.
            return cast(Deliverable, module)
    known = ", ".join(sorted({TEXT, *(str(getattr(one, "FORMAT", TEXT)) for one in _modules())}))
    raise InputError(f"unknown format {name!r}; the formats are {known}")


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(deliverables.__path__):
        yield import_module(f"{deliverables.__name__}.{found.name}")
