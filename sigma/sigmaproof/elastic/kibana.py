"""What the languages of a Kibana rule file share: the text is a condition, the file holds the correlation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sigma.correlations import SigmaCorrelationRule

from sigma.sigmaproof.new_terms import NewTermsSpec
from sigma.sigmaproof.threshold import ThresholdSpec

from .backend import ElasticBackend
from .layout import WIDTH, Choice, Line, Node


class KibanaBackend(ElasticBackend):
    """Base of the backends whose text a Kibana rule file takes as its query."""

    correlation_methods: ClassVar[dict[str, str] | None] = {
        "default": "Base query of a Kibana new-terms rule"
    }
    room: ClassVar[int] = WIDTH
    compares_words: ClassVar[bool] = True
    reads_flattened: ClassVar[bool] = True

    def new_terms_query(
        self,
        rule: SigmaCorrelationRule,
        spec: NewTermsSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Write the base query; Kibana's rule holds the terms, history and schedule."""
        return "\n".join(condition)

    def threshold_query(
        self,
        rule: SigmaCorrelationRule,
        spec: ThresholdSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Write the base query; Kibana's rule holds groups, counts and schedule."""
        return "\n".join(condition)


def listed(name: str, values: list[str], word: str, closing: str = "") -> list[Node]:
    """Write the values of one field: none, one alone, or several in parentheses."""
    match values:
        case []:
            return []
        case [value]:
            return [Line(f"{name}{value}{closing}")]
        case [first, *rest]:
            joined = (first, *(f"{word} {value}" for value in rest))
            return [Choice(f"{name}(", joined, f"){closing}")]
        case _:
            raise AssertionError("a list has a first element or none")
