"""Which of two tables a rule is written for, where the better one holds a part of the log source."""

from __future__ import annotations

import pytest
from sigma.collection import SigmaCollection
from sigma.rule import SigmaRule

from sigma.sigmaproof.mapping_reader import pack_from_text
from sigma.sigmaproof.pack_pipelines import fields_of
from sigma.sigmaproof.table_choice import choose_tables, demands_of

PACK = pack_from_text(
    """
pack: mail
version: 1.0.0
title: Mail
licence: Apache-2.0
log_source: {product: mail, service: audit}
services: [other]
ecs: {condition: {event.dataset: mail}}
sources: {own: invented}
tables:
  Part:
    id: Id
    selector: {event.provider: [Exchange, Teams]}
    columns: {string: [Id, Work, Name], datetime: [TimeGenerated]}
  Whole:
    id: Id
    columns: {string: [Id, Work, Name, More], datetime: [TimeGenerated]}
choices: [[Part], [Whole]]
fields:
  - {ecs: event.provider, sigma: Work}
  - {ecs: event.action, sigma: Name}
  - {ecs: event.reason, sigma: More}
""",
    "mail/mapping.yml",
)


def rule(detection: str) -> SigmaRule:
    text = f"""
title: Mail
logsource: {{product: mail, service: audit}}
detection: {detection}
"""
    found = SigmaCollection.from_yaml(text).rules[0]
    assert isinstance(found, SigmaRule)
    return found


@pytest.mark.parametrize(
    ("detection", "table"),
    [
        ("{a: {Work: Exchange, Name: x}, condition: a}", "Part"),
        ("{a: {Work: [Exchange, Teams]}, b: {Name: x}, condition: a and b}", "Part"),
        ("{a: {Work: Exchange}, b: {Work: Teams}, condition: a or b}", "Part"),
        ("{a: {Work: Exchange}, b: {Name: x}, condition: a and not b}", "Part"),
        ("{a: {Work: Exchange, More: y}, condition: a}", "Whole"),
        ("{a: {Name: x}, condition: a}", "Whole"),
        ("{a: {Work: Directory}, condition: a}", "Whole"),
        ("{a: {Work: [Exchange, Directory]}, condition: a}", "Whole"),
        ("{a: {Work: Exchange}, b: {Name: x}, condition: a or b}", "Whole"),
        ("{a: {Work: Exchange}, b: {Name: x}, condition: b and not a}", "Whole"),
        ("{a: {Work: Ex*}, condition: a}", "Whole"),
        ("{a: [Exchange], condition: a}", "Whole"),
    ],
)
def test_a_table_of_a_part_is_chosen_for_rules_on_that_part_alone(
    detection: str, table: str
) -> None:
    one = rule(detection)
    choices = PACK.whole_choices("sentinel")
    names = sorted(set(fields_of(one)))
    assert choose_tables(PACK, choices, names, [one]).tables == (table,)


def test_several_rules_demand_what_each_of_them_does() -> None:
    first = rule("{a: {Work: Exchange, Name: x}, condition: a}")
    second = rule("{a: {Work: Teams}, condition: a}")
    assert demands_of([first, second]) == {"Work": frozenset({"Exchange", "Teams"})}
    assert demands_of([]) == {}


@pytest.mark.parametrize(("service", "is_covered"), [("audit", 1), ("other", 1), ("third", 0)])
def test_other_services_may_mean_the_log_source(service: str, is_covered: int) -> None:
    found = PACK.of({"product": "mail", "service": service})
    assert (found is PACK) == bool(is_covered)
