"""The data of a Windows event as XML text: what is written is what is read, by any parser of XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from converter.layout import Kind
from harness.events.cells import cell_of
from harness.events.event_xml import can_hold, element_in, with_element, xml_of

VALUES = [
    "plain",
    "<>&\"'",
    "&lt; &amp;lt;",
    "a\r\nb\tc\rd",
    " blanks ",
    "grüße \N{GRINNING FACE}",
    "]]>",
]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_read_as_it_was_written(value: str) -> None:
    assert element_in(xml_of({"A": "x", "Name & <more>": value}), "Name & <more>") == value
    assert element_in(with_element(xml_of({"A": "x"}), "B", value), "B") == value


def test_no_text_has_what_would_begin_an_element() -> None:
    text = xml_of({"A": '<Data Name="B">x</Data>'})
    assert text.count("<Data ") == 1
    assert element_in(text, "B") is None


@pytest.mark.parametrize("value", ["", None])
def test_an_element_without_text_is_there(value: str | None) -> None:
    text = xml_of({"A": value})
    assert (element_in(text, "A"), element_in(text, "B")) == ("", None)


def test_values_of_other_types_are_written_as_the_event_has_them() -> None:
    text = xml_of({"A": 7, "B": True, "C": {"#text": "c", "#attributes": {}}, "#attributes": {}})
    assert [element_in(text, name) for name in "ABC"] == ["7", "true", "c"]
    assert "#attributes" not in text


def test_values_without_names_have_none() -> None:
    text = xml_of({"Data": ["a", "<b>"], "C": "c"})
    found = [(one.get("Name"), one.text) for one in ElementTree.fromstring(text)[0]]
    assert found == [(None, "a"), (None, "<b>"), ("C", "c")]
    assert element_in(text, "Data") is None


@pytest.mark.parametrize("value", ["a\0b", "\x1b[0m", "\ud800", "\uffff"])
def test_what_xml_cannot_hold_is_not_written(value: str) -> None:
    assert xml_of({"A": "x", "B": value}) == xml_of({"A": "x"})
    assert not can_hold(value)
    assert cell_of(value, Kind.TEXT, "xml") is None
    assert cell_of("a\r\n\t<", Kind.TEXT, "xml") == "a\r\n\t<"


def test_another_element_keeps_the_others_and_the_agent() -> None:
    text = with_element(xml_of({"A": "x"}, "one"), "A", "y")
    assert text == xml_of({"A": "y"}, "one")
    assert text != xml_of({"A": "y"}, "other")


@pytest.mark.parametrize("text", ["", None, "no XML", "<a>"])
def test_what_is_no_xml_has_no_elements(text: str | None) -> None:
    assert element_in(text, "A") is None
