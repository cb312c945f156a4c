"""The predicate that a condition lowers to means what the interpreter makes of the text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from converter.errors import Unsupported
from converter.ir import FieldType, Schema, Truth
from converter.languages.esql import lower_where, parse
from converter.languages.esql.syntax import Where
from harness.engines.esql.source import EventSource
from harness.engines.esql.table import tabulate
from harness.engines.predicate import evaluate
from harness.events.event import Dataset, Document, Event

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_SCHEMA = Schema(
    {
        "k": FieldType.KEYWORD,
        "t": FieldType.TEXT,
        "n": FieldType.LONG,
        "d": FieldType.DOUBLE,
        "b": FieldType.BOOLEAN,
        "i": FieldType.IP,
        "at": FieldType.DATE,
    }
)
# fmt: off
_VALUES: dict[str, list[object]] = {
    "k": ["a", "A", "b", "ab", "aBk", "\u212a", "k", "", "true", "5", "a*", "x\ny", 5, True],
    "t": ["a", "ab", "A b", "", "a*"],
    "n": [0, 1, 5, 7, -3, "5"],
    "d": [0.0, 1.5, 5.0, -2.25, 5],
    "b": [True, False, "true", "false"],
    "i": ["10.0.0.1", "10.0.0.2", "192.168.0.1", "::1", "::ffff:10.0.0.1"],
    "at": ["2026-01-01T00:00:00Z", "2025-12-31T23:59:59.999Z", "2026-01-01", 1767225600000],
}
_LITERALS = {
    "k": ['"a"', '"A"', '"ab"', '"k"', '""', '"5"', '"true"', '"""a*"""'],
    "t": ['"a"', '"ab"', '"A b"'],
    "n": ["0", "5", "-3", "5.5", "7"],
    "d": ["1.5", "5", "-2.25"],
    "b": ["true", "false", '"true"'],
    "i": ['"10.0.0.1"', '"::1"', 'TO_IP("10.0.0.2")', '"192.168.0.1"::ip'],
    "at": ['"2026-01-01T00:00:00.000Z"', '"2026-01-01"', 'TO_DATETIME("2025-12-31T00:00:00Z")'],
}
_PATTERNS = ['"a*"', '"?"', '"*"', '"**"', '"a"', '"*b*"', '("a", "?b")', '("x*", "*")', '"""a\\*"""']
_EXPRESSIONS = ['"a.*"', '".*"', '"[a-c]+"', '("a", "ab?")', '"x.y"', '"\\\\w+"']
_SEPARATORS = ['"|"', '"a"', '""', '"\u241f"']
_ENCODED = ['"a"', '"k"', '"A"', '"%e2%84%aa"', '"%E2%84%AA"', '"x%0ay"', '"a*"', '"a%2a"', '"+"', '"%zz"']
# fmt: on


def _documents() -> st.SearchStrategy[dict[str, object]]:
    """Return documents whose values are distinct: an index keeps a keyword once."""
    fields = {
        name: st.one_of(
            st.sampled_from(values),
            st.lists(st.sampled_from(values), max_size=3, unique_by=_indexed(name)),
            st.none(),
        )
        for name, values in _VALUES.items()
    }
    return st.fixed_dictionaries({}, optional=fields)


def _indexed(name: str) -> Callable[[object], str]:
    """Return what makes two values the same for an index."""

    def key(value: object) -> str:
        if name == "k":
            return str(value).lower() if isinstance(value, bool) else str(value)
        if name == "i":
            return str(value).removeprefix("::ffff:")
        return str(value)

    return key


@st.composite
def _leaves(draw: st.DrawFn) -> str:
    field = draw(st.sampled_from(sorted(_VALUES)))
    literal = draw(st.sampled_from([*_LITERALS[field], "null"]))
    others = draw(st.lists(st.sampled_from([*_LITERALS[field], "null"]), min_size=1, max_size=3))
    forms = [
        f"{field} == {literal}",
        f"{field} != {literal}",
        f"{literal} == {field}",
        f"{field} IN ({', '.join(others)})",
        f"{field} NOT IN ({', '.join(others)})",
        f"{field} IS NULL",
        f"{field} IS NOT NULL",
        f"({field} == {literal}) IS NULL",
    ]
    if field != "b":
        sign = draw(st.sampled_from(["<", "<=", ">", ">="]))
        forms += [f"{field} {sign} {literal}", f"{literal} {sign} {field}"]
        if field in "nd":
            forms += [f"MV_MAX({field}) {sign} {literal}", f"MV_MIN({field}) {sign} {literal}"]
    if field in "kt":
        forms += [
            f"{field} LIKE {draw(st.sampled_from(_PATTERNS))}",
            f"{field} RLIKE {draw(st.sampled_from(_EXPRESSIONS))}",
            f"{field} NOT LIKE {draw(st.sampled_from(_PATTERNS))}",
            f"TO_LOWER({field}) == {literal}",
            f"TO_LOWER({field}) IN ({', '.join(others)})",
            f'{draw(st.sampled_from(["STARTS_WITH", "ENDS_WITH", "CONTAINS"]))}({field}, "a")',
            f"TO_LOWER(URL_ENCODE({field})) == {draw(st.sampled_from(_ENCODED))}",
            f"MV_CONTAINS(TO_LOWER({field}), {literal})",
            f"MV_CONTAINS(TO_LOWER(URL_ENCODE({field})), {draw(st.sampled_from(_ENCODED))})",
            f"MV_CONCAT({field}, {draw(st.sampled_from(_SEPARATORS))}) LIKE {draw(st.sampled_from(_PATTERNS))}",
            f"MV_FIRST({field}) RLIKE {draw(st.sampled_from(_EXPRESSIONS))}",
        ]
    if field in "ki":
        sign = draw(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]))
        forms += [f"MV_COUNT({field}) {sign} {draw(st.integers(-1, 3))}"]
    if field in "kti":
        forms.append(f"MV_CONTAINS({field}, {literal})")
    if field == "k":
        expression = draw(st.sampled_from(_EXPRESSIONS))
        forms += [
            f"MV_CONCAT(k, {draw(st.sampled_from(_SEPARATORS))}) RLIKE {expression}",
            f"MV_MIN(k) LIKE {draw(st.sampled_from(_PATTERNS))}",
        ]
        forms += ['MV_CONTAINS(k, ["a", "b"])', 'KQL("k: a*")', 'QSTR("k:a OR n:5")']
    if field == "b":
        forms += ["b", "b == true", "MV_CONTAINS(b, true)", 'MV_CONTAINS(TO_STRING(b), "true")']
    if field == "i":
        forms += ['CIDR_MATCH(i, "10.0.0.0/8")', 'CIDR_MATCH(i, "10.0.0.2", "::/64")']
        forms += [
            'CIDR_MATCH(MV_FIRST(i), "10.0.0.2/31")',
            'MV_CONCAT(TO_STRING(i), " ") RLIKE "(.* )?10\\\\..*"',
        ]
    return draw(st.sampled_from(forms))


def _conditions() -> st.SearchStrategy[str]:
    return st.recursive(
        _leaves(),
        lambda inner: st.one_of(
            inner.map(lambda one: f"NOT ({one})"),
            inner.map(lambda one: f"COALESCE({one}, false)"),
            inner.map(lambda one: f"COALESCE({one}, true)"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]}) AND ({two[1]})"),
            st.tuples(inner, inner).map(lambda two: f"({two[0]}) OR ({two[1]})"),
        ),
        max_leaves=4,
    )


@settings(max_examples=1500, deadline=None)
@given(condition=_conditions(), document=_documents())
@example(condition='k LIKE "*"', document={"k": ["a", "b"]})
@example(condition='NOT k LIKE "*"', document={})
@example(condition='TO_LOWER(k) == "k"', document={"k": "\u212a"})
@example(condition="k IN (null)", document={"k": "a"})
@example(condition="COALESCE(b, false)", document={"b": [True, False]})
def test_lowered_condition_agrees_with_the_interpreter(condition: str, document: Document) -> None:
    command = parse(f"FROM x | WHERE {condition}").commands[0]
    assert isinstance(command, Where)
    try:
        predicate = lower_where(command.condition, _SCHEMA)
    except Unsupported:
        return
    assert evaluate(predicate, document) == _interpreted(condition, document)


def _interpreted(condition: str, document: Document) -> Truth:
    """Return the truth of a condition; WHERE keeps the row where it is what CASE asks for."""
    if _keeps(condition, document):
        return True
    return False if _keeps(f"NOT ({condition})", document) else None


def _keeps(condition: str, document: Document) -> bool:
    event = Event("1", _NOW, _NOW, document)
    source = EventSource(Dataset((event,), _SCHEMA))
    return len(tabulate(f"FROM x | WHERE {condition}", source, _NOW).rows) == 1
