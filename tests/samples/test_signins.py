from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from samples.generate_signins import DISORDER, log_bytes, signins
from samples.signins.cases import CASES
from samples.signins.document import APP_ID, CLIENT, INTERACTIVE, ORGANIZATION, PRINCIPAL, USER_TYPE
from samples.signins.tenant import DAYS, excluded_ids
from samples.signins.window_cases import Case
from tests.samples.expected_alerts import (
    ALERTS,
    EXPECTED,
    LOG,
    QUERY,
    SCHEDULE,
    Alert,
    alerts_of,
    expected_text,
)

COUNTS: dict[str, dict[str, int]] = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "cases" / "sample_signins.yml").read_text("utf-8")
)


@pytest.fixture(scope="module")
def alerts() -> list[dict[str, list[str]]]:
    found: list[dict[str, list[str]]] = json.loads(EXPECTED.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def unchanged() -> list[Alert]:
    return alerts_of()


def test_the_generator_writes_the_same_log_again() -> None:
    assert log_bytes() == LOG.read_bytes()


def test_the_expected_alerts_are_those_that_the_sql_derives() -> None:
    assert expected_text() == EXPECTED.read_text("utf-8")


def test_the_log_is_large_enough_and_small_enough() -> None:
    events = signins()
    assert len(events) >= 2000
    assert LOG.stat().st_size < 3_600_000
    ingested = [event.ingested for event in events]
    assert DAYS - 1 < (max(ingested) - min(ingested)) / timedelta(days=1) <= DAYS


def test_there_are_enough_alerts_and_not_too_many(alerts: list[dict[str, list[str]]]) -> None:
    assert 60 <= len(alerts) <= 300


def test_event_and_signin_have_one_unique_id() -> None:
    documents = [json.loads(line) for line in LOG.read_text("utf-8").splitlines()]
    ids = [document["event"]["id"] for document in documents]
    assert ids == [d["azure"]["signinlogs"]["properties"]["id"] for d in documents]
    assert len(set(ids)) == len(ids)


def test_events_are_out_of_order_but_within_ten_minutes() -> None:
    events = signins()
    latest = events[0].ingested
    worst = timedelta()
    for event in events:
        worst = max(worst, latest - event.ingested)
        latest = max(latest, event.ingested)
    assert timedelta(minutes=1) < worst <= DISORDER < timedelta(minutes=10)


SINGLE = (APP_ID, CLIENT, INTERACTIVE, ORGANIZATION, PRINCIPAL, USER_TYPE, "event.dataset")
"""Fields of which a row holds one value."""


def test_no_alert_comes_from_an_event_that_a_kusto_table_cannot_hold(
    alerts: list[dict[str, list[str]]],
) -> None:
    lists = {
        event.id
        for event in signins()
        if any(isinstance(value := event.changes.get(path), list) and value for path in SINGLE)
    }
    categories = {
        event.id
        for event in signins()
        if event.changes.get("event.category", "authentication") != "authentication"
    }
    assert len(lists) >= 10
    assert len(categories) >= 10
    assert not (lists | categories) & {id for alert in alerts for id in alert["ids"]}


def test_every_event_names_its_data_stream_but_one() -> None:
    documents = [json.loads(line) for line in LOG.read_text("utf-8").splitlines()]
    named = Counter(d.get("data_stream", {}).get("dataset") for d in documents)
    assert named == {"azure.signinlogs": len(documents) - 1, None: 1}


def test_every_case_is_listed_with_its_outcome() -> None:
    assert [case.__name__ for case in CASES] == list(COUNTS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_case_is_reported_as_often_as_it_says(
    case: Case, alerts: list[dict[str, list[str]]]
) -> None:
    ids = {event.id for event in case()}
    found = [alert for alert in alerts if ids & set(alert["ids"])]
    terms = {tuple(alert["term"]) for alert in found}
    assert {"terms": len(terms), "alerts": len(found)} == COUNTS[case.__name__]


CONDITIONS = [line for line in QUERY.splitlines() if line.startswith(("WHERE", "  AND"))]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_condition_of_the_query_decides_some_alert(
    condition: str, unchanged: list[Alert]
) -> None:
    keyword = condition.split()[0]
    assert alerts_of(QUERY.replace(condition.rstrip(";"), f"{keyword} true"), ALERTS) != unchanged


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("HAVING min(seen) > finish", "HAVING min(seen) >= finish"),
        ("BETWEEN finish - $history AND finish", "> finish - $history AND seen <= finish"),
        ("BETWEEN finish - $history AND finish", ">= finish - $history AND seen < finish"),
        (
            "coalesce(doc ->> '$.event.ingested', doc ->> '$.\"@timestamp\"')",
            "(doc ->> '$.\"@timestamp\"')",
        ),
        (
            "coalesce(doc ->> '$.event.ingested', doc ->> '$.\"@timestamp\"')",
            "(doc ->> '$.event.ingested')",
        ),
    ],
)
def test_a_small_change_of_the_query_changes_the_alerts(
    old: str, new: str, unchanged: list[Alert]
) -> None:
    assert old in QUERY + ALERTS
    assert alerts_of(QUERY.replace(old, new), ALERTS.replace(old, new)) != unchanged


@pytest.mark.parametrize("condition", [line for line in CONDITIONS if "interactive" not in line])
def test_ignoring_case_in_one_condition_changes_the_alerts(
    condition: str, unchanged: list[Alert]
) -> None:
    field = r"((?:entra|field)\(doc, '[^']*'\))"
    folded = re.sub(field, r"string_split(lower(array_to_string(\1, ',')), ',')", condition)
    folded = re.sub(r"(?<=\), )'[^']*'", lambda value: value[0].lower(), folded)
    assert folded != condition
    assert alerts_of(QUERY.replace(condition, folded)) != unchanged


@pytest.mark.parametrize("name", list(SCHEDULE))
@pytest.mark.parametrize("change", [-1, 1])
def test_a_small_change_of_the_schedule_changes_the_alerts(
    name: str, change: int, unchanged: list[Alert]
) -> None:
    unit = 24 * 60 if name == "history" else 1
    other = SCHEDULE | {name: SCHEDULE[name] + change * unit * 60_000_000}
    assert alerts_of(schedule=other) != unchanged


def test_each_excluded_application_would_be_reported_without_its_exclusion() -> None:
    reported = Counter(str(app) for _, _, app, _, _ in alerts_of(excluded=["none"]))
    assert set(excluded_ids()) <= set(reported)
