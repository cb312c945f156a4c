"""Reads the YAML documents of a Sigma file and remembers on which line each key stands.

Values are what PyYAML's safe loader makes of them, as in pySigma. A key that stands twice is refused: the
first value would be lost without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from .errors import SigmaFileError


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a file."""

    value: object
    node: yaml.Node

    @property
    def line(self) -> int:
        """One-based line on which the document starts."""
        return _line(self.node)

    def line_of(self, *keys: str) -> int:
        """Return the line of the deepest of the nested keys that the document has."""
        node, line = self.node, self.line
        for key in keys:
            found = _entry(node, key)
            if found is None:
                return line
            line, node = _line(found[0]), found[1]
        return line


def read_yaml(text: str, path: str) -> list[YamlDocument]:
    """Return the documents of a text that are not empty; `path` names it in errors."""
    loader = _Loader(text, path)
    try:
        return list(_documents(loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise SigmaFileError(
            path,
            mark.line + 1 if mark else 1,
            f"not valid YAML: {error.problem or error.context}",
            "check indentation, quotes and colons near this line",
        ) from error
    except yaml.reader.ReaderError as error:
        raise SigmaFileError(
            path,
            text.count("\n", 0, error.position) + 1,
            "the text holds a character that YAML does not allow",
            "remove it or write it as an escape in double quotes",
        ) from error
    except RecursionError as error:
        raise SigmaFileError(path, 1, "the document is nested too deeply", "flatten it") from error
    finally:
        loader.dispose()


class _Loader(yaml.CSafeLoader):
    """Adds the line to errors of values that YAML's grammar takes, such as the date 2024-13-45."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self.path = path

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise SigmaFileError(
                self.path,
                _line(node),
                f"{node.value!r} cannot be read: {error}",
                "correct it, or quote it where it is meant as text",
            ) from error


def _documents(loader: _Loader) -> Iterator[YamlDocument]:
    while loader.check_node():
        node = loader.get_node()
        if node is None:
            return
        _refuse_repeated_keys(node, loader.path, set())
        value = loader.construct_document(node)
        if value is not None:
            yield YamlDocument(value, node)


def _refuse_repeated_keys(node: yaml.Node, path: str, visited: set[int]) -> None:
    """Walk the nodes once each; anchors may make them a graph."""
    if id(node) in visited:
        return
    visited.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(item, path, visited)
    elif isinstance(node, yaml.MappingNode):
        seen: set[tuple[str, str]] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise SigmaFileError(
                        path, _line(key), f"key {key.value!r} stands twice", "keep one of them"
                    )
                seen.add((key.tag, key.value))
            _refuse_repeated_keys(value, path, visited)


def _entry(node: yaml.Node, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    for name, value in node.value:
        if isinstance(name, yaml.ScalarNode) and name.value == key:
            return name, value
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
