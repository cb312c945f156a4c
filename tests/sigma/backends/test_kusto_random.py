"""Random rules on random typed rows: Sigma's evaluator and the Kusto text agree on every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from converter.ir import ALWAYS, FieldType, Filter, Schema
from converter.languages.kusto import check, lint
from converter.languages.sigma import lower
from harness.engines.kusto_store import EVENT_COLUMN, Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN, executable
from harness.engines.predicate import evaluate
from sigma.sigmaproof.loader import LoadedRules
from sigma.sigmaproof.tables import Column, ColumnType, Table
from tests.sigma.backends.kusto_table import rendered

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TYPES: Mapping[str, ColumnType] = {
    "s": "string",
    "u": "string",
    "n": "long",
    "i": "int",
    "r": "real",
    "b": "bool",
    "d": "dynamic",
    "g": "guid",
    "t": "datetime",
}
SCHEMA = Schema(
    {
        "n": FieldType.LONG,
        "i": FieldType.LONG,
        "r": FieldType.DOUBLE,
        "b": FieldType.BOOLEAN,
        "t": FieldType.DATE,
    },
    frozenset("sunirbgt"),
)
COLUMNS = {name: Column(name, kind) for name, kind in TYPES.items()}

TEXTS = [
    "a", "A", "ab", "aB", "b a", "a*b", "a?b", r"a\b", r"C:\a\b.exe", 'say "a"', "a\nb", "5", "-1", "1.5",
    "true", "False", "10.0.0.1", "192.168.0.9", "fe80::1", "a,b", "[a]", "a_b-c", "%a%", "'", "(a|b)", "a\0b", "É", "-a b",
    "bWltaWthdHo=", "{0}", "where", "//", "日本", "2001:db8::5", "::ffff:1", "\t", "a\\", "&~", "null",
]  # fmt: skip
NUMBERS = [0, 1, 5, -1, 22, 100]
GUIDS = ["6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11", "00000000-0000-0000-0000-00000000000a"]
GUID_PARTS: st.SearchStrategy[object] = st.sampled_from(
    [*GUIDS, GUIDS[0].upper(), "6F", "-0000", "0a"]
)
INSTANTS = [datetime(2024, 6, 1, tzinfo=UTC), datetime(2025, 1, 1, 12, 30, tzinfo=UTC)]
_NO_LOSS = {"never-holds", "keyword-columns"}
"""Codes of notes after which the text still means what the rule means."""
REALS = [0.0, 1.5, 5.0, -2.25]
PATTERNS = st.builds(
    lambda parts: "".join(parts),
    st.lists(
        st.sampled_from(["*", "?", "a", "B", "ab", r"\*", r"\\", "5", ".", '"', ",", "exe", "\n"]),
        min_size=1,
        max_size=4,
    ),
)
WORDS = st.one_of(st.sampled_from(TEXTS), PATTERNS)
MODIFIERS = st.sampled_from(
    [
        "",
        "|cased",
        "|contains",
        "|startswith",
        "|endswith|cased",
        "|contains|all",
        "|contains|cased",
        "|all",
        "|windash|contains",
        "|base64offset|contains",
        "|neq",
        "|contains|neq",
    ]
)


VALUES: st.SearchStrategy[object] = st.one_of(
    st.sampled_from(NUMBERS), st.sampled_from(REALS), st.booleans(), st.sampled_from(TEXTS)
)


def listed(values: st.SearchStrategy[object]) -> st.SearchStrategy[list[object]]:
    return st.lists(values, min_size=1, max_size=3)


ITEMS: st.SearchStrategy[tuple[str, object]] = st.one_of(
    st.tuples(st.builds("{}{}".format, st.sampled_from("sud"), MODIFIERS), listed(WORDS)),
    st.tuples(st.sampled_from("snirbdg"), listed(VALUES)),
    st.tuples(st.sampled_from(["g", "g|cased", "g|startswith", "g|contains"]), listed(GUID_PARTS)),
    st.tuples(
        st.builds(
            "{}|{}".format, st.sampled_from("snirbg"), st.sampled_from(["gt", "lte", "lt", "gte"])
        ),
        st.sampled_from(NUMBERS),
    ),
    st.tuples(st.builds("{}|exists".format, st.sampled_from("snirbdgt")), st.booleans()),
    st.tuples(st.sampled_from("snirbdgt"), st.none()),
    st.tuples(st.sampled_from("nirbt"), st.just("*")),
    st.tuples(
        st.sampled_from(["s|cidr", "n|cidr", "b|cidr"]),
        st.sampled_from(["10.0.0.0/8", "192.168.0.0/28", "fe80::/16", "2001:db8::/32", "::/0"]),
    ),
    st.tuples(st.just("d|cidr"), st.sampled_from(["10.0.0.0/8", "192.168.0.8/29", "10.0.0.1/32"])),
    st.tuples(
        st.sampled_from(
            [
                "s|fieldref",
                "s|fieldref|startswith",
                "u|fieldref|endswith",
                "s|fieldref|contains",
                "n|fieldref",
            ]
        ),
        st.sampled_from("uuunirbdg"),
    ),
    st.tuples(st.just("d|fieldref"), st.sampled_from("sun")),
    st.tuples(
        st.sampled_from(["s|re", "s|re|i", "s|re|s", "s|re|m", "n|re", "i|re", "b|re", "g|re"]),
        st.sampled_from(
            [
                "a.?b",
                "^a",
                r"\d+$",
                "[^a-c]",
                r"\\b",
                "x*",
                "(a|B)+",
                r"\.exe$",
                "^$",
                "a.b",
                "^b",
                r"[\w&~-]+\s",
                r"\W",
                "[]a]",
            ]
        ),
    ),
    st.tuples(st.sampled_from(["s|neq", "n|neq", "d|neq"]), st.sampled_from(["a", "5", "a*"])),
    st.tuples(st.sampled_from(["n|neq", "r|neq", "b|neq"]), st.sampled_from([5, 1.5, True])),
)
# No keyword stands in the text of an instant: a datetime column has none to look in.
KEYWORDS: st.SearchStrategy[list[object]] = st.lists(
    st.one_of(st.sampled_from(["ab", "A?B", "exe", "a*b", "zzz"]), st.sampled_from([100, -1])),
    min_size=1,
    max_size=2,
)
SELECTION: st.SearchStrategy[object] = st.one_of(
    st.lists(ITEMS, min_size=1, max_size=3).map(dict),
    st.lists(ITEMS, min_size=1, max_size=3).map(dict),
    st.lists(ITEMS, min_size=1, max_size=3).map(dict),
    KEYWORDS,
)
CONDITION = st.sampled_from(
    [
        "one and two",
        "one or two",
        "one and not two",
        "not one",
        "not (one or two)",
        "not (one and two)",
    ]
)


def rule_of(one: object, two: object, condition: str) -> SigmaRule | None:
    """Return the rule; None where pySigma itself refuses the combination."""
    try:
        return SigmaRule.from_dict(
            {
                "title": "A rule",
                "logsource": {"category": "test"},
                "detection": {"one": one, "two": two, "condition": condition},
            }
        )
    except SigmaError:
        return None


def random_rows() -> list[dict[str, object]]:
    """Return rows in which about every third cell is empty."""
    chance = Random(7)
    pools: dict[str, list[object]] = {
        "s": [*TEXTS],
        "u": [*TEXTS],
        "n": [*NUMBERS],
        "r": [*REALS],
        "i": [*NUMBERS],
        "b": [True, False],
        "g": [*GUIDS],
        "t": [*INSTANTS],
    }
    rows: list[dict[str, object]] = []
    for _ in range(150):
        row: dict[str, object] = {name: chance.choice(pool) for name, pool in pools.items()}
        row["d"] = chance.sample(TEXTS, chance.randint(0, 3))
        rows.append({name: value for name, value in row.items() if chance.random() < 0.7})
    return rows


ROWS = random_rows()
DOCUMENTS = [
    {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }
    for row in ROWS
]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    columns = {**TYPES, INGESTION_COLUMN: "datetime", EVENT_COLUMN: "string"}
    cells = [
        [
            *(row.get(name, "" if kind == "string" else None) for name, kind in TYPES.items()),
            NOW,
            str(n),
        ]
        for n, row in enumerate(ROWS)
    ]
    with Store([StoredTable("T", columns, cells)]) as opened:
        yield opened


def found_by_kusto(store: Store, text: str) -> set[int]:
    result = store.query(executable(text).text, NOW)
    place = result.columns.index(EVENT_COLUMN)
    return {int(str(row[place])) for row in result.rows}


@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(one=SELECTION, two=SELECTION, condition=CONDITION)
def test_random_rules_find_the_same_rows_as_sigma(
    store: Store, one: object, two: object, condition: str
) -> None:
    rule, again = rule_of(one, two, condition), rule_of(one, two, condition)
    if rule is None or again is None:
        return
    try:
        text, notes = rendered(rule, Table("T", id=None, columns=COLUMNS))
    except SigmaError:
        return  # refusals are tested by cases
    if {code for code, _ in notes} - _NO_LOSS:
        return  # a loss that is said
    plan = lower(LoadedRules(SigmaCollection([again])), {}, ALWAYS, SCHEMA)
    assert isinstance(plan, Filter)
    expected = {n for n, row in enumerate(DOCUMENTS) if evaluate(plan.predicate, row) is True}
    assert found_by_kusto(store, text) == expected, text
    tables = {"T": {**TYPES, "TimeGenerated": "datetime"}}
    assert check(text, tables) + lint(text, tables) == ()
