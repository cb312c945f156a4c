"""Executes how the text of a column becomes the value of a field: the twin of `sigma.sigmaproof.readings`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from . import java_map

_ADDRESS = re.compile(
    r"(?:\[(?:::ffff:)?([^\]]*)\]|(?:::ffff:)?([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+))(?::[0-9]+)?"
)
"""An address with brackets or a port, or one of IPv4 inside IPv6."""
_DASHLESS = re.compile(r"(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})", re.ASCII)
"""A GUID without its dashes."""


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
        case "e-mail":
            return text if "@" in text else ""
        case "java-map":
            return java_map.text_of(text)
        case "last-segment" | "lower-case-last-segment":
            return text.rsplit("/")[-1]
        case "url-host":
            return urlsplit(text).hostname or "" if "://" in text else ""
        case "url-path":
            return urlsplit(text).path if "://" in text else ""
        case "without-dashes":
            guid = _DASHLESS.fullmatch(text)
            return "-".join(guid.groups()) if guid else text
    raise ValueError(f"reading {reading} is not known")


def column_text(reading: str, value: str) -> str | None:
    """Return a column's text that reads as the value; None where no text does."""
    text: str | None = value
    match reading:
        case "java-map":
            text = java_map.json_of(value)
        case "lower-case" | "lower-case-last-segment":
            text = value.lower()
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


def says_the_same(reading: str, value: str, text: str) -> bool:
    """Say whether a value is what was read, apart from what the reading cannot know."""
    return java_map.says_the_same(value, text) if reading == "java-map" else value == text
