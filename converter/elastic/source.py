"""Rule files taken apart: tables of plain values, each knowing where it stands in the file.

Both formats come out alike: the tables `rule`, `metadata` and what else a TOML file has; a Kibana
export has only `rule`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from converter.errors import InputError

from .json_lines import JsonValue, values_in
from .toml_lines import places_in

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RuleSource:
    """One rule of a file before anything is known to be of the right type."""

    path: str
    tables: Mapping[str, Table]
    line: int
    """Where the rule starts."""
    lines: Mapping[str, int] = field(repr=False)
    """Lines by dotted name: `rule.query`, `rule.new_terms.value`."""
    multiline: frozenset[str] = frozenset()
    """Names whose text starts on its line and keeps its line breaks in the file."""

    def line_of(self, name: str) -> int:
        """Return the line of a key, or of the nearest table around it."""
        while name:
            if name in self.lines:
                return self.lines[name]
            name = name.rpartition(".")[0]
        return self.line


def sources_of(text: str, path: str) -> list[RuleSource]:
    """Take a rule file apart; raise InputError when it is broken or holds no rule."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise InputError(f"{path}:1: the file is empty; give a rule as TOML, JSON or NDJSON")
    found = list(_json_sources(text, path)) if _is_json(text, path) else [_toml_source(text, path)]
    if not found:
        raise InputError(f"{path}:1: no rule in the export; export at least one rule")
    return found


def _is_json(text: str, path: str) -> bool:
    if path.endswith(".toml"):
        return False
    # TOML may begin with a bracket, but never with a brace or with a bracket before a brace.
    return path.endswith((".json", ".ndjson")) or bool(re.match(r"\s*(\{|\[\s*[{\]])", text))


def _toml_source(text: str, path: str) -> RuleSource:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(_broken_toml(error, text, path)) from error
    except RecursionError as error:
        raise InputError(f"{path}:1: the TOML nests too deeply; give a rule file") from error
    if not isinstance(document.get("rule"), dict):
        raise InputError(f"{path}:1: no [rule] table; give a rule file of detection-rules")
    places = places_in(text.replace("\r\n", "\n"))
    loose = sorted(key for key, value in document.items() if not isinstance(value, dict))
    if loose:
        line = places.lines.get(loose[0], 1)
        raise InputError(f"{path}:{line}: '{loose[0]}' stands outside of every table; move it")
    return RuleSource(
        path=path,
        tables=document,
        line=places.lines.get("rule", 1),
        lines=places.lines,
        multiline=frozenset(places.multiline),
    )


def _broken_toml(error: tomllib.TOMLDecodeError, text: str, path: str) -> str:
    message = str(error)
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    line, column = 1, ""
    if place:
        message = message[: place.start()]
        line = int(place[1]) if place[1] else text.count("\n") + 1
        column = f" at column {place[2]}" if place[2] else " at the end of the file"
    what = message[:1].lower() + message[1:]
    return f"{path}:{line}: the TOML is broken{column}: {what}; correct this line"


def _json_sources(text: str, path: str) -> Iterator[RuleSource]:
    try:
        for found in values_in(text):
            yield from _rules_in(found, path)
    except json.JSONDecodeError as error:
        what = f"the JSON is broken at column {error.colno}: {error.msg.lower()}"
        raise InputError(f"{path}:{error.lineno}: {what}; correct this line") from error
    except RecursionError as error:
        raise InputError(f"{path}:1: the JSON nests too deeply; give a rule export") from error


def _rules_in(found: JsonValue, path: str) -> Iterator[RuleSource]:
    match found.value:
        case {"data": list(rules), "total": _}:  # a page of the API's _find
            for rule in rules:
                yield from _rules_in(JsonValue(rule, found.line, {}), path)
        case dict() as rule if not _is_bookkeeping(rule):
            lines = {f"rule.{key}": line for key, line in found.lines.items()}
            yield RuleSource(path, {"rule": rule}, found.line, lines)
        case dict():
            return
        case other:
            kind = type(other).__name__
            raise InputError(
                f"{path}:{found.line}: a rule must be a JSON object; found {kind}; "
                "give an export of Kibana's detection rules"
            )


def _is_bookkeeping(entry: Table) -> bool:
    """Say whether a line of an export is no rule: its summary, an exception list, a connector."""
    is_summary = "exported_count" in entry or "exported_rules_count" in entry
    is_exception = "list_id" in entry and "rule_id" not in entry
    is_connector = "attributes" in entry and entry.get("type") == "action"
    return is_summary or is_exception or is_connector
