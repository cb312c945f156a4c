"""Executes how the text of a column becomes the value of a field: the twin of `sigma.sigmaproof.readings`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from . import java_map

_ADDRESS = re.compile(
    r"(?:\[(?:::ffff:)?([^\]]*)\]|(?:::ffff:)?([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+))(?::[0-9]+)?"
)
"""An address with brackets or a port, or one of IPv4 inside IPv6."""
_DASHLESS = re.compile(r"(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})", re.ASCII)
"""A GUID without its dashes."""

_WORD = re.compile(r"[^\t\n\f\r ]+")
"""A word as RE2 finds it without flags: only white space of ASCII parts words."""

ARRAYS = frozenset({"operation-types", "positive-names", "words"})
"""Readings that make several values of a text."""
COUNTS = frozenset({"word-count"})
"""Readings that count the words of a text."""
JOINS = frozenset(
    {"account", "operation-types", "parent-identity", "process-identity", "registry-path"}
)
"""Readings of the texts of all columns together."""
PARTS = frozenset({"namespace", "namespaced-name"})
"""Readings of one part of a text, which leave the other parts to others."""
_OBJECTS = "core/v1/namespaces//pods"
"""The path of objects of Kubernetes, without a namespace."""
_HIVES = {
    "HKEY_LOCAL_MACHINE": "HKLM",
    "HKEY_CURRENT_USER": "HKCU",
    "HKEY_USERS": "HKU",
    "HKEY_CLASSES_ROOT": "HKCR",
}
"""Hives of the registry to their short names."""
_ANY_USER = ("HKEY_CURRENT_USER\\S-1-", "HKU\\S-1-")
"""How the hive of a user begins in columns, and in values."""
_USER = ("HKEY_CURRENT_USER\\S-1-5-21-", "HKU\\S-1-5-21-")
"""Likewise of an account of a machine or a domain, for which Defender is known to write it so."""
_POSITIVE = re.compile(r"[{,] ?([^{,=]+)=POSITIVE\b", re.ASCII)
"""A name that a map in a text calls positive."""
_EXTENSION = re.compile(r"\.([^.]+)\Z")
_HOST = re.compile(r"(?:\w+://)?([^/]*)", re.ASCII)
_PIPES = r"\Device\NamedPipe"
_CONTROL_SET = re.compile(r"(HKLM\\SYSTEM)\\ControlSet\d+", re.ASCII | re.IGNORECASE)
_IN_NAMESPACE = re.compile(
    r"(/v[0-9][a-z0-9]*/namespaces/)([^/]*)(/[a-z][a-z0-9.]*)"
    r"(?:/([0-9A-Za-z][0-9A-Za-z-]*(?:\.[0-9A-Za-z][0-9A-Za-z-]*)*))?"
)
"""The path of an object of Kubernetes: namespace in the second group, name in the fourth."""
_IDENTITY = re.compile(r"[1-9][0-9]{0,8} [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}0Z")
"""Id and start of a process."""
_MOST_WORDS = 1_000
_SYSTEMS = {"windows": "Windows11", "linux": "Linux", "macos": "macOS"}
"""A platform of each family of systems, as Defender names them."""


def read(reading: str, text: str) -> str:
    """Return the value that the text of a column stands for; empty for none."""
    match reading:
        case "" | "lower-case" | "upper-case":
            return text
        case "address":
            found = _ADDRESS.fullmatch(text)
            return f"{found[1] or ''}{found[2] or ''}" if found else text
        case "before-at":
            return text.split("@")[0]
        case "directory":
            return text.rpartition("\\")[0]
        case "file-name":
            return text.rpartition("\\")[2]
        case "e-mail":
            return text if "@" in text else ""
        case "extension":
            return _group(_EXTENSION.search(text), 1)
        case "host-name":
            return _group(_HOST.match(text), 1)
        case "ipv4-mapped":
            return text.removeprefix("::ffff:")
        case "java-map":
            return java_map.text_of(text)
        case "pipe-name":
            return text.removeprefix(_PIPES)
        case "last-segment" | "lower-case-last-segment":
            return text.rsplit("/")[-1]
        case "namespace" | "namespaced-name":
            return _group(_IN_NAMESPACE.search(text), 2 if reading == "namespace" else 4)
        case "os-family":
            is_windows = text.lower().startswith("windows")
            return "windows" if is_windows else text.lower()
        case "url-host":
            return urlsplit(text).hostname or "" if "://" in text else ""
        case "url-path":
            return urlsplit(text).path if "://" in text else ""
        case "without-dashes":
            guid = _DASHLESS.fullmatch(text)
            return "-".join(guid.groups()) if guid else text
    raise ValueError(f"reading {reading} is not known")


def _group(found: re.Match[str] | None, number: int) -> str:
    return (found[number] or "") if found else ""


def column_text(reading: str, value: str) -> str | None:
    """Return a column's text that reads as the value; None where no text does."""
    text: str | None = value
    match reading:
        case "directory":
            text = f"{value}\\file"
        case "file-name":
            text = f"C:\\{value}"
        case "extension":
            text = f"file.{value}"
        case "java-map":
            text = java_map.json_of(value)
        case "pipe-name":
            text = _PIPES + value
        case "lower-case" | "lower-case-last-segment":
            text = value.lower()
        case "namespace" | "namespaced-name":
            text = with_part(reading, value, _OBJECTS)
        case "os-family":
            text = _SYSTEMS.get(value, value)
        case "upper-case":
            text = value.upper()
        case "url-host":
            text = f"https://{value}/"
        case "url-path":
            text = f"https://host.example{value}"
        case "without-dashes":
            bare = value.replace("-", "")
            text = bare if read(reading, bare) == value else value
    try:
        return text if text is not None and read(reading, text) == value else None
    except ValueError:
        return None


def with_part(reading: str, value: str, text: str) -> str:
    """Return a column's text with one more part; the text itself where that has another one there."""
    path = _IN_NAMESPACE.search(text or _OBJECTS)
    if path is None or read(reading, text):
        return text
    namespace, name = (value, path[4]) if reading == "namespace" else (path[2], value)
    before, after = path.string[: path.start()], path.string[path.end() :]
    return f"{before}{path[1]}{namespace}{path[3]}{f'/{name}' if name else ''}{after}"


def says_the_same(reading: str, value: str, text: str) -> bool:
    """Say whether a value is what was read, apart from what the reading cannot know."""
    return java_map.says_the_same(value, text) if reading == "java-map" else value == text


def values_of_text(reading: str, text: str) -> list[str]:
    """Return the several values that a text stands for."""
    return _POSITIVE.findall(text) if reading == "positive-names" else _WORD.findall(text)


def number_of_text(text: str) -> int | None:
    """Return how many words a text has; None for one without words."""
    return len(_WORD.findall(text)) or None


def text_of_values(reading: str, values: Sequence[object]) -> str | None:
    """Return a text that stands for the values; None where there is none."""
    if reading == "positive-names" and values:
        return f"{{{', '.join(f'{value}=POSITIVE' for value in values)}}}"
    return " ".join(map(str, values)) or None


def text_of_count(number: object) -> str | None:
    """Return a text of so many words; None where there is none."""
    if isinstance(number, bool) or not isinstance(number, int):
        return None
    return " ".join(["word"] * number) if 0 < number < _MOST_WORDS else None


def joined(reading: str, parts: Sequence[str]) -> str:
    """Return the value that the texts of several columns stand for together, with blanks between several."""
    if reading == "operation-types":
        return " ".join(_operation_types(*parts))
    if reading in ("parent-identity", "process-identity"):
        return _identity(*parts)
    if reading == "account":
        return "\\".join(parts) if all(parts) else ""
    if reading != "registry-path":
        raise ValueError(f"reading {reading} takes one column")
    text = "\\".join(parts).removesuffix("\\")
    if text.startswith(_ANY_USER[0]):
        text = _ANY_USER[1] + text.removeprefix(_ANY_USER[0])
    for hive, short in _HIVES.items():
        if text.startswith(hive):
            text = short + text.removeprefix(hive)
    return (
        _CONTROL_SET.sub(r"\1\\CurrentControlSet", text, count=1)
        if _CONTROL_SET.match(text)
        else text
    )


def joined_parts(reading: str, value: str) -> tuple[str | None, ...]:
    """Return texts of the columns that together read as the value; None for each where no texts do."""
    if reading in ("parent-identity", "process-identity"):
        number, _, start = value.partition(" ") if _IDENTITY.fullmatch(value) else ("", "", "")
        found = (number or None, start or None)
        return found if reading == "process-identity" else (None, *found, None, None)
    if reading == "account":
        domain, _, name = value.partition("\\")
        return (domain, name) if domain and name else (None, None)
    if value.startswith(_USER[1]):
        value = _USER[0] + value.removeprefix(_USER[1])
    for hive, short in _HIVES.items():
        if value.startswith(short + "\\"):
            value = hive + value.removeprefix(short)
            break
    key, backslash, name = value.rpartition("\\")
    return (key, name) if backslash else (value, None)


def _identity(*parts: str) -> str:
    """Return id and start of a process, of the last two where the first of five texts is the second one."""
    match parts:
        case (own, number, _, parent, start) if own == number:
            return _identity(parent, start)
        case (number, start) | (_, number, start, _, _):
            return f"{number} {start}" if number else ""
    raise ValueError("an identity has two texts, that of a parent five")


def _operation_types(first: str, last: str, granted: str, other: str) -> Iterator[str]:
    """Yield what an operation and its one permission say of an event of Google Cloud."""
    if (first == "true") != (last == "true"):
        yield "start" if first == "true" else "end"
    if granted in ("true", "false") and not other:
        yield from ("access", "allowed" if granted == "true" else "denied")


def operation_parts(values: Sequence[object]) -> tuple[bool | None, ...]:
    """Return what the columns of an operation say where an event has these types."""
    first, last = (True if one in values else None for one in ("start", "end"))
    is_asked = "allowed" in values or "denied" in values
    return (first, last, "allowed" in values if is_asked else None, None)
