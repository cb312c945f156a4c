"""Source text of a generated function, and how it reads the fields of a document.

A field is held in a local variable as a `FieldValue`. Text of a rule enters the source only by `repr`
of a string or as a named constant, never as code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from converter.ir import Case, Value
from converter.ir.values import fold
from harness.events.event import Document, values_of

FieldValue = Value | tuple[Value, ...] | None
"""The values of a field: None for no value, the value itself for one, a tuple for several."""


class Source:
    """Lines of one function body, and the constants that they name."""

    def __init__(self, constants: dict[str, object]) -> None:
        self._lines: list[str] = []
        self._constants = constants
        self._locals = 0

    def add(self, *lines: str) -> None:
        """Append lines of the function's body."""
        self._lines.extend(lines)

    def constant(self, value: object) -> str:
        """Return the name of a new constant; functions of the same module share the names."""
        name = f"k{len(self._constants)}"
        self._constants[name] = value
        return name

    def local(self) -> str:
        """Return the name of a new local variable."""
        self._locals += 1
        return f"v{self._locals}"

    def function(self, name: str) -> str:
        """Return the text of the function."""
        return "\n    ".join((f"def {name}(document):", *self._lines)) + "\n"


class Fields(Protocol):
    """Emits look-ups; a field is looked up once, where it is asked for first."""

    def value(self, path: str) -> str:
        """Return the local variable that holds the field as a `FieldValue`."""
        ...

    def unsettled(self, path: str) -> tuple[str, Sequence[str]]:
        """Look up a field, and leave it to the caller to add the lines that settle its value.

        Until then the local variable holds what stands under the field's last key, text as it is.
        """
        ...

    def folded(self, path: str, case: Case) -> str:
        """Return the local variable that holds the field's folded text, None unless it is one text."""
        ...


class ExactFields:
    """Reads every spelling of a field: dotted keys, arrays of objects.

    The whole path as one key of the root is looked up at once, as flattened logs have it.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._values: dict[str, str] = {}
        self._folds: dict[tuple[str, Case], str] = {}

    def value(self, path: str) -> str:
        """Return the local variable that holds the field as a `FieldValue`."""
        local, settling = self.unsettled(path)
        if settling:
            self._source.add(f"if {local}.__class__ is not str:")
            self._source.add(*(f"    {line}" for line in settling))
        return local

    def unsettled(self, path: str) -> tuple[str, Sequence[str]]:
        """Look up a field, and leave it to the caller to add the lines that settle its value."""
        settling: Sequence[str] = ()
        if path not in self._values:
            self._values[path], settling = self._look_up(path)
        return self._values[path], settling

    def folded(self, path: str, case: Case) -> str:
        """Return the local variable that holds the field's folded text, None unless it is one text."""
        if (path, case) not in self._folds:
            value, local = self.value(path), self._source.local()
            slow = self._source.constant(_folding(case))
            # Every folding lowers ASCII letters and touches no other ASCII character.
            text = f"{value}.lower() if {value}.isascii() else {slow}({value})"
            self._source.add(f"{local} = ({text}) if {value}.__class__ is str else None")
            self._folds[path, case] = local
        return self._folds[path, case]

    def _look_up(self, path: str) -> tuple[str, Sequence[str]]:
        local, read = self._source.local(), self._source.constant(exact_value)
        if others := [key for key in _beginnings(path) if key != path]:
            tests = " or ".join(f"{key!r} in document" for key in others)
            self._source.add(f"if {tests}: {local} = {read}(document, {path!r})")
            self._source.add(f"else: {local} = document.get({path!r})")
        else:
            self._source.add(f"{local} = document.get({path!r})")
        return local, self._settling(local)

    def _settling(self, local: str) -> Sequence[str]:
        flat = self._source.constant(flattened)
        return (
            f"if {local}.__class__ is list or {local}.__class__ is dict:",
            # One text in an array is what ECS has in `event.category` and its like.
            f"    if len({local}) == 1 and {local}.__class__ is list:",
            f"        {local} = {local}[0] if {local}[0].__class__ is str else {flat}({local})",
            f"    else: {local} = {flat}({local})",
        )


class NestedFields(ExactFields):
    """Reads fields as keys inside nested objects, which is how nearly every log spells them.

    Where a document has a dotted key on the way of a field, or an array of objects, the emitted code
    returns what `otherwise` returns for the document: no spelling is missed.
    """

    def __init__(self, source: Source, paths: Iterable[str], otherwise: str) -> None:
        super().__init__(source)
        self._otherwise = f"return {otherwise}(document)"
        # One look at the few keys of the root is cheaper than a look for each dotted key.
        dotted = frozenset(key for path in paths for key in _beginnings(path) if "." in key)
        is_plain = source.constant(dotted.isdisjoint)
        source.add(f"if not {is_plain}(document): {self._otherwise}")
        self._objects: dict[tuple[str, ...], str] = {(): "document"}
        self._excluded: set[tuple[str, str]] = set()

    def _look_up(self, path: str) -> tuple[str, Sequence[str]]:
        *way, last = path.split(".")
        self._reach(tuple(way))
        holders = [self._objects[tuple(way[:depth])] for depth in range(len(way) + 1)]
        self._exclude_dotted((*way, last), holders)
        local = self._source.local()
        self._source.add(f"{local} = {holders[-1]}.get({last!r})")
        return local, self._settling(local)

    def _reach(self, way: tuple[str, ...]) -> None:
        """Put the objects along the way into local variables, empty ones for those that are absent."""
        known = next(depth for depth in range(len(way), -1, -1) if way[:depth] in self._objects)
        steps = way[known:]
        if not steps:
            return
        start = holder = self._objects[way[:known]]
        reads = []
        for depth, step in enumerate(steps, known + 1):
            local = self._objects[way[:depth]] = self._source.local()
            reads.append(f"{local} = {holder}[{step!r}]")
            holder = local
        names = ", ".join(self._objects[way[:depth]] for depth in range(known + 1, len(way) + 1))
        find = self._source.constant(_objects_along(steps))
        self._source.add(
            f"try: {'; '.join(reads)}",
            f"except (KeyError, TypeError): {holder} = None",
            f"if {holder}.__class__ is not dict:",
            f"    found = {find}({start})",
            f"    if found is None: {self._otherwise}",
            f"    {names}, = found",
        )

    def _exclude_dotted(self, steps: tuple[str, ...], holders: list[str]) -> None:
        """Leave the function when a key such as `a.b` stands where `a` and `b` are looked up."""
        dotted = {
            (holder, ".".join(steps[depth:end])): None
            for depth, holder in enumerate(holders[1:], 1)
            for end in range(depth + 2, len(steps) + 1)
        }
        unknown = [pair for pair in dotted if pair not in self._excluded]
        if unknown:
            tests = " or ".join(f"{key!r} in {holder}" for holder, key in unknown)
            self._source.add(f"if {tests}: {self._otherwise}")
            self._excluded.update(unknown)


def _beginnings(path: str) -> Iterator[str]:
    """Yield the keys under which a path may begin: `a`, `a.b` and so on to the path itself."""
    steps = path.split(".")
    for end in range(1, len(steps) + 1):
        yield ".".join(steps[:end])


def _objects_along(
    steps: tuple[str, ...],
) -> Callable[[dict[str, object]], list[dict[str, object]] | None]:
    def find(start: dict[str, object]) -> list[dict[str, object]] | None:
        """Return the object at each step, empty from where one is missing; None at an array."""
        found = []
        node: object = start
        for step in steps:
            node = node.get(step) if isinstance(node, dict) else None
            if isinstance(node, list):
                return None
            found.append(node if isinstance(node, dict) else {})
        return found

    return find


def exact_value(document: Document, path: str) -> FieldValue:
    """Return a field as a `FieldValue`, by `values_of`."""
    return _field_value(values_of(document, path))


def flattened(node: object) -> FieldValue:
    """Return the values of what stands under a field's last key."""
    return _field_value(values_of({"value": node}, "value"))


def _field_value(values: tuple[Value, ...]) -> FieldValue:
    match values:
        case ():
            return None
        case (value,):
            return value
        case _:
            return values


def _folding(case: Case) -> Callable[[str], str]:
    return lambda text: fold(text, case)
