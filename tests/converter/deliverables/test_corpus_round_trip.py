"""Every rule in Kibana's language becomes Sigma, is rendered, and comes back as the same rule."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pytest
import yaml

from converter import mapping
from converter.deliverables import detection_rules, kibana
from converter.elastic import ElasticRule, read_rules
from converter.elastic.date_math import before_now, length
from converter.errors import Unsupported
from converter.importers import import_rule
from converter.importers.conversion import Document
from converter.importers.yaml_text import yaml_text
from converter.registry import target_named
from converter.render import render
from sigma.sigmaproof.portable import to_portable
from tests.corpus import shared

TOLERATED = Path(__file__).parents[2] / "data" / "sigma_check.yml"
ALL = 579
PROSE = ("description", "false_positives")
"""Keys of texts for people, in which white space is laid out anew."""
LENGTHS: Mapping[str, Callable[[str], object]] = {"from": before_now, "interval": length}
"""Keys that may come back spelled otherwise, `1h` for `60m`, and how they are read."""
OTHERWISE_ORDERED = {"execution_suspicious_executable_running_system_commands.toml"}
"""Rules of which one condition comes back at another place among those that it is joined to."""


OF_THE_API: Mapping[str, object] = {
    "id": "2f3c1b8e-7f0a-4c1e-9b59-3a4e0c6d2f11",
    "created_at": "2026-01-02T03:04:05.678Z",
    "created_by": "elastic",
    "updated_at": "2026-02-03T04:05:06.789Z",
    "updated_by": "elastic",
    "immutable": False,
    "rule_source": {"type": "internal"},
    "version": 3,
    "revision": 1,
    "enabled": True,
    "actions": [],
    "exceptions_list": [],
    "related_integrations": [],
    "required_fields": [],
    "output_index": "",
    "meta": {"from": "1m", "kibana_siem_app_url": ""},
    "setup": "",
    "note": None,
}
"""What Kibana adds to a rule."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A rule file and what is written of its Sigma form."""

    name: str
    tables: Mapping[str, Mapping[str, object]]
    rule: ElasticRule
    documents: tuple[Document, ...]
    toml: str
    ndjson: str


@pytest.fixture(scope="module")
def round_trips() -> list[RoundTrip]:
    found = []
    for path in sorted(shared("corpus/elastic").glob("rules*/**/*.toml")):
        text = path.read_text("utf-8")
        try:
            (rule,) = read_rules(text, path.name)
        except Unsupported:
            continue  # a rule of another type, or in another language
        found.append(_round_trip(path.name, text, rule))
    return found


def _round_trip(name: str, text: str, rule: ElasticRule) -> RoundTrip:
    conversion = import_rule(rule)
    source = conversion.documents[0]["logsource"]
    assert isinstance(source, dict)
    pack = mapping.pack_for_log_source(source)
    rendered = render(conversion.yaml, name, target_named("kuery"), pack, "rule")
    return RoundTrip(
        name=name,
        tables=tomllib.loads(text),
        rule=rule,
        documents=conversion.documents,
        toml=detection_rules.write(conversion.yaml, rendered)[0],
        ndjson=kibana.write(conversion.yaml, rendered)[0],
    )


def _read_one(text: str, path: str) -> ElasticRule:
    (rule,) = read_rules(text, path)
    return rule


def _comparable(rule: ElasticRule, *, is_export: bool = False) -> ElasticRule:
    """Leave out what a copy may differ in: its place, white space of prose, and how its query is spelled.

    An export has no table but that of the rule.
    """
    extra = {
        key: value
        for key, value in rule.header.extra.items()
        if key != "rule.filters" and (key.startswith("rule.") or not is_export)
    }
    header = replace(
        rule.header,
        path="",
        description=rule.header.description.strip(),
        false_positives=tuple(" ".join(text.split()) for text in rule.header.false_positives),
        extra=MappingProxyType(extra),
    )
    if is_export:
        header = replace(header, creation_date="", updated_date="", maturity="")
    return replace(rule, header=header, query="", query_line=0, query_keeps_lines=False)


def test_every_rule_is_imported_and_rendered(round_trips: list[RoundTrip]) -> None:
    assert len(round_trips) == ALL


def test_every_key_of_a_rule_file_comes_back(round_trips: list[RoundTrip]) -> None:
    lost = []
    for one in round_trips:
        written = tomllib.loads(one.toml)
        for table, keys in one.tables.items():
            for key, value in keys.items():
                if not _is_kept(table, key, value, written.get(table, {}).get(key)):
                    lost.append((one.name, table, key))
    assert lost == []


def _is_kept(table: str, key: str, value: object, written: object) -> bool:
    if written is None or table != "rule":
        return written == value
    if key in ("query", "filters"):
        return True  # what they mean is compared below
    if key in PROSE:
        return _words(written) == _words(value)
    if key in LENGTHS:
        return LENGTHS[key](str(written)) == LENGTHS[key](str(value))
    return written == value


def _words(prose: object) -> list[list[str]]:
    texts = prose if isinstance(prose, list) else [prose]
    return [str(text).split() for text in texts]


def test_a_rule_comes_back_as_toml(round_trips: list[RoundTrip]) -> None:
    changed = [
        one.name
        for one in round_trips
        if _comparable(_read_one(one.toml, "rule.toml")) != _comparable(one.rule)
    ]
    assert changed == []


def test_a_rule_comes_back_as_ndjson(round_trips: list[RoundTrip]) -> None:
    changed = []
    for one in round_trips:
        again = replace(
            found := _comparable(_read_one(one.ndjson, "rule.ndjson"), is_export=True),
            header=replace(found.header, extra=_without_defaults(found.header.extra)),
        )
        if again != _comparable(one.rule, is_export=True):
            changed.append(one.name)
    assert changed == []


def _without_defaults(extra: Mapping[str, object]) -> Mapping[str, object]:
    return MappingProxyType({key: value for key, value in extra.items() if key != "rule.to"})


def test_what_comes_back_as_toml_is_the_same_in_sigma(round_trips: list[RoundTrip]) -> None:
    changed = {
        one.name for one in round_trips if _detecting(_again(one.toml)) != _detecting(one.documents)
    }
    assert changed == OTHERWISE_ORDERED


def test_what_comes_back_as_ndjson_is_the_same_in_sigma(round_trips: list[RoundTrip]) -> None:
    # Kibana has no key for the integration, by which a log source without a pack is named.
    changed = {
        one.name
        for one in round_trips
        if _detecting(_again(one.ndjson))[1:] != _detecting(one.documents)[1:]
    }
    assert changed == OTHERWISE_ORDERED


def test_one_export_of_all_rules_is_the_same_in_sigma(round_trips: list[RoundTrip]) -> None:
    rules = [json.dumps(OF_THE_API | json.loads(one.ndjson)) for one in round_trips]
    summary = json.dumps({"exported_count": len(rules), "exported_rules_count": len(rules)})
    found = read_rules("\n".join([*rules, summary]), "export.ndjson")
    changed = {
        one.name
        for one, rule in zip(round_trips, found, strict=True)
        if _detecting(import_rule(rule).documents)[1:] != _detecting(one.documents)[1:]
    }
    assert changed == OTHERWISE_ORDERED
    assert {rule.header.creation_date for rule in found} == {"2026-01-02"}


def test_answers_of_the_api_hold_the_same_rules(round_trips: list[RoundTrip]) -> None:
    rules = [OF_THE_API | json.loads(one.ndjson) for one in round_trips[::30]]
    lines = read_rules("\n".join(map(json.dumps, rules)), "rules.json")
    page = {"page": 1, "perPage": 20, "total": len(rules), "data": rules}
    for answer in (rules, page):
        found = read_rules(json.dumps(answer, indent=1), "rules.json")
        assert [replace(one, query_line=0) for one in found] == [
            replace(one, query_line=0) for one in lines
        ]


def _again(text: str) -> tuple[Document, ...]:
    path = "rule.ndjson" if text.startswith("{") else "rule.toml"
    return import_rule(_read_one(text, path)).documents


def _detecting(documents: tuple[Document, ...]) -> list[object]:
    """Return what decides which events a rule finds, the log source first."""
    keys = ("detection", "correlation", "sigmaproof", "fields", "level")
    found = [document.get(key) for document in documents for key in keys]
    return [documents[0].get("logsource"), *found]


def test_the_portable_documents_pass_sigma_check(
    round_trips: list[RoundTrip], tmp_path: Path
) -> None:
    for one in round_trips:
        portable = yaml_text(to_portable(one.documents))
        (tmp_path / one.name).with_suffix(".yml").write_text(portable, "utf-8")
    # These two validators ask the network; tags are checked against our own table.
    options = ["-x", "attacktag", "-x", "d3_fendtag", "--fail-on-issues"]
    command = [str(Path(sys.executable).with_name("sigma")), "check", *options, "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Found 0 errors, 0 condition errors" in done.stdout, done.stdout[-2000:] + done.stderr
    issues = set(re.findall(r"^\| \d+ +\| (\w+Issue) ", done.stdout, re.MULTILINE))
    assert issues == set(yaml.safe_load(TOLERATED.read_text("utf-8")))
