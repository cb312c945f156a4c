from __future__ import annotations

import json
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from converter import deliverables
from converter.deliverables import sentinel_arm
from converter.deliverables.analytics_rule import analytics_rule
from converter.deliverables.sentinel_arm import template_of
from converter.deliverables.sentinel_arm_file import template_problems
from converter.deliverables.sentinel_rule_file import read_rule
from converter.diagnostic import Diagnostic
from converter.errors import InputError
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery, render
from tests.converter.deliverables.limits import Limit, limits

SAMPLE = Path(__file__).parents[3] / "samples/rules/entra_id_unusual_client.toml"
SCHEMA = json.loads(
    resources.files(deliverables).joinpath("sentinel_arm.schema.json").read_text(encoding="utf-8")
)
TYPE = "Microsoft.OperationalInsights/workspaces/providers/alertRules"
LIMITS = limits("sentinel-limits.yml")


def rendered(path: Path) -> tuple[str, RenderedQuery]:
    rule = read_rules(path.read_text(encoding="utf-8"), path.name, ImportOptions())[0]
    return rule.documents, render(
        rule.documents, path.name, target_named("sentinel"), rule.pack, "scheduled"
    )


@pytest.fixture(scope="module")
def sample() -> tuple[str, RenderedQuery]:
    return rendered(SAMPLE)


@pytest.fixture(scope="module")
def written(sample: tuple[str, RenderedQuery]) -> tuple[Any, tuple[Diagnostic, ...]]:
    text, remarks = sentinel_arm.write(*sample)
    return json.loads(text), remarks


def test_the_sample_rule_is_a_valid_template(written: tuple[Any, Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(written[0])) == []
    assert template_problems(written[0]) == []


def test_the_template_says_what_the_yaml_form_says(
    sample: tuple[str, RenderedQuery], written: tuple[Any, Any]
) -> None:
    rule, _ = analytics_rule(*sample)
    (resource,) = written[0]["resources"]
    assert (resource["apiVersion"], resource["kind"]) == ("2025-09-01", "Scheduled")
    assert resource["name"] == (
        f"[concat(parameters('workspace'), '/Microsoft.SecurityInsights/{rule['id']}')]"
    )
    properties = resource["properties"]
    same = ("description", "severity", "tactics", "query", "entityMappings", "customDetails")
    assert {key: properties[key] for key in same} == {key: rule[key] for key in same}
    assert properties["displayName"] == rule["name"]
    assert (properties["queryFrequency"], properties["queryPeriod"]) == ("PT1H", "P14D")
    assert (properties["triggerOperator"], properties["triggerThreshold"]) == ("GreaterThan", 0)
    assert (properties["suppressionDuration"], properties["suppressionEnabled"]) == ("PT5H", False)
    assert written[0]["contentVersion"] == f"{rule['version']}.0"


def test_sub_techniques_stand_as_their_techniques_and_that_is_said(
    written: tuple[Any, tuple[Diagnostic, ...]],
) -> None:
    properties = written[0]["resources"][0]["properties"]
    assert properties["techniques"] == ["T1078", "T1528"]
    assert "subTechniques" not in properties
    assert [one.code for one in written[1]] == ["sub-techniques-folded"]
    assert "T1078.004" in written[1][0].message


def test_a_text_that_begins_with_a_bracket_is_no_expression(
    sample: tuple[str, RenderedQuery],
) -> None:
    rule, _ = analytics_rule(*sample)
    template: Any = template_of({**rule, "name": "[Entra] a sign-in"})
    assert template["resources"][0]["properties"]["displayName"] == "[[Entra] a sign-in"
    assert template_problems(template) == []


@pytest.mark.parametrize("limit", [one for one in LIMITS if one.forms != "yaml"], ids=str)
def test_a_limit_that_is_broken_is_named(limit: Limit, sample: tuple[str, RenderedQuery]) -> None:
    rule, _ = analytics_rule(*sample)
    assert template_problems(template_of({**rule, **limit.change})) == [limit.message]


@pytest.mark.parametrize("limit", [one for one in LIMITS if one.forms != "yaml"], ids=str)
def test_the_schema_refuses_what_one_key_decides(
    limit: Limit, sample: tuple[str, RenderedQuery]
) -> None:
    rule, _ = analytics_rule(*sample)
    template = template_of({**rule, **limit.change})
    assert Draft202012Validator(SCHEMA).is_valid(template) is limit.is_of_several_keys


BROKEN = {
    "short durations": (
        {"queryFrequency": "1h"},
        "duration '1h' is not valid; write it as PT5M, PT1H or P14D",
    ),
    "operator of the other form": (
        {"triggerOperator": "GT"},
        "triggerOperator 'GT' is not known; use gt, lt, eq or ne",
    ),
    "property missing": (
        {"suppressionDuration": None},
        "ARM template: property suppressionDuration is missing; add it",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_template_of_its_own_faults_is_refused(name: str, written: tuple[Any, Any]) -> None:
    change, message = BROKEN[name]
    template = json.loads(json.dumps(written[0]))
    properties = template["resources"][0]["properties"] | change
    template["resources"][0]["properties"] = {
        key: value for key, value in properties.items() if value is not None
    }
    assert template_problems(template) == [message]
    assert not Draft202012Validator(SCHEMA).is_valid(template)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ([], "ARM template: no single resource with properties; write one rule"),
        (
            {"contentVersion": "1.0.0.0", "resources": [{"type": "T", "properties": {}}]},
            "ARM template: type 'T' is no analytics rule; use " + TYPE,
        ),
    ],
)
def test_another_template_is_refused(template: object, message: str) -> None:
    assert template_problems(template) == [message]


def test_a_template_reads_back_as_the_rule_that_it_deploys(written: tuple[Any, Any]) -> None:
    template = json.loads(json.dumps(written[0]))
    properties = template["resources"][0]["properties"]
    deployed = read_rule(json.dumps(template))
    assert deployed is not None
    assert deployed.query == properties["query"]
    assert (deployed.frequency, deployed.period) == (timedelta(hours=1), timedelta(days=14))
    properties["severity"] = "Critical"
    with pytest.raises(InputError, match="^ARM template: severity 'Critical' is not known"):
        read_rule(json.dumps(template))
