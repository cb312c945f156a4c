"""Renders Sigma to EQL event queries, or refuses.

A field is a set of values, a comparison holds if any value satisfies it and `not` is the complement,
which is what Sigma means too. Patterns have no escape: a literal `*` or `?` goes into a list or a regular expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sigma.conversion.state import ConversionState
from sigma.correlations import SigmaCorrelationRule, SigmaCorrelationType
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule
from sigma.types import SigmaFieldReference

from sigma.sigmaproof.elastic.backend import Callback, ElasticBackend
from sigma.sigmaproof.elastic.comparison import Comparison
from sigma.sigmaproof.elastic.fields import Field
from sigma.sigmaproof.elastic.layout import WIDTH, Line, Node, Style
from sigma.sigmaproof.elastic.refusal import refusal
from sigma.sigmaproof.new_terms import NewTermsSpec, new_terms_of

from .condition import alternatives
from .literals import field_name

_START = "any where"
_INDENT = "  "


class EqlBackend(ElasticBackend):
    """EQL event queries; correlations are refused."""

    name: ClassVar[str] = "EQL (sigmaproof)"
    identifier: ClassVar[str] = "sigmaproof_eql"
    correlation_methods: ClassVar[dict[str, str] | None] = {
        "default": "None: EQL has no first-seen"
    }
    style: ClassVar[Style] = Style("and", "or", "not")
    room: ClassVar[int] = WIDTH - len(_INDENT)

    def alternatives(self, field: Field, comparisons: list[Comparison]) -> Node:
        """Write conditions, those of one operator as one list."""
        return alternatives(field, comparisons)

    def absence(self, field: Field) -> Node:
        """Write that a field has no value; `?` lets it be unmapped too."""
        return Line(f"?{field_name(field.name)} == null")

    def reference(self, field: Field, value: SigmaFieldReference, other: Field) -> Node:
        """Refuse: only functions read two fields, and they fold more letters than Sigma does."""
        raise refusal(
            f"field {field.name}: a comparison with the field {other.name}: EQL compares two fields by"
            " functions alone, which without regard to case fold every letter, and Sigma folds A to Z",
            "compare it with values, or use the target esql",
        )

    def convert_correlation_rule(
        self,
        rule: SigmaCorrelationRule,
        output_format: str | None = None,
        method: str | None = None,
        callback: Callback | None = None,
    ) -> list[Any]:
        """Refuse: an event query judges one event at a time."""
        error = self._refusal_of(rule)
        if not self.collect_errors:
            raise error
        # pySigma's annotation knows plain rules only, its own code keeps correlations too.
        self.errors.append((rule, error))  # type: ignore[arg-type]
        return []

    def _refusal_of(self, rule: SigmaCorrelationRule) -> SigmaError:
        if new_terms_of(rule) is not None:
            return refusal(
                "EQL has no first-seen: a query matches events or sequences, and none can say that"
                " a value never occurred in the history",
                "use the target kuery, lucene or esql",
            )
        if rule.type in (SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED):
            return refusal(
                f"a correlation of type {rule.type}: a sequence of EQL keeps one open match for each key and"
                " drops the older one, Sigma's windows slide over all of them",
                "render the base rules on their own",
            )
        return refusal(
            f"a correlation of type {rule.type}: EQL has no counts for a group; a sequence with runs alerts"
            " on each run of events inside maxspan, not once for the group",
            "use the target sentinel or kusto-ecs, or esql for a count in runs (sigmaproof.threshold)",
        )

    def new_terms_query(
        self,
        rule: SigmaCorrelationRule,
        spec: NewTermsSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Refuse, as `convert_correlation_rule` does before."""
        raise self._refusal_of(rule)

    def finalize_query_default(
        self,
        rule: SigmaRule | SigmaCorrelationRule,
        query: object,
        index: int,
        state: ConversionState,
    ) -> object:
        """Put a condition into a query over events of any category."""
        lines = str(query).split("\n")
        if len(lines) == 1 and len(_START) + 1 + len(lines[0]) <= WIDTH:
            return f"{_START} {lines[0]}"
        return "\n".join([_START, *(_INDENT + line for line in lines)])
