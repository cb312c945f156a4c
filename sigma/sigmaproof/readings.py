"""How the text of a column becomes the value of a field, where it is not that value itself.

A closed list: each name has a Kusto expression here and is executed by `harness.events.readings`.
"""

from __future__ import annotations

from typing import Literal

Reading = Literal[
    "",
    "account",
    "address",
    "before-at",
    "directory",
    "e-mail",
    "extension",
    "file-name",
    "host-name",
    "ipv4-mapped",
    "java-map",
    "last-segment",
    "lower-case",
    "lower-case-last-segment",
    "namespace",
    "namespaced-name",
    "operation-types",
    "os-family",
    "parent-identity",
    "pipe-name",
    "positive-names",
    "process-identity",
    "registry-path",
    "upper-case",
    "url-host",
    "url-path",
    "without-dashes",
    "word-count",
    "words",
]

# Texts and what stands between them are told apart by a tab, which JSON text never has inside a text.
_JAVA_MAP = (
    r"""replace_regex({0}, @'"((?:[^"\\]|\\.)*)"|([:,])\s*', '\\1\t\\2')""",
    (r"'\t:'", r"'='"),
    (r"'\t,'", r"', '"),
    (r"'\t'", "''"),
    (r"""'\\"'""", """'"'"""),
    (r"'\\\\'", r"'\\'"),
)


def _java_map() -> str:
    text, *changes = _JAVA_MAP
    for old, new in changes:
        text = f"replace_string({text}, {old}, {new})"
    return text


def _registry_path() -> str:
    """Join key and value, with the short name of the hive.

    A SID below HKEY_CURRENT_USER names the hive of a user, which is HKU elsewhere.
    """
    joined = r"trim_end(@'\\', strcat({0}, @'\', {1}))"
    of_user = r"@'^HKEY_CURRENT_USER(\\S-1-)', @'HKU\1'"
    hive = r"@'^HKEY_([CL]?)(?:OCAL_|URRENT_|LASSES_)?([MRU])(?:ACHINE|OOT|SERS?)', @'HK\1\2'"
    control_set = r"@'(?i)^(HKLM\\SYSTEM)\\ControlSet\d+', @'\1\\CurrentControlSet'"
    return (
        f"replace_regex(replace_regex(replace_regex({joined}, {of_user}), {hive}), {control_set})"
    )


def _operation_types() -> str:
    """Tell the types of an event of Google Cloud by its operation and by the one permission that it asked for.

    The places are the flags of the first and last entry of the operation, whether the first permission was
    granted, and the second permission.
    """
    types = (
        ("{0} == 'true' and {1} != 'true'", "start"),
        ("{1} == 'true' and {0} != 'true'", "end"),
        ("{2} == 'true' and isempty({3})", "access allowed"),
        ("{2} == 'false' and isempty({3})", "access denied"),
    )
    texts = ",\n    ".join(f"iff({test}, '{words} ', '')" for test, words in types)
    return f"extract_all(@'(\\S+)', strcat(\n    {texts}))"


def _parent_identity() -> str:
    """Tell the parent by its id and its start.

    The places are the id of the created process, then id and start of the initiating one and of its parent. On Linux
    and macOS the initiating process may be the created one before it became another program.
    """
    return f"iff({{0}} == {{1}}, {_identity(3, 4)}, {_identity(1, 2)})"


def _identity(number: int, start: int) -> str:
    return f"iff(isempty({{{number}}}), '', strcat({{{number}}}, ' ', {{{start}}}))"


_IN_NAMESPACE = r"/v[0-9][a-z0-9]*/namespaces/"
_HOST_NAME = r"[0-9A-Za-z][0-9A-Za-z-]*(?:\.[0-9A-Za-z][0-9A-Za-z-]*)*"

EXPRESSIONS: dict[Reading, str] = {
    "": "{0}",
    "account": r"iff(isempty({0}) or isempty({1}), '', strcat({0}, @'\', {1}))",
    "address": (
        r"replace_regex({0},"
        r" @'^(?:\[(?:::ffff:)?([^\]]*)\]|(?:::ffff:)?(\d+\.\d+\.\d+\.\d+))(?::\d+)?$', @'\1\2')"
    ),
    "before-at": "tostring(split({0}, '@')[0])",
    "directory": r"extract(@'(?s)^(.*)\\', 1, {0})",
    "e-mail": "iff({0} contains '@', {0}, '')",
    "extension": r"extract(@'\.([^.]+)$', 1, {0})",
    "file-name": r"extract(@'[^\\]*$', 0, {0})",
    "host-name": r"extract(@'^(?:\w+://)?([^/]*)', 1, {0})",
    "ipv4-mapped": "trim_start('::ffff:', {0})",
    "java-map": _java_map(),
    "last-segment": "extract(@'[^/]*$', 0, {0})",
    "lower-case": "{0}",
    "lower-case-last-segment": "extract(@'[^/]*$', 0, {0})",
    "namespace": f"extract(@'{_IN_NAMESPACE}([^/]*)/[a-z]', 1, {{0}})",
    "namespaced-name": f"extract(@'{_IN_NAMESPACE}[^/]*/[a-z][a-z0-9.]*/({_HOST_NAME})', 1, {{0}})",
    "operation-types": _operation_types(),
    "os-family": "iff({0} startswith 'Windows', 'windows', tolower({0}))",
    "parent-identity": _parent_identity(),
    "pipe-name": r"replace_regex({0}, @'^\\Device\\NamedPipe', '')",
    "positive-names": r"extract_all(@'[{{,] ?([^{{,=]+)=POSITIVE\b', {0})",
    "process-identity": _identity(0, 1),
    "registry-path": _registry_path(),
    "upper-case": "{0}",
    "url-host": "tostring(parse_url({0}).Host)",
    "url-path": "tostring(parse_url({0}).Path)",
    "without-dashes": (
        r"replace_regex({0},"
        r" @'^(\w{{8}})(\w{{4}})(\w{{4}})(\w{{4}})(\w{{12}})$', @'\1-\2-\3-\4-\5')"
    ),
    "word-count": r"iff(isempty({0}), long(null), array_length(extract_all(@'(\S+)', {0})))",
    "words": r"extract_all(@'(\S+)', {0})",
}
"""Kusto of a reading, with the place of the column's text."""

CASELESS: frozenset[Reading] = frozenset({"lower-case", "lower-case-last-segment", "upper-case"})
"""Readings after which the case of a text says nothing, so that comparisons ignore it."""

WRITES_JSON: frozenset[Reading] = frozenset({"java-map"})
"""Readings that write JSON text in another way, in which the words are the same."""

ARRAYS: frozenset[Reading] = frozenset({"operation-types", "positive-names", "words"})
"""Readings that make several values of a text."""

NUMBERS: frozenset[Reading] = frozenset({"word-count"})
"""Readings that make a whole number of a text."""

IDENTITIES: frozenset[Reading] = frozenset({"parent-identity", "process-identity"})
"""Readings of columns of any type, as texts."""

JOINS: frozenset[Reading] = IDENTITIES | {"account", "operation-types", "registry-path"}
"""Readings of the texts of all columns together, not of the first one with a value."""

EXTENDED: dict[Reading, str] = {
    "account": "AndUser",
    "operation-types": "Types",
    "os-family": "Family",
    "parent-identity": "OfParent",
    "process-identity": "AndStart",
    "positive-names": "Positive",
    "registry-path": "Path",
    "word-count": "WordCount",
    "words": "Words",
}
"""Readings whose value gets a column of its own in a query, to the end of its name."""
