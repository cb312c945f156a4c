"""Parses a query: a source command and the commands behind it (ESQL-5)."""

from __future__ import annotations

from collections.abc import Callable

from .cursor import Cursor
from .expressions import condition
from .syntax import (
    Aggregate,
    Column,
    ColumnPattern,
    Command,
    Definition,
    Drop,
    Eval,
    From,
    Keep,
    Limit,
    MvExpand,
    Query,
    Rename,
    Renaming,
    Row,
    Sort,
    SortKey,
    Source,
    Stats,
    Where,
)
from .tokens import Kind, Token

_OTHER_SOURCES = frozenset({"ts", "show", "promql", "explain", "set"})
_OTHER_COMMANDS = frozenset(
    {
        *("change_point", "completion", "dissect", "enrich", "fork", "full", "fuse", "grok"),
        *("join", "lookup", "mmr", "registered_domain", "rerank", "sample", "uri_parts"),
    }
)
_NO_AS = frozenset({"as"})


def parse(text: str) -> Query:
    """Parse a query; raise `QuerySyntaxError` or, for commands outside the list, `Unsupported`."""
    cursor = Cursor(text)
    source = _source(cursor)
    commands: list[Command] = []
    while cursor.take_sign("|"):
        commands.append(_command(cursor))
    if cursor.next.kind is not Kind.END:
        raise cursor.error(f"expected '|' or the end of the query, not {cursor.found()}")
    return Query(source, tuple(commands))


def _source(cursor: Cursor) -> Source:
    keyword = cursor.take()
    match keyword.value.lower() if keyword.kind is Kind.WORD else "":
        case "from":
            return _from(cursor, keyword)
        case "row":
            return Row(_definitions(cursor), cursor.span_from(keyword.start))
        case word if word in _OTHER_SOURCES:
            raise cursor.unsupported(f"command {word.upper()}", keyword, "start with FROM or ROW")
        case _:
            raise cursor.error("a query starts with FROM or ROW", keyword)


def _from(cursor: Cursor, keyword: Token) -> From:
    sources = [cursor.take_source().value]
    while cursor.take_sign(","):
        sources.append(cursor.take_source().value)
    metadata: list[Column] = []
    if cursor.take_word("metadata"):
        metadata.append(cursor.column())
        while cursor.take_sign(","):
            metadata.append(cursor.column())
    return From(tuple(sources), tuple(metadata), cursor.span_from(keyword.start))


def _command(cursor: Cursor) -> Command:
    keyword = cursor.take()
    name = keyword.value.lower() if keyword.kind is Kind.WORD else ""
    parser = _COMMANDS.get(name)
    if parser is not None:
        return parser(cursor, keyword)
    if name in _OTHER_COMMANDS:
        raise cursor.unsupported(
            f"command {name.upper()}",
            keyword,
            "it is not among the commands that are executed here",
        )
    raise cursor.error(
        f"expected a command, one of {', '.join(word.upper() for word in _COMMANDS)}", keyword
    )


def _where(cursor: Cursor, keyword: Token) -> Where:
    return Where(condition(cursor), cursor.span_from(keyword.start))


def _eval(cursor: Cursor, keyword: Token) -> Eval:
    return Eval(_definitions(cursor), cursor.span_from(keyword.start))


def _inline(cursor: Cursor, keyword: Token) -> Stats:
    cursor.expect_word("stats")
    return _stats(cursor, keyword)


def _stats(cursor: Cursor, keyword: Token) -> Stats:
    aggregates: list[Aggregate] = []
    if not cursor.is_word("by"):
        aggregates.append(_aggregate(cursor))
        while cursor.take_sign(","):
            aggregates.append(_aggregate(cursor))
    groups: tuple[Definition, ...] = ()
    if cursor.take_word("by"):
        groups = _definitions(cursor)
    is_inline = keyword.value.lower().startswith("inline")
    return Stats(tuple(aggregates), groups, cursor.span_from(keyword.start), is_inline)


def _aggregate(cursor: Cursor) -> Aggregate:
    definition = _definition(cursor)
    where = condition(cursor) if cursor.take_word("where") else None
    return Aggregate(definition, where)


def _definitions(cursor: Cursor) -> tuple[Definition, ...]:
    found = [_definition(cursor)]
    while cursor.take_sign(","):
        found.append(_definition(cursor))
    return tuple(found)


def _definition(cursor: Cursor) -> Definition:
    start = cursor.next.start
    expression = condition(cursor)
    if isinstance(expression, Column) and cursor.take_sign("="):
        value = condition(cursor)
        return Definition(expression.name, value, cursor.span_from(start))
    written = cursor.text[start : cursor.end]
    name = expression.name if isinstance(expression, Column) else written
    return Definition(name, expression, cursor.span_from(start), is_named=False)


def _keep(cursor: Cursor, keyword: Token) -> Keep:
    return Keep(_patterns(cursor), cursor.span_from(keyword.start))


def _drop(cursor: Cursor, keyword: Token) -> Drop:
    return Drop(_patterns(cursor), cursor.span_from(keyword.start))


def _patterns(cursor: Cursor) -> tuple[ColumnPattern, ...]:
    found = [_pattern(cursor)]
    while cursor.take_sign(","):
        found.append(_pattern(cursor))
    return tuple(found)


def _pattern(cursor: Cursor) -> ColumnPattern:
    """Parse a name with `*` in it: tokens that follow each other without space."""
    start = cursor.next.start
    text = ""
    is_pattern = False
    while cursor.next.start == (cursor.end if text else start):
        token = cursor.next
        if token.kind is Kind.SIGN and token.value in ("*", "."):
            is_pattern = is_pattern or token.value == "*"
        elif token.kind not in (Kind.WORD, Kind.QUOTED_NAME, Kind.INTEGER, Kind.DECIMAL):
            break
        text += cursor.take().value
    if not text:
        raise cursor.error(f"expected the name of a column, not {cursor.found()}")
    return ColumnPattern(text, cursor.span_from(start), is_pattern)


def _rename(cursor: Cursor, keyword: Token) -> Rename:
    renamings = [_renaming(cursor)]
    while cursor.take_sign(","):
        renamings.append(_renaming(cursor))
    return Rename(tuple(renamings), cursor.span_from(keyword.start))


def _renaming(cursor: Cursor) -> Renaming:
    """Parse `old AS new` or `new = old`; AS is a keyword here only."""
    first = cursor.column(_NO_AS)
    if cursor.take_sign("="):
        return Renaming(cursor.column(_NO_AS), first)
    cursor.expect_word("as")
    return Renaming(first, cursor.column(_NO_AS))


def _sort(cursor: Cursor, keyword: Token) -> Sort:
    keys = [_sort_key(cursor)]
    while cursor.take_sign(","):
        keys.append(_sort_key(cursor))
    return Sort(tuple(keys), cursor.span_from(keyword.start))


def _sort_key(cursor: Cursor) -> SortKey:
    expression = condition(cursor)
    is_descending = cursor.take_word("asc", "desc") == "desc"
    nulls_first = is_descending  # ESQL-17
    if cursor.take_word("nulls"):
        order = cursor.take_word("first", "last")
        if order is None:
            raise cursor.error(f"expected FIRST or LAST, not {cursor.found()}")
        nulls_first = order == "first"
    return SortKey(expression, is_descending, nulls_first)


def _limit(cursor: Cursor, keyword: Token) -> Limit:
    if cursor.next.kind is not Kind.INTEGER:
        raise cursor.error(f"LIMIT takes a whole number, not {cursor.found()}")
    return Limit(int(cursor.take().value), cursor.span_from(keyword.start))


def _mv_expand(cursor: Cursor, keyword: Token) -> MvExpand:
    return MvExpand(cursor.column(), cursor.span_from(keyword.start))


_COMMANDS: dict[str, Callable[[Cursor, Token], Command]] = {
    "where": _where,
    "eval": _eval,
    "stats": _stats,
    "inline": _inline,
    "inlinestats": _stats,
    "keep": _keep,
    "drop": _drop,
    "rename": _rename,
    "sort": _sort,
    "limit": _limit,
    "mv_expand": _mv_expand,
}
