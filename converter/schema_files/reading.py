"""Reads schema files: finds the format of each document and joins what all of them say."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from typing import cast

from converter.errors import InputError

from .declared import DeclaredTypes
from .documents import Document, documents_of
from .field import DeclaredField, Format, NotRead, SchemaProblem
from .joining import Origin, joined

_KNOWN = (
    "give an Elasticsearch mapping, index template or field capabilities, a Kibana data view, fields.yml or"
    " ecs_flat.yml"
)


def read_schema_files(texts: Mapping[str, str]) -> DeclaredTypes:
    """Return what the files declare, texts by path; raises InputError."""
    origins: list[Origin] = []
    not_read: list[str] = []
    for path, text in texts.items():
        before = len(origins)
        for part in _parts(text, path):
            match part:
                case NotRead(what):
                    not_read.append(f"{what} in {path}")
                case DeclaredField():
                    origins.append(Origin(path, part))
        if len(origins) == before:
            raise InputError(f"{path}:1: no field has a type here; {_KNOWN}")
    return joined(origins, not_read)


def _parts(text: str, path: str) -> Iterator[DeclaredField | NotRead]:
    for document in documents_of(text, path):
        chosen = next((one for one in _formats() if one.fits(document.value)), None)
        if chosen is None:
            raise InputError(f"{path}:{document.line}: no schema that is known here; {_KNOWN}")
        yield from _read(chosen, document, path)


def _read(chosen: Format, document: Document, path: str) -> Iterator[DeclaredField | NotRead]:
    try:
        for part in chosen.fields(document.value):
            if isinstance(part, DeclaredField) and not all(part.name.split(".")):
                raise SchemaProblem(f"a field has the name {part.name!r}; correct it")
            yield part
    except SchemaProblem as problem:
        line = document.line_of(problem.path)
        raise InputError(f"{path}:{line}: {problem}") from problem
    except RecursionError as error:
        raise InputError(f"{path}:{document.line}: it is nested too deeply; check it") from error


@lru_cache(maxsize=1)
def _formats() -> tuple[Format, ...]:
    """Return the modules of this package that read a format, in order of their names."""
    package = __name__.rpartition(".")[0]
    names = [module.name for module in pkgutil.iter_modules(import_module(package).__path__)]
    modules = [import_module(f"{package}.{name}") for name in sorted(names)]
    # A module with both functions is a format; that cannot be typed.
    return tuple(cast("Format", one) for one in modules if hasattr(one, "fits"))
