from __future__ import annotations

import pytest
from sigma.exceptions import SigmaTransformationError

from sigma.sigmaproof.tables import Column, EcsTable, Table, bracketed


def test_a_field_has_a_column_or_is_absent_or_stops_the_rendering() -> None:
    table = Table(
        "Demo",
        columns={"Actor": Column("Actor", "string")},
        absent=frozenset({"Admin"}),
        refused={"Detail": "the column holds an array"},
    )
    assert table.column("Actor") == Column("Actor", "string")
    assert table.column("Admin") is None
    with pytest.raises(
        SigmaTransformationError,
        match="field Detail cannot be read from table Demo: the column holds an array",
    ):
        table.column("Detail")
    with pytest.raises(
        SigmaTransformationError,
        match="field Colour has no entry in the mapping pack for table Demo; add one",
    ):
        table.column("Colour")


def test_a_table_of_ecs_events_answers_every_field() -> None:
    table = EcsTable(types={"a.flag": "bool"})
    assert table.column("a.flag") == Column("['a.flag']", "bool")
    assert table.column("b") == Column("['b']", "string")
    assert table.knows("a.flag")
    assert not table.knows("b")


@pytest.mark.parametrize(
    ("name", "text"),
    [("event.dataset", "['event.dataset']"), ("it's", r"['it\'s']"), ("a\\b", r"['a\\b']")],
)
def test_a_column_name_is_quoted(name: str, text: str) -> None:
    assert bracketed(name) == text
