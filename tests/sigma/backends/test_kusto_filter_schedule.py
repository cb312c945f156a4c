from __future__ import annotations

from datetime import timedelta

import pytest
from sigma.rule import SigmaRule

from sigma.backends.sigmaproof_kusto.filter_schedule import (
    filter_change,
    filter_run,
    own_interval,
)

RULE = {
    "title": "A rule",
    "logsource": {"category": "test"},
    "detection": {"one": {"a": "b"}, "condition": "one"},
}


@pytest.mark.parametrize(
    ("minutes", "frequency", "period"),
    [
        (None, 60, 120),
        (1, 5, 65),
        (5, 5, 65),
        (60, 60, 120),
        (1440, 1440, 1500),
        (2880, 2880, 2940),
        (30 * 1440, 14 * 1440, 14 * 1440),
    ],
)
def test_a_rule_without_history_runs_as_its_elastic_rule_did(
    minutes: int | None, frequency: int, period: int
) -> None:
    run = filter_run(None if minutes is None else timedelta(minutes=minutes))
    assert (run.frequency, run.period) == (timedelta(minutes=frequency), timedelta(minutes=period))


def test_a_schedule_that_the_platform_does_not_take_is_said() -> None:
    minute = timedelta(minutes=1)
    assert filter_change(minute, filter_run(minute)) == (
        "the rule runs every 1m, which the platform does not take; the deployed rule runs every 5m"
    )
    assert filter_change(timedelta(minutes=5), filter_run(timedelta(minutes=5))) == ""
    assert filter_change(None, filter_run(None)) == ""


@pytest.mark.parametrize(
    ("attribute", "interval"),
    [
        ({}, None),
        ({"elastic": {"rule": {"risk_score": 1}}}, None),
        ({"elastic": {"rule": {"interval": "10m"}}}, timedelta(minutes=10)),
    ],
)
def test_the_interval_is_that_of_the_elastic_rule(
    attribute: dict[str, object], interval: timedelta | None
) -> None:
    assert own_interval(SigmaRule.from_dict({**RULE, **attribute})) == interval
