from __future__ import annotations

from harness.events.event import Document, values_of
from harness.shrink import shrink


def test_only_what_shows_the_difference_is_left() -> None:
    document = {"a": {"b": 1, "c": 2}, "d": {"e": {"f": "x"}}, "g": [1, 2]}

    def shows(candidate: Document) -> bool:
        return "x" in values_of(candidate, "d.e.f") and 1 in values_of(candidate, "a.b")

    assert shrink(document, shows) == {"a": {"b": 1}, "d": {"e": {"f": "x"}}}


def test_the_number_of_attempts_is_bounded() -> None:
    calls: list[Document] = []

    def shows(candidate: Document) -> bool:
        calls.append(candidate)
        return False

    document = {str(number): number for number in range(100)}
    assert shrink(document, shows, attempts=10) == document
    assert len(calls) == 10
