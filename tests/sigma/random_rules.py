"""Random Sigma rules over a few fields of every type, and random events whose values they may meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

Detection = Mapping[str, object]
Events = Sequence[Mapping[str, object]]

TYPES = {"k": "keyword", "w": "wildcard", "n": "long", "r": "double", "b": "boolean", "i": "ip"}
"""Types of the fields; `u` is a field whose type is not known."""

_TEXTS = (
    "", "a", "A", "Ab", "aB", "b", "a b", "é", "É", "AND", "OR a", "-1", "5", "5.0", "05", ">5", "true", "TRUE",
    "*", "a*", "?", "a?b", "\\", "a\\b", "C:\\Win\\a.exe", "a/b", "/", 'q"q', "'", "(a)", "[a]", "{a}", "a:b", "~",
    "^a$", "a&b", "<a>", "#", "@", "|", "a\nb", "\ta", "mas\u212a", "MASK", "😀",
)  # fmt: skip
_HELD: Mapping[str, Sequence[object]] = {
    "k": (*_TEXTS, "10.1.2.3", "::FFFF:10.0.0.1", "2001:db8::1"),
    "w": _TEXTS,
    "u": _TEXTS,
    "n": (5, -5, 0, 4, 50, 2**53 + 1),
    "r": (5, 5.0, 4.5, -4.5, 0.5, 100.25),
    "b": (True, False),
    "i": ("10.1.2.3", "10.255.0.1", "192.168.0.1", "2001:db8::1", "::1", "::"),
}
_PATTERNS = (
    *_TEXTS, "a*", "*a", "*a*", "a?", "?", "??", "**", "a*b", r"a\*", r"\?*", r"a\\*", "* *", "*-*", "*\\*", "*é*",
    "*&*", "*<*", r"*\\?*", '*"*', "*/*", "*:*", "*\n*",
)  # fmt: skip
_EXPRESSIONS = (
    "a", "^a", "a$", "^a$", "^$", "^$|a", "|a", "(|a)b", "(a|)", "a||b", "a.b", "a.*b", "[a-c]", "[^a]", "[]a]",
    r"[\-a]", r"[+-5]", r"[\.-9]", r"[\w-]", r"[\]-a]", r"\d", r"\w+", r"\W", r"\s", r"\S", r"^\D+$", r"a\\b", r"\.exe$",
    "a/b", 'q"q', "#|@", "<a>", "~", "&", "{a}", r"a{1,2}", "(?:a|b)+", "(?i)ab", "a{0}", "[&~#@<>]", "()", "(a)*",
    r"\^a\$", "a b", r"\x41", "é", "(a|b)(b|B)?", "(^|a)b", "(?:^|/)a(b|$)", "(b$|a)",
)  # fmt: skip
_TEXT_MODIFIERS = (
    "", "", "|cased", "|contains", "|startswith", "|endswith", "|contains|cased", "|startswith|cased",
    "|endswith|cased", "|contains|all", "|contains|all|cased", "|windash", "|base64offset|contains", "|neq",
)  # fmt: skip
_COMPARISONS = ("", "|lt", "|lte", "|gt", "|gte", "|neq")
_CONDITIONS = (
    "a", "not a", "a and b", "a or b", "a and not b", "a or not b", "not (a and b)", "not (a or b)", "not a or not b",
    "a or b and c", "(a or b) and c", "a and (b or not c)", "not (a or not (b and c))", "not a and not (b or c)",
    "1 of them", "all of them", "not 1 of them", "not all of them", "(a or b) and not (b and c)",
    "not (not (a or b) and (c or not a))",
)  # fmt: skip


def events() -> st.SearchStrategy[Events]:
    """Return some events with none, one or several values in each field."""
    fields = {name: _values(held) for name, held in _HELD.items()}
    return st.lists(st.fixed_dictionaries({}, optional=fields), min_size=8, max_size=10)


def _values(held: Sequence[object]) -> st.SearchStrategy[object]:
    one = st.sampled_from(held)
    return one | one | st.lists(one, max_size=3) | st.none()


def detections(*more: st.SearchStrategy[tuple[str, object]]) -> st.SearchStrategy[Detection]:
    """Return the detection section of a rule, with items that the language can say beside the usual ones."""
    item = st.one_of(
        _text_items(),
        _text_items(),
        _number_items(),
        _boolean_items(),
        _address_items(),
        _existence(),
        *more,
    )
    block = st.lists(item, min_size=1, max_size=2).map(dict)
    selection = block | block | st.lists(block, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {"a": selection, "b": selection, "c": selection, "condition": st.sampled_from(_CONDITIONS)}
    )


def _items(
    fields: str, modifiers: Sequence[str], values: st.SearchStrategy[object]
) -> st.SearchStrategy[tuple[str, object]]:
    names = st.sampled_from([field + modifier for field in fields for modifier in modifiers])
    return st.tuples(names, values | st.lists(values, min_size=1, max_size=3))


def _text_items() -> st.SearchStrategy[tuple[str, object]]:
    texts: st.SearchStrategy[object] = st.sampled_from(_PATTERNS)
    expressions: st.SearchStrategy[object] = st.sampled_from(_EXPRESSIONS)
    numbers: st.SearchStrategy[object] = st.sampled_from((5, 5.0, -1, 4.5, None))
    # A field of unknown type that is compared with a boolean is taken for a boolean field.
    truths: st.SearchStrategy[object] = st.sampled_from((True, False))
    return (
        _items("kwu", _TEXT_MODIFIERS, texts)
        | _items("kwu", ("|re", "|re|i", "|re|s", "|re|m"), expressions)
        | _items("kwu", ("",), numbers)
        | _items("kw", ("",), truths)
    )


def _number_items() -> st.SearchStrategy[tuple[str, object]]:
    numbers: st.SearchStrategy[object] = st.sampled_from((5, -5, 0, 4.5, -4.5, 5.0, 50, 2**53 + 1))
    texts: st.SearchStrategy[object] = st.sampled_from(("5", "5.0", "-5", "05", "4.5", None))
    return _items("nr", _COMPARISONS, numbers) | _items("nr", ("",), texts)


def _boolean_items() -> st.SearchStrategy[tuple[str, object]]:
    truths: st.SearchStrategy[object] = st.sampled_from((True, False, "true", "FALSE", None))
    texts: st.SearchStrategy[object] = st.sampled_from(("true", "false"))
    return _items("b", ("", "|neq"), truths) | _items("b", ("|cased",), texts)


def _address_items() -> st.SearchStrategy[tuple[str, object]]:
    networks: st.SearchStrategy[object] = st.sampled_from(
        ("10.0.0.0/8", "10.1.2.3/32", "0.0.0.0/0", "2001:db8::/32", "::/0", "::ffff:10.0.0.0/104")
    )
    addresses: st.SearchStrategy[object] = st.sampled_from(("10.1.2.3", "2001:db8::1", "::1"))
    return _items("i", ("|cidr",), networks) | _items("i", ("", "|cased", "|neq"), addresses)


def _existence() -> st.SearchStrategy[tuple[str, object]]:
    names = st.sampled_from([f"{field}|exists" for field in "kwunrbi"])
    return st.tuples(names, st.booleans())


def converted_items() -> st.SearchStrategy[tuple[str, object]]:
    """Return what few languages ask: for the text of numbers and addresses, for addresses in text."""
    pieces: st.SearchStrategy[object] = st.sampled_from(
        ("5", "-", "0", "10.", "::", ":1", "2001:DB8")
    )
    networks: st.SearchStrategy[object] = st.sampled_from(("10.0.0.0/8", "::/0", "2001:db8::/32"))
    return _items("ni", ("|contains", "|startswith", "|endswith"), pieces) | _items(
        "kw", ("|cidr",), networks
    )


def references() -> st.SearchStrategy[tuple[str, object]]:
    names = st.sampled_from([f"{field}|fieldref" for field in "kwu"])
    others: st.SearchStrategy[object] = st.sampled_from("kwu")
    return st.tuples(names, others)
