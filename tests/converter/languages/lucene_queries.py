"""Random queries of Lucene and random documents whose values they may meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, product

from hypothesis import strategies as st

Documents = Sequence[Mapping[str, object]]

TYPES = {"k": "keyword", "n": "long", "r": "double", "b": "boolean", "i": "ip", "t": "text"}
"""Types of the fields of `typed_queries`, which always name a field."""
KEYWORDS = {"v": "keyword", "w": "wildcard", "o.x": "constant_keyword"}
"""Types of the fields of `loose_texts`, which may ask all fields; they hold text only (LUCENE-15)."""

_TEXTS = (
    "", "a", "A", "b", "aa", "ab", "a b", "*", "a*", "a?b", "AND", "TO", ">5", "=", "-", "é", "~", "😀",
    "\ue000", "a\\b", "a/b", 'q"q', "(a)", "a\nb", "\ta", "012", "x:y",
)  # fmt: skip
_NUMBERS = (
    "5", "-5", "+5", "05", "5.0", "5e0", "4.5", "-4.5", "0.5", "-0.5", ".5", "5.", "9223372036854775807",
    "9223372036854775808", "1e19", "-1e19", "9007199254740993.0", "abc", "5x", "1_0", "",
)  # fmt: skip
_ADDRESSES = (
    "10.1.2.3", "10.1.2.3/8", "10.0.0.0/33", "10.1.2.3/08", "10.1.2.3/", "10.1.2.3/255.0.0.0", "010.1.2.3",
    "0.0.0.0/0", "255.255.255.255", "1.2.3", "::", "::/0", "::1/128", "2001:DB8::1", "2001:db8::/32",
    "::ffff:10.1.2.3", "::ffff:10.1.2.3/104", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "x",
)  # fmt: skip
_TRUTHS = ("true", "false", "TRUE", "1", "t", "")
_SENTENCES = ("fox", "Quick fox", "fox-hound", "brown", "-", "!?", "", "é", "a b c")
_ASKED: Mapping[str, Sequence[str]] = {
    "k": _TEXTS,
    "n": _NUMBERS,
    "r": _NUMBERS,
    "b": _TRUTHS,
    "i": _ADDRESSES,
    "t": _SENTENCES,
}
_HELD: Mapping[str, Sequence[object]] = {
    "k": (*_TEXTS, 5, 5.5, True),
    "n": (5, -5, 0, 4, 50, "5", "-5", 2**63 - 1, 9007199254740993),
    "r": (5, 5.0, 4.5, -4.5, 0.5, "4.5", 100.25),
    "b": (True, False, "true", "false"),
    "i": ("10.1.2.3", "10.255.0.1", "192.168.0.1", "2001:db8::1", "::1", "::ffff:10.1.2.3", "::"),
    "t": ("fox", "The Quick fox", "quick brown fox", "brown", "Fox hound", "a b c", "é"),
}
_EXPRESSIONS = (
    *"aab.*+?|()[]{}-^$\\\"@<>012, é",
    "[a-b]", "[^a]", "{1,2}", "{2}", "<1-12>", "(a|b)", "()", r"\/", r"\.", r"\\", '"a"', "[-a]",
)  # fmt: skip
_PIECES = (
    "AND", "OR", "NOT", "&&", "||", "!", "+", "-", "(", ")", "v:", "w:", "o.x:", "*:", "_exists_:", "a", "b",
    "é", "1", '"a b"', '"a"', '"*"', "a*", "?", "*", "\\", r"\u0061", "/a/", "/", "[a-b]", "[a TO b]", "[", "{",
    "]", "}", "TO", " TO ", "[a\n", '["a"b TO ', "^2", "~", ">", "<=", "<", "=", '"', ".", "|", "&", "@", "#",
    " ", " ", " ", "\t", "\n", "\u3000",
)  # fmt: skip


def documents_of(types: Mapping[str, str]) -> st.SearchStrategy[Documents]:
    """Return some documents with none, one or several values in each field."""
    fields = {name: _values(_HELD.get(name, _TEXTS)) for name in types}
    return st.lists(st.fixed_dictionaries({}, optional=fields), min_size=6, max_size=10)


def _values(held: Sequence[object]) -> st.SearchStrategy[object]:
    one = st.sampled_from(held)
    return one | one | st.lists(one, max_size=3) | st.none()


def loose_texts() -> st.SearchStrategy[str]:
    """Return any pieces in a row: most are no queries."""
    return st.lists(st.sampled_from(_PIECES), min_size=1, max_size=9).map("".join)


def typed_queries() -> st.SearchStrategy[str]:
    """Return queries of every form on fields of every type, three levels deep at most."""
    leaves = st.sampled_from([leaf for field in _ASKED for leaf in _leaves(field)])
    level = st.builds(str.format, st.sampled_from(_levels()), leaves, leaves, leaves)
    group = level.map("({})".format)
    operand = leaves | group
    upper = st.builds(str.format, st.sampled_from(_levels()), operand, operand, operand)
    return leaves | level | upper


def expressions() -> st.SearchStrategy[str]:
    """Return a regular expression on the field k; a third of them Lucene cannot read."""
    items = st.lists(st.sampled_from(_EXPRESSIONS), max_size=6).map("".join)
    return st.builds("k:/{}{}/".format, st.sampled_from(["", "", "~"]), items)


def _levels() -> list[str]:
    """Return every way to write up to three clauses on a level, with a place for each."""
    signs = ("", "", "NOT ", "-", "+", "!")
    joints = (" ", " AND ", " OR ", "\t&& ", " ||\n")
    one = [f"{sign}{{0}}" for sign in signs]
    two = ["".join(parts) + "{1}" for parts in product(one, joints, signs)]
    return one + two + ["".join(parts) + "{2}" for parts in product(two, joints, signs)]


def _leaves(field: str) -> Iterator[str]:
    """Yield every leaf on a field that its type has an answer for."""
    asked = _ASKED[field]
    values = [*map(_quoted, asked), *(_escaped(text) for text in asked if text)]
    yield from (f"_exists_:{field}", f"{field}:*", f"{field}:/a.*/")
    yield from (f"{field}:{value}" for value in values)
    yield from (
        f"{field}:({one} {joint}{other})"
        for one, joint, other in zip(
            values, cycle(("", "AND ", "OR ", "OR NOT ", "-", "+")), values[1:], strict=False
        )
    )
    if field in ("t", "b"):
        return  # no patterns on text, no ranges on text and booleans
    bare = [_escaped(text) for text in asked if text]
    yield from (f"{field}:{pattern}" for text in bare for pattern in (f"{text}*", f"?{text}*"))
    yield from (f"{field}:{sign}{text}" for sign in ("<", ">", "<=", ">=") for text in bare)
    ends = [end for end in (*values, "*") if end != '""' or field != "k"]
    brackets = cycle(("[]", "{}", "[}", "{]"))
    pairs = zip(ends, [*ends[7:], *ends[:7]], brackets, strict=False)
    yield from (f"{field}:{both[0]}{low} TO {high}{both[1]}" for low, high, both in pairs)
    yield from (f"{field}:[{low} TO *]" for low in ends)


def _escaped(text: str) -> str:
    return "".join(f"\\{one}" if one in '+-!():^[]"{}~*?\\/<> \t\n&|' else one for one in text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'
