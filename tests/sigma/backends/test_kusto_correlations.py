"""Correlations as the Kusto backend renders them on tables: which columns they read, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import SetStateTransformation

from converter.languages.kusto import check, lint
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.loader import load_documents
from sigma.sigmaproof.tables import TABLES, Column, Table
from tests.oracles.kusto.binder import bind

_COLUMNS: dict[str, Column] = {
    "action": Column("Action", "string"),
    "user": Column("UserName", "string"),
    "client": Column("ClientName", "string"),
    "groups": Column("Groups", "dynamic"),
    "size": Column("Size", "long"),
    "note": Column("Note", "string"),
}
TABLE = Table("Doors", columns=_COLUMNS)
GATES = Table(
    "Gates",
    columns={**_COLUMNS, "size": Column("toreal(Size)", "real"), "user": Column("Owner", "string")},
    absent=frozenset({"note"}),
)
BARE = Table("Doors", id=None, columns=_COLUMNS)
SCHEMA = {
    "Doors": {
        "TimeGenerated": "datetime",
        "Id": "string",
        "Action": "string",
        "UserName": "string",
        "ClientName": "string",
        "Groups": "dynamic",
        "Size": "long",
        "Note": "string",
    }
}
SCHEMA["Gates"] = {**SCHEMA["Doors"], "Owner": "string"}


def _documents(section: dict[str, Any], *texts: str) -> str:
    names = [f"r{number}" for number in range(max(len(texts), 1))]
    shared = {"type": "event_count", "rules": names, "group-by": ["user"], "timespan": "10m"}
    main = {"title": "Main", "correlation": shared | section}
    rules = [
        {
            "title": name,
            "name": name,
            "logsource": {"product": "test"},
            "detection": {"sel": {"action": text}, "condition": "sel"},
        }
        for name, text in zip(names, texts or ("open",), strict=True)
    ]
    return yaml.safe_dump_all([main, *rules])


def _rendered(documents: str, *tables: Table, output_format: str = "default") -> str:
    pipeline = ProcessingPipeline(
        items=[ProcessingItem(SetStateTransformation(TABLES, tables or (TABLE,)))]
    )
    loaded = load_documents(documents, "case.yml")
    (text,) = SigmaproofKustoBackend(pipeline).convert(loaded.collection, output_format)
    return str(text)


def test_the_text_of_a_count() -> None:
    assert _rendered(_documents({"condition": {"gte": 3}})) == (
        "// Main\n"
        "let timeframe = 10m;\n"
        "let Matches = materialize(\n"
        "    Doors\n"
        '    | where Action =~ "open"\n'
        "    | project TimeGenerated, user = UserName\n"
        "    | where isnotempty(user)\n"
        ");\n"
        "Matches\n"
        "| distinct TimeGenerated, user\n"
        "| join kind=inner (\n"
        "    Matches\n"
        "    | project MatchTime = TimeGenerated, user\n"
        "    ) on user\n"
        "| where MatchTime between ((TimeGenerated - timeframe) .. TimeGenerated)\n"
        "| summarize EventCount = count(), FirstMatch = min(MatchTime) by TimeGenerated, user\n"
        "| where EventCount >= 3\n"
    )


def test_rules_that_nothing_tells_apart_are_one_search() -> None:
    text = _rendered(_documents({"condition": {"gte": 3}}, "open", "shut"))
    assert text.count("Doors") == 1
    assert "distinct TimeGenerated, RowId" not in text


def test_an_event_of_two_aliases_counts_once() -> None:
    aliases = {"who": {"r0": "user", "r1": "client"}}
    section = {"condition": {"gte": 3}, "group-by": ["who"], "aliases": aliases}
    text = _rendered(_documents(section, "open", "shut"))
    assert "| project TimeGenerated, RowId = Id, who = ClientName" in text
    assert "    | distinct TimeGenerated, RowId, who\n" in text


def test_the_elements_of_an_array_are_compared_with_the_text_of_another_rule() -> None:
    aliases = {"who": {"r0": "user", "r1": "groups"}}
    text = _rendered(
        _documents({"type": "temporal", "group-by": ["who"], "aliases": aliases}, "open", "shut")
    )
    assert '| project TimeGenerated, who = UserName, MatchedRule = "r0"\n' in text
    assert (
        '        | project TimeGenerated, who = Groups, MatchedRule = "r1"\n'
        "        | mv-expand who\n"
        "        | where isnotnull(who)\n"
        "        | extend who = tostring(who))\n"
    ) in text


def test_a_table_without_the_group_is_left_out() -> None:
    text = _rendered(_documents({"condition": {"gte": 3}, "group-by": ["note"]}), TABLE, GATES)
    assert "Gates" not in text


TEXTS: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"condition": {"gte": 3}}, ("open",)),
    ({"condition": {"gte": 3}, "group-by": []}, ("open",)),
    ({"condition": {"gte": 3}, "group-by": ["groups", "user"]}, ("open", "shut")),
    ({"type": "value_count", "condition": {"eq": 3, "field": "groups"}}, ("open",)),
    ({"type": "value_count", "condition": {"neq": 3, "field": "size"}}, ("open",)),
    ({"type": "value_sum", "condition": {"gt": 3, "field": "size"}}, ("open",)),
    ({"type": "value_avg", "condition": {"lt": 3, "field": "size"}}, ("open",)),
    ({"type": "value_median", "condition": {"lte": 3, "field": "size"}}, ("open",)),
    (
        {"type": "value_percentile", "condition": {"gte": 3, "field": "size", "percentile": 99}},
        ("open",),
    ),
    ({"type": "temporal"}, ("open", "shut")),
    ({"type": "temporal_ordered", "group-by": ["user", "size"]}, ("open", "shut", "open")),
    ({"type": "temporal_ordered", "group-by": []}, ("open", "shut")),
]


@pytest.mark.parametrize("output_format", ["default", "scheduled"])
def test_texts_bind(output_format: str) -> None:
    texts = [
        _rendered(_documents(section, *rules), *tables, output_format=output_format)
        for section, rules in TEXTS
        for tables in ((TABLE,), (TABLE, GATES))
        if not (len(tables) == 2 and "size" in str(section))
    ]
    assert [check(text, SCHEMA) + lint(text, SCHEMA) for text in texts] == [()] * len(texts)
    answers = bind([(text, SCHEMA) for text in texts])
    assert [answer.findings for answer in answers] == [()] * len(texts)


@pytest.mark.parametrize(
    ("section", "table", "message"),
    [
        (
            {"condition": {"gte": 3}, "group-by": ["groups"]},
            BARE,
            "the rows of Doors have no identity",
        ),
        (
            {"type": "value_sum", "condition": {"gte": 3, "field": "note"}},
            TABLE,
            "value_sum reads numbers, but Note is a column of type string",
        ),
        (
            {"condition": {"gte": 3}, "group-by": ["note"]},
            GATES,
            "no table that holds events of the rule r0 has a value of note",
        ),
        (
            {"type": "value_count", "condition": {"gte": 3, "field": "note"}},
            GATES,
            "no table that holds events of the rule r0 has a value of user, note",
        ),
        ({"condition": {"gte": 3}, "group-by": ["nobody"]}, TABLE, "field nobody has no entry"),
        (
            {"condition": {"gte": 3}, "group-by": ["Values"]},
            Table("Doors", columns={**_COLUMNS, "Values": Column("Values", "string")}),
            "a group is called Values, as a column that the query makes; give the field an alias",
        ),
        ({"condition": {"lt": 1}}, TABLE, "something did not happen raises no event"),
    ],
)
def test_what_no_text_can_say_is_refused(
    section: dict[str, Any], table: Table, message: str
) -> None:
    with pytest.raises(SigmaError, match=message):
        _rendered(_documents(section), table)


@pytest.mark.parametrize(
    ("timespan", "frequency", "period"),
    [("10m", "5m", "75m"), ("1d", "5m", "1505m"), ("2d", "1h", "50h"), ("30d", "1h", "14d")],
)
def test_a_run_sees_a_timespan_before_what_it_reports(
    timespan: str, frequency: str, period: str
) -> None:
    # SIGMA-22
    documents = _documents({"condition": {"gte": 3}, "timespan": timespan})
    text = _rendered(documents, output_format="scheduled")
    assert f"let window = {frequency};  // queryFrequency of the rule" in text
    assert f"let period = {period};  // queryPeriod of the rule" in text
    assert ("is cut" in text) is (timespan == "30d")


def test_a_detection_returns_an_event_of_each_instant() -> None:
    table = Table("Doors", time="Timestamp", id="ReportId", columns=_COLUMNS, assets=("DeviceId",))
    documents = _documents({"condition": {"gte": 3}})
    text = _rendered(documents, table, output_format="detection")
    assert "let window = 1h;  // frequency of the rule" in text
    assert "| summarize arg_max(ReportId, DeviceId) by Timestamp, user\n" in text
    assert text.endswith("by Timestamp, user, ReportId, DeviceId\n| where EventCount >= 3\n")


@pytest.mark.parametrize(
    ("timespan", "frequency", "lookback"),
    [("2h", "1h", "4h"), ("3h", "3h", "12h"), ("1d", "12h", "2d"), ("28d", "1d", "30d")],
)
def test_a_detection_sees_a_timespan_before_what_it_reports(
    timespan: str, frequency: str, lookback: str
) -> None:
    documents = _documents({"condition": {"gte": 3}, "timespan": timespan})
    text = _rendered(documents, output_format="detection")
    assert f"let window = {frequency};  // frequency of the rule" in text
    assert f"let period = {lookback};  // lookback of the rule" in text


def test_a_longer_window_has_no_detection() -> None:
    documents = _documents({"condition": {"gte": 3}, "timespan": "30d"})
    with pytest.raises(SigmaError, match="a window of 30d is longer than a detection of Defender"):
        _rendered(documents, output_format="detection")
