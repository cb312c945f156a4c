"""A pack with several log sources, told apart by channel and event code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule

from converter.ir import ALWAYS, Filter
from converter.languages import sigma
from converter.mapping import (
    ecs_schema,
    log_source_predicate,
    pack_for_elastic_rule,
    pack_for_log_source,
    packs,
)
from harness.engines.predicate import evaluate
from sigma.pipelines.windows import windows_ecs
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.mapping import MappingError, MappingPack
from sigma.sigmaproof.mapping_reader import pack_from_text
from sigma.sigmaproof.pack_pipelines import FIELD_TYPES, INDEX, fields_of
from sigma.sigmaproof.tables import NOTES
from tests.corpus import shared

CASES = Path(__file__).parents[1] / "data" / "cases" / "mapping-event-errors.yml"
SYSMON = "Microsoft-Windows-Sysmon/Operational"

UNMAPPED = {
    # events of the kernel's tracing, which no channel of the event log has
    ("file_access", None),
    # a rule for any channel of Windows
    (None, None),
}
"""Log sources of SigmaHQ's Windows rules without a mapping."""


@dataclass(frozen=True)
class Case:
    title: str
    text: str
    error: str


def valid() -> str:
    return str(yaml.safe_load(CASES.read_text(encoding="utf-8"))["valid"])


def load_cases() -> list[Case]:
    found = []
    for case in yaml.safe_load(CASES.read_text(encoding="utf-8"))["cases"]:
        text = valid()
        for old, new in case["change"].items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        found.append(Case(case["title"], text, case["error"]))
    return found


def windows() -> MappingPack:
    return next(pack for pack in packs() if pack.name == "windows")


def of(**section: str) -> MappingPack:
    pack = pack_for_log_source({"product": "windows", **section})
    assert pack is not None
    return pack


def rule(lines: str, log_source: str = "category: process_creation") -> SigmaRule:
    text = f"""
title: One rule
logsource: {{product: windows, {log_source}}}
detection:
  selection:
    {lines}
  condition: selection
"""
    (found,) = SigmaCollection.from_yaml(text).rules
    assert isinstance(found, SigmaRule)
    return found


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.title)
def test_an_invalid_pack_of_several_log_sources_is_refused(case: Case) -> None:
    with pytest.raises(MappingError) as caught:
        pack_from_text(case.text, "demo/mapping.yml")
    assert case.error in str(caught.value)


def test_the_schema_takes_what_the_reader_takes() -> None:
    schema = resources.files("sigma.sigmaproof").joinpath("mapping.schema.json").read_text("utf-8")
    jsonschema.validate(yaml.safe_load(valid()), json.loads(schema))
    pack = pack_from_text(valid(), "demo/mapping.yml")
    found = pack.of({"product": "demo", "category": "registry_add"})
    assert found is not None
    assert found.where == {"log.data.Kind": ("Create",)}
    assert found.events == {"Main/Operational": ("12",)}
    assert pack.of({"product": "demo"}) is None
    assert pack.of({"product": "other", "service": "audit"}) is None


def test_process_creation_is_fed_by_sysmon_and_by_the_security_log() -> None:
    predicate = log_source_predicate(of(category="process_creation"))
    for channel, code, expected in (
        (SYSMON, "1", True),
        ("Security", "4688", True),
        ("Security", "1", False),
        (SYSMON, "4688", False),
        (SYSMON, "5", False),
    ):
        document = {"winlog.channel": channel, "event.code": code}
        assert evaluate(predicate, document) is expected
    image = [entry.vendor for entry in of(category="process_creation").named("Image")]
    assert image == [("EventData.Image",), ("EventData.NewProcessName",)]


def test_registry_keys_that_come_are_told_from_those_that_go() -> None:
    event = {"winlog.channel": SYSMON, "event.code": "12"}
    for category, kind in (("registry_add", "CreateKey"), ("registry_delete", "DeleteValue")):
        predicate = log_source_predicate(of(category=category))
        assert evaluate(predicate, {**event, "winlog.event_data.EventType": kind}) is True
        assert evaluate(predicate, {**event, "winlog.event_data.EventType": "Other"}) is False


@pytest.mark.parametrize(
    ("log_source", "field", "ecs"),
    [
        ({"category": "process_creation"}, "OriginalFileName", ["process.pe.original_file_name"]),
        ({"category": "image_load"}, "OriginalFileName", ["file.pe.original_file_name"]),
        (
            {"service": "sysmon"},
            "OriginalFileName",
            ["process.pe.original_file_name", "file.pe.original_file_name"],
        ),
        ({"category": "image_load"}, "ImageLoaded", ["file.path"]),
        ({"category": "process_access"}, "SourceImage", ["process.executable"]),
        ({"service": "security"}, "ProcessName", ["process.executable"]),
        ({"service": "windefend"}, "ProcessName", ["winlog.event_data.Process Name"]),
        ({"service": "system"}, "ProcessName", []),
    ],
)
def test_a_field_has_the_names_of_its_events(
    log_source: dict[str, str], field: str, ecs: list[str]
) -> None:
    assert [entry.ecs for entry in of(**log_source).named(field)] == ecs


def test_a_field_that_is_not_listed_is_data_of_the_event() -> None:
    pack = of(service="system").with_rest(["ServiceName", "EventID", "user.name"])
    assert pack.ecs_names["ServiceName"] == "winlog.event_data.ServiceName"
    assert pack.ecs_names["EventID"] == "event.code"
    assert "user.name" not in pack.ecs_names
    types = pack.field_types
    assert types.types["winlog.event_data.ServiceName"] == "keyword"
    assert "winlog.event_data.ServiceName" in types.single


def test_the_pipeline_gives_a_rule_the_names_and_events_of_its_log_source() -> None:
    pipeline = windows_ecs()
    one = rule("{Image: a.exe, Custom: b, User|contains: SYS}")
    pipeline.apply(one)
    assert set(fields_of(one)) == {
        "process.executable",
        "winlog.event_data.Custom",
        "user.domain",
        "user.name",
        "winlog.channel",
        "event.code",
    }
    assert (
        pipeline.state[INDEX]
        == "logs-windows.*,logs-system.application*,logs-system.security*,logs-system.system*,winlogbeat-*"
    )
    assert "winlog.event_data.Custom" in pipeline.state[FIELD_TYPES].single
    assert ("mapping-pack", "given mapping pack windows 1.0.0") in pipeline.state[NOTES]


def test_the_pipeline_names_what_documents_do_not_keep() -> None:
    pipeline = windows_ecs()
    pipeline.apply(rule("{Payload|contains: x}", "category: ps_module"))
    (loss,) = (text for code, text in pipeline.state[NOTES] if code == "mapping-loss")
    assert loss.startswith("Payload: the integration takes the text apart")


def test_the_pipeline_leaves_rules_of_other_log_sources_alone() -> None:
    pipeline = windows_ecs()
    one = rule("{Image: a.exe}", "category: file_access")
    pipeline.apply(one)
    assert list(fields_of(one)) == ["Image"]
    assert NOTES not in pipeline.state


@pytest.mark.parametrize(
    "log_source",
    [one.section for one in windows().log_sources],
    ids=lambda section: "-".join(section.values()),
)
def test_the_pipeline_adds_the_condition_that_the_log_source_has(
    log_source: dict[str, str],
) -> None:
    """The detection that the pipeline adds and the predicate of the reference are one condition."""
    (kind,) = set(log_source) - {"product"}
    one = rule("{Custom: b}", f"{kind}: {log_source[kind]}")
    windows_ecs().apply(one)
    added = one.detection.detections["_log_source"].to_plain()
    text = yaml.safe_dump(
        {"title": "x", "logsource": log_source, "detection": {"a": added, "condition": "a"}}
    )
    pack = of(**{kind: log_source[kind]})
    plan = sigma.lower(load_documents(text, "x.yml"), {}, ALWAYS, ecs_schema(pack))
    assert isinstance(plan, Filter)
    predicate = log_source_predicate(pack)
    found = 0
    channels = [*pack.events, "Other"]
    codes = sorted({"0", *(code for some in pack.events.values() for code in some)})
    kinds = ["", *(value for some in pack.where.values() for value in some)]
    for channel in channels:
        for code in codes:
            for value in kinds:
                document = {
                    "winlog.channel": channel,
                    "event.code": code,
                    "winlog.event_data.EventType": value,
                }
                expected = evaluate(predicate, document)
                assert (evaluate(plan.predicate, document) is True) == (expected is True)
                found += expected is True
    assert found


def test_an_elastic_rule_never_has_a_pack_of_several_log_sources() -> None:
    assert pack_for_elastic_rule(["logs-windows.sysmon_operational-*"], []) is None
    assert pack_for_elastic_rule(["winlogbeat-*"], [("event.code", "1")]) is None


def test_every_log_source_of_the_public_windows_rules_is_mapped() -> None:
    missing = set()
    for path in sorted(shared("corpus/sigma-rules").rglob("*.yml")):
        text = path.read_text(encoding="utf-8")
        if "product: windows" not in text:
            continue
        source = yaml.safe_load(text)["logsource"]
        if source.get("product") == "windows" and pack_for_log_source(source) is None:
            missing.add((source.get("category"), source.get("service")))
    assert missing == UNMAPPED
