"""Compiles the search functions: KQL, QSTR, MATCH and `:` (ESQL-24).

They ask the index, so that any value of a field is enough and the answer is never null; hence they
stand in WHERE only, on rows that still are documents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from converter.diagnostic import Span
from converter.errors import QuerySyntaxError
from converter.ir import FieldType, Predicate, Schema
from converter.languages import kuery, lucene
from converter.languages.esql.syntax import Call, Column, Command, Limit, Search, Sort, Stats, Where
from converter.languages.kuery import ast
from converter.languages.kuery.words import has_any_word
from harness.engines.predicate import evaluate

from .compiled import Compiled, Context, Evaluate, Row
from .expressions import Compiler
from .scope import Scope
from .source import Source
from .types import Cell, Type

_WHOLE_QUERIES: dict[str, Callable[[str, Schema], Predicate]] = {
    "KQL": lambda text, schema: kuery.lower(kuery.parse(text), schema),
    "QSTR": lambda text, schema: lucene.lower(lucene.parse(text), schema),
}


class WhereCompiler(Compiler):
    """Compiles the condition of a WHERE, search functions included."""

    def __init__(
        self, context: Context, scope: Scope, source: Source, before: Sequence[Command]
    ) -> None:
        super().__init__(context, scope)
        self._source = source
        self._before = before

    def special_call(self, call: Call) -> Compiled | None:
        """Compile a search function; None for any other."""
        if call.function in _WHOLE_QUERIES:
            return self._whole_query(call)
        if call.function == "MATCH":
            return self._match_call(call)
        return None

    def search(self, search: Search) -> Compiled:
        """Compile `column : value`."""
        return self._match(search.column, self.compile(search.value), search.span)

    def _whole_query(self, call: Call) -> Compiled:
        blocking = next((c for c in self._before if not isinstance(c, Where | Sort)), None)
        if blocking is not None:
            return self._context.problem(
                f"[{call.function}] cannot be used after {_name(blocking)}", call.span
            )
        text = self._text(call)
        if text is None:
            return self._context.problem(f"{call.function} takes one constant string", call.span)
        try:
            predicate = _WHOLE_QUERIES[call.function](text, self._source.schema)
        except QuerySyntaxError as error:
            return self._context.problem(
                f"the text of [{call.function}] does not parse: {error}", call.span
            )
        return Compiled(Type.BOOLEAN, self._asking(predicate))

    def _text(self, call: Call) -> str | None:
        if len(call.arguments) != 1:
            return None
        argument = self.compile(call.arguments[0])
        value = argument.evaluate(()) if argument.is_constant else None
        return value if isinstance(value, str) else None

    def _match_call(self, call: Call) -> Compiled:
        match call.arguments:
            case (Column() as column, value):
                return self._match(column, self.compile(value), call.span)
            case _:
                return self._context.problem(
                    "MATCH takes the name of a column and a constant", call.span
                )

    def _match(self, column: Column, value: Compiled, span: Span) -> Compiled:
        blocking = next((c for c in self._before if isinstance(c, Limit | Stats)), None)
        if blocking is not None:
            return self._context.problem(
                f"[{self._context.source(span)}] cannot be used after {_name(blocking)}", span
            )
        found = self.compile(column)
        wanted = value.evaluate(()) if value.is_constant else None
        if found.type is Type.BROKEN or value.type is Type.BROKEN:
            return found
        if not self._is_field(column.name) or wanted is None or isinstance(wanted, tuple):
            return self._context.problem(
                f"[{self._context.source(span)}] needs a field of the index and a constant", span
            )
        text = str(wanted).lower() if isinstance(wanted, bool) else str(wanted)
        return Compiled(Type.BOOLEAN, self._asking(self._equality(column.name, text)))

    def _is_field(self, name: str) -> bool:
        """Say whether a column still is the field that FROM read."""
        place = self._scope.find(name)
        return place is not None and place.is_field

    def _equality(self, field: str, text: str) -> Predicate:
        if self._source.schema.type_of(field) is FieldType.TEXT:
            return has_any_word(field, text)
        quoted = ast.Is(ast.Text(field, is_quoted=True), ast.Text(text, is_quoted=True))
        return kuery.lower(quoted, self._source.schema)

    def _asking(self, predicate: Predicate) -> Evaluate:
        document = self._source.document

        def evaluate_row(row: Row) -> Cell:
            number = row[0]
            assert isinstance(number, int), "the row still is a document"
            return evaluate(predicate, document(number)) is True

        return evaluate_row


def _name(command: Command) -> str:
    return type(command).__name__.upper()
