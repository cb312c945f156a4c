from __future__ import annotations

import pytest
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingItem
from sigma.processing.transformations import SetStateTransformation
from sigma.rule import SigmaRule

from converter.languages.kusto import check
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend
from sigma.sigmaproof.tables import NOTES, Column, EcsTable, Table
from tests.oracles.kusto.binder import bind
from tests.sigma.backends.kusto_table import pipeline

INTERACTIVE = Table(
    "Signins",
    columns={
        "user": Column("UserName", "string"),
        "app": Column("AppId", "string"),
        "status": Column("Status", "dynamic"),
        "interactive": Column("true", "bool", True),
    },
)
OTHER = Table(
    "OtherSignins",
    columns={
        "user": Column("UserName", "string"),
        "status": Column("Status", "string"),
        "interactive": Column("false", "bool", False),
    },
    absent=frozenset({"app"}),
)
TABLES = {
    "Signins": {
        "TimeGenerated": "datetime",
        "Id": "string",
        "UserName": "string",
        "AppId": "string",
        "Status": "dynamic",
    },
    "OtherSignins": {
        "TimeGenerated": "datetime",
        "Id": "string",
        "UserName": "string",
        "Status": "string",
    },
}


def rule(detection: dict[str, object], condition: str = "one") -> SigmaRule:
    return SigmaRule.from_dict(
        {
            "title": "A sign-in",
            "id": "6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11",
            "author": "Somebody",
            "license": "Apache-2.0",
            "logsource": {"category": "test"},
            "fields": ["user", "app", "status", "unknown"],
            "detection": {**detection, "condition": condition},
        }
    )


def converted(one: SigmaRule, *tables: Table, output_format: str = "default") -> str:
    backend = SigmaproofKustoBackend(pipeline(*tables))
    (text,) = backend.convert(SigmaCollection([one]), output_format)
    return str(text)


def body(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("//")]


def test_one_table_is_read_with_all_its_columns() -> None:
    text = converted(rule({"one": {"user": "ann", "interactive": True}}), INTERACTIVE, OTHER)
    assert (
        text
        == """\
// A sign-in
//   rule:    6f0f1d0a-0f3c-4b5e-9a0a-1f6f2f7d2c11
//   author:  Somebody
//   licence: Apache-2.0
Signins
| where UserName =~ "ann"
"""
    )
    assert bind([(text, TABLES)])[0].findings == ()


def test_several_tables_are_projected_to_columns_of_one_type() -> None:
    text = converted(rule({"one": {"user": "ann"}}), INTERACTIVE, OTHER)
    assert body(text) == [
        "union",
        "    (Signins",
        '    | where UserName =~ "ann"',
        "    | project TimeGenerated, Id, UserName, AppId, Status = tostring(Status)),",
        "    (OtherSignins",
        '    | where UserName =~ "ann"',
        "    | project TimeGenerated, Id, UserName, Status)",
    ]
    assert "context-field: unknown is not shown beside the result" in text
    assert check(text, TABLES) == ()
    assert bind([(text, TABLES)])[0].findings == ()


def test_a_condition_that_holds_for_all_rows_leaves_the_table_alone() -> None:
    assert body(converted(rule({"one": {"interactive": False}}), INTERACTIVE, OTHER)) == [
        "OtherSignins"
    ]


def test_a_field_that_a_table_lacks_decides_its_rows() -> None:
    text = converted(rule({"one": {"app": "x"}}, "not one"), INTERACTIVE, OTHER)
    assert '    | where AppId !~ "x"' in text
    assert body(text)[4] == "    (OtherSignins"
    assert body(text)[5].startswith("    | project")


def test_a_refused_field_does_not_matter_where_the_table_is_left_out() -> None:
    refusing = Table("Bad", columns=OTHER.columns, refused={"app": "it is a hash"})
    text = converted(rule({"one": {"app": "x", "interactive": True}}), INTERACTIVE, refusing)
    assert body(text) == ["Signins", '| where AppId =~ "x"']
    with pytest.raises(SigmaError, match="field app cannot be read from table Bad: it is a hash"):
        converted(rule({"one": {"app": "x"}}), INTERACTIVE, refusing)


def test_a_scheduled_rule_reads_what_was_ingested_since_the_last_run() -> None:
    text = converted(rule({"one": {"app": "x"}}), INTERACTIVE, OTHER, output_format="scheduled")
    assert body(text) == [
        "let window = 1h;  // queryFrequency of the rule",
        "let period = 2h;  // queryPeriod of the rule",
        "Signins",
        "| where TimeGenerated >= ago(period)",
        "| where ingestion_time() > ago(window)",
        '| where AppId =~ "x"',
    ]
    assert bind([(text, TABLES)])[0].findings == ()


def test_long_conditions_are_broken_at_their_operators() -> None:
    names = [f"somebody-with-a-name-{number}" for number in range(4)]
    text = converted(
        rule(
            {
                "one": {"user": names},
                "two": {"app|contains": ["a-part-of-an-application", "another-part-of-it"]},
                "three": {
                    "app|startswith": "a-start",
                    "user|endswith": "an-end-that-is-rather-long",
                },
            },
            "one or two or three",
        ),
        INTERACTIVE,
    )
    assert body(text) == [
        "Signins",
        "| where UserName in~ (",
        '        "somebody-with-a-name-0",',
        '        "somebody-with-a-name-1",',
        '        "somebody-with-a-name-2",',
        '        "somebody-with-a-name-3")',
        '    or AppId contains "a-part-of-an-application"',
        '    or AppId contains "another-part-of-it"',
        '    or (AppId startswith "a-start" and UserName endswith "an-end-that-is-rather-long")',
    ]
    assert bind([(text, TABLES)])[0].findings == ()


def test_errors_are_collected_when_asked_for() -> None:
    one = rule({"one": {"nowhere": "x"}})
    backend = SigmaproofKustoBackend(pipeline(INTERACTIVE), collect_errors=True)
    assert backend.convert(SigmaCollection([one])) == []
    assert [str(error) for _, error in backend.errors] == [
        "field nowhere has no entry in the mapping pack for table Signins; add one"
    ]


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(SigmaError, match="use one of default, large, scheduled"):
        converted(rule({"one": {"user": "x"}}), INTERACTIVE, output_format="savedsearch")


def test_what_the_pipeline_notes_stands_in_the_header_where_it_concerns_the_tables() -> None:
    backend = SigmaproofKustoBackend(pipeline(INTERACTIVE))
    notes = [
        ("mapping-absent", "no column in OtherSignins"),
        ("mapping-loss", "user: is shortened"),
    ]
    assert backend.processing_pipeline is not None
    backend.processing_pipeline.items.append(ProcessingItem(SetStateTransformation(NOTES, notes)))
    (text,) = backend.convert(SigmaCollection([rule({"one": {"user": "x"}})]))
    assert "// - mapping-loss: user: is shortened\n" in text
    assert "OtherSignins" not in text


def test_a_keyword_is_looked_for_in_every_column_of_a_table_that_has_any() -> None:
    keywords = rule({"one": ["some text", "a*b", 22], "two": {"|re": "^x"}}, "one and not two")
    text = converted(keywords, EcsTable())
    assert body(text) == [
        "Events",
        '| where * contains "some text" or * matches regex "(?is)a.*b" or * contains "22"',
        '| where not(* matches regex "^x")',
    ]
    assert text.count("// - keyword-columns: ") == 4
    assert (
        bind([(text, {"Events": {"s": "string", "n": "long", "d": "dynamic"}})])[0].findings == ()
    )


def test_a_network_without_a_field_is_refused() -> None:
    with pytest.raises(SigmaError, match="a network without a field cannot be looked for"):
        converted(rule({"one": {"|cidr": "10.0.0.0/8"}}), EcsTable())
