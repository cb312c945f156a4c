"""Rules about endpoints in Defender XDR: how many render, what stops the others, the binder, and agreement."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

import pytest
from sigma.pipelines.microsoftxdr.tables import MICROSOFT_XDR_TABLES

from converter.errors import ConversionError, Unsupported
from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from harness.runner import Options, verify
from harness.subjects import Claim
from harness.verdict import Agrees, RuleResult
from tests.corpus import shared
from tests.oracles.kusto.binder import bind

AT_LEAST = 51
"""Kuery rules on indices of endpoints that have a counterpart, of 80."""
_REASONS = (
    "cannot be read from table",
    "has no entry in the mapping pack for table",
    "is never",
    "no mapping pack covers",
    "none has white space",
)
_TYPES = {"boolean": "bool"}


@dataclass(frozen=True)
class Port:
    name: str
    text: str
    refusal: str = ""


def schema() -> dict[str, dict[str, str]]:
    return {
        table: {
            column.strip(): _TYPES.get(str(one["data_type"]), str(one["data_type"]))
            for column, one in columns.items()
        }
        for table, columns in MICROSOFT_XDR_TABLES.items()
        if table.startswith("Device")
    }


@cache
def ports() -> tuple[Port, ...]:
    target, found = target_named("xdr"), []
    for folder in ("rules", "rules_building_block"):
        for path in sorted(shared(f"corpus/elastic/{folder}").rglob("*.toml")):
            text = path.read_text(encoding="utf-8")
            rule = tomllib.loads(text)["rule"]
            is_asked = any(
                "endpoint" in one or "m365_defender" in one for one in rule.get("index", [])
            )
            if rule.get("language") != "kuery" or not is_asked:
                continue
            try:
                (read,) = read_rules(text, path.name, ImportOptions())
                found.append(Port(path.name, render_placed(placed(read, target), target).text))
            except Unsupported as error:
                found.append(Port(path.name, "", str(error)))
            except ConversionError as error:
                raise AssertionError(path.name) from error
    return tuple(found)


def test_rules_with_counterparts_render() -> None:
    refused = {port.name: port.refusal for port in ports() if not port.text}
    assert len(ports()) - len(refused) >= AT_LEAST, refused


def test_a_rule_that_does_not_render_names_what_stops_it() -> None:
    other = [
        port.refusal
        for port in ports()
        if port.refusal and not any(reason in port.refusal for reason in _REASONS)
    ]
    assert other == []


def test_every_text_passes_microsofts_binder_on_the_real_schema() -> None:
    rendered = [port for port in ports() if port.text]
    answers = bind([(port.text, schema()) for port in rendered])
    found = zip(rendered, answers, strict=True)
    assert {port.name: answer.findings for port, answer in found if answer.findings} == {}


RULES = {
    "a process": (
        "windows",
        "process_creation",
        r"{Image|endswith: '\cmd.exe', CommandLine|contains: ' /c '}",
    ),
    "an account": (
        "windows",
        "process_creation",
        r"{User: 'NT AUTHORITY\SYSTEM', IntegrityLevel: S-1-16-16384}",
    ),
    "a process of Linux": ("linux", "process_creation", "{Image|endswith: /base64, User: root}"),
    "a file of macOS": (
        "macos",
        "file_event",
        "{TargetFilename|startswith: /Library/LaunchDaemons/}",
    ),
    "a file that is deleted": ("windows", "file_delete", r"{TargetFilename|endswith: '.evtx'}"),
    "a value of the registry": (
        "windows",
        "registry_set",
        r"{TargetObject|startswith: 'HKLM\SOFTWARE\', TargetObject|contains: '\Run\', Details: DWORD (0x00000001)}",
    ),
    "a kind of change": (
        "windows",
        "registry_event",
        r"{TargetObject|endswith: '\x', EventType: DeleteKey}",
    ),
    "a connection": (
        "windows",
        "network_connection",
        "{DestinationIp|cidr: 10.0.0.0/8, Initiated: 'true', DestinationHostname|endswith: .onion}",
    ),
    "a library": (
        "windows",
        "image_load",
        r"{ImageLoaded|endswith: '\a.dll', Hashes|contains: MD5=0123456789abcdef0123456789abcdef}",
    ),
    "a driver": ("windows", "driver_load", r"{ImageLoaded|endswith: '\a.sys'}"),
    "a pipe": ("windows", "pipe_created", r"{PipeName|startswith: '\mojo'}"),
    "a name that is asked for": ("windows", "dns_query", "{QueryName|endswith: .onion}"),
}
"""Product, category and detection of a Sigma rule."""


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_of_each_category_detects_the_same(rule: tuple[str, str, str]) -> None:
    product, category, detection = rule
    text = f"""
title: A rule
logsource: {{product: {product}, category: {category}}}
detection:
  a: {detection}
  condition: a
"""
    rules = read_rules(text, "rule.yml", ImportOptions())
    results = verify(rules, [Claim("xdr")], (), Options())
    (result,) = (one for one in results if isinstance(one, RuleResult))
    assert result.targets[0].verdict == Agrees(), result.targets[0].text


REFUSED = {
    "import hashes": ("process_creation", "{Hashes|contains: IMPHASH=0123}", "hash of imports"),
    "the version of a library": ("image_load", "{OriginalFileName: a.dll}", "version information"),
    "the acting process's parent": (
        "file_event",
        r"{ParentImage|endswith: '\a.exe'}",
        "has no column",
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_no_column_says_is_refused(case: tuple[str, str, str]) -> None:
    category, detection, reason = case
    text = f"""
title: A rule
logsource: {{product: windows, category: {category}}}
detection:
  a: {detection}
  condition: a
"""
    (rule,) = read_rules(text, "rule.yml", ImportOptions())
    target = target_named("xdr")
    with pytest.raises(Unsupported, match=reason):
        render_placed(placed(rule, target), target)
