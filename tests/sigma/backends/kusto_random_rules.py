"""Strategies for random Sigma rules on the fields of `kusto_random_rows`."""

from __future__ import annotations

from hypothesis import strategies as st
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import ValueListPlaceholderTransformation
from sigma.rule import SigmaRule

from tests.sigma.backends.kusto_random_rows import GUIDS, NUMBERS, REALS, TEXTS

_PLACEHOLDERS = {"names": ["a", "ab*", "5"], "paths": [r"\a\b.exe", "10.0.0.1"]}
_GUID_PARTS: st.SearchStrategy[object] = st.sampled_from(
    [*GUIDS, GUIDS[0].upper(), "6F", "-0000", "0a"]
)
_PATTERNS = st.builds(
    lambda parts: "".join(parts),
    st.lists(
        st.sampled_from(["*", "?", "a", "B", "ab", r"\*", r"\\", "5", ".", '"', ",", "exe", "\n"]),
        min_size=1,
        max_size=4,
    ),
)
_WORDS = st.one_of(st.sampled_from(TEXTS), _PATTERNS)
_MODIFIERS = st.sampled_from(
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
_EXPRESSIONS = st.sampled_from(
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
)
_NETWORKS = st.sampled_from(
    ["10.0.0.0/8", "192.168.0.0/28", "192.168.0.8/29", "fe80::/16", "2001:db8::/32", "::/0"]
)
_VALUES: st.SearchStrategy[object] = st.one_of(
    st.sampled_from(NUMBERS), st.sampled_from(REALS), st.booleans(), st.sampled_from(TEXTS)
)

Item = tuple[str, object]


def _named(fields: list[str], modifiers: list[str]) -> st.SearchStrategy[str]:
    return st.builds("{}{}".format, st.sampled_from(fields), st.sampled_from(modifiers))


def _listed(values: st.SearchStrategy[object]) -> st.SearchStrategy[list[object]]:
    return st.lists(values, min_size=1, max_size=3)


_TEXT_FIELDS = ["s", "u", "d", "leaf", "json", "leafa"]
_ALL = ["s", "n", "i", "r", "b", "d", "g", "l", "leaf", "leafn", "leafa", "json", "jsonn"]
_ITEMS: st.SearchStrategy[Item] = st.one_of(
    st.tuples(st.builds("{}{}".format, st.sampled_from(_TEXT_FIELDS), _MODIFIERS), _listed(_WORDS)),
    st.tuples(st.sampled_from(_ALL), _listed(_VALUES)),
    st.tuples(_named(["g"], ["", "|cased", "|startswith", "|contains"]), _listed(_GUID_PARTS)),
    st.tuples(_named([*_ALL[:-1], "u"], ["|gt", "|lte", "|lt", "|gte"]), st.sampled_from(NUMBERS)),
    st.tuples(_named([*_ALL, "t"], ["|exists"]), st.booleans()),
    st.tuples(st.sampled_from([*_ALL, "t"]), st.none()),
    st.tuples(st.sampled_from(["n", "i", "r", "b", "t", "leafn", "leafa"]), st.just("*")),
    st.tuples(_named(["s", "n", "b", "d", "leaf", "json"], ["|cidr"]), _NETWORKS),
    st.tuples(
        _named(
            ["s", "u", "n", "d", "leaf", "json", "leafa"],
            ["|fieldref", "|fieldref|startswith", "|fieldref|endswith", "|fieldref|contains"],
        ),
        st.sampled_from(["u", "s", "n", "i", "r", "b", "d", "g", "leaf", "jsonn", "leafa"]),
    ),
    st.tuples(
        _named(["s", "d", "leaf", "json", "leafa"], ["|re", "|re|i", "|re|s", "|re|m"]),
        _EXPRESSIONS,
    ),
    st.tuples(_named(["n", "i", "b", "g", "l", "leafn"], ["|re"]), _EXPRESSIONS),
    st.tuples(_named(["s", "n", "d", "json"], ["|neq"]), st.sampled_from(["a", "5", "a*"])),
    st.tuples(_named(["n", "r", "b", "l", "leafn"], ["|neq"]), st.sampled_from([5, 1.5, True])),
    st.tuples(
        _named(["s", "d", "leaf"], ["|expand", "|expand|contains", "|expand|all"]),
        st.sampled_from(["%names%", "%paths%", r"C:%paths%"]),
    ),
)
_SELECTION: st.SearchStrategy[object] = st.lists(_ITEMS, min_size=1, max_size=2).map(dict)
_KEYWORDS: st.SearchStrategy[object] = st.one_of(
    # No keyword stands in the text of an instant: a datetime column has none to look in.
    st.sampled_from(["ab", "A?B", "exe", "a*b", "zzz", 100, -1]).map(lambda word: [word]),
    st.sampled_from(["ab.?e", "^a$"]).map(lambda pattern: {"|re": pattern}),
    st.just({"|all": ["a", "b"]}),
)
_DETECTION = st.integers(0, 15).flatmap(lambda number: _SELECTION if number else _KEYWORDS)
_CONDITIONS = st.sampled_from(
    [
        "one and two",
        "one or two",
        "one and not two",
        "not one",
        "not (one or two)",
        "not (one and two)",
    ]
)


def _rule(one: object, two: object, condition: str) -> SigmaRule | None:
    """Return the rule; None where pySigma itself refuses the combination."""
    detection = {"one": one, "two": two, "condition": condition}
    document = {"title": "A rule", "logsource": {"category": "test"}, "detection": detection}
    try:
        rule = SigmaRule.from_dict(document)
        items = [ProcessingItem(ValueListPlaceholderTransformation())]
        ProcessingPipeline(items, vars=dict(_PLACEHOLDERS)).apply(rule)
    except SigmaError:
        return None
    return rule


RULES: st.SearchStrategy[SigmaRule | None] = st.builds(_rule, _DETECTION, _DETECTION, _CONDITIONS)
"""Rules whose placeholders have their values."""
