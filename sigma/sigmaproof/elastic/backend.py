"""The pySigma side of the Elasticsearch backends: conditions to layout nodes, nodes to text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, TypeGuard

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.conversion.base import TextQueryBackend
from sigma.conversion.state import ConversionState
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.processing.pipeline import ProcessingPipeline
from sigma.rule import SigmaRule
from sigma.types import (
    CompareOperators,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaString,
    SigmaType,
)

from sigma.sigmaproof.assumed_types import ASSUMED_TYPE, assumed_types, assumption
from sigma.sigmaproof.new_terms import NewTermsSpec, new_terms_of
from sigma.sigmaproof.tables import NOTES
from sigma.sigmaproof.threshold import ThresholdSpec, threshold_of

from .analysed import ANALYSED_TEXT, note_of
from .comparison import Address, AnyValue, Comparison, Network, Never, comparison_of
from .fields import ECS_TYPES, Field, Kind, field_of
from .layout import Block, Node, Style, Truth, every, laid_out, negation, some
from .refusal import refusal

Condition = ConditionItem | ConditionFieldEqualsValueExpression | ConditionValueExpression
Callback = Callable[[SigmaRule | SigmaCorrelationRule, str | None, int, Any, Any], Any]
"""pySigma's hook on each query."""
NEVER_HOLDS = "never-holds"
LINES = "sigmaproof_lines"
"""State key of the lines of a written condition; a line may hold a line break of a regular expression."""


class ElasticBackend(TextQueryBackend):
    """Base of the backends; a language says how it writes one field's comparisons, and a new-terms rule.

    `notes` holds the diagnostics of the conversions so far as (code, message).
    """

    requires_pipeline: ClassVar[bool] = False
    formats: ClassVar[dict[str, str]] = {"default": "Query text, one condition a line"}
    correlation_methods: ClassVar[dict[str, str] | None] = {"default": "New terms"}
    style: ClassVar[Style]
    room: ClassVar[int]
    """Width that is left for the condition of a rule."""
    compares_words: ClassVar[bool] = False
    """Whether the language asks analysed text for words, not for characters."""
    reads_flattened: ClassVar[bool] = False
    """Whether the language compares the values under all keys of a flattened field."""
    reads_nested: ClassVar[bool] = False
    """Whether the language looks into nested objects."""

    def __init__(
        self,
        processing_pipeline: ProcessingPipeline | None = None,
        collect_errors: bool = False,
        **backend_options: dict[str, Any],
    ) -> None:
        super().__init__(processing_pipeline, collect_errors, **backend_options)
        self.notes: list[tuple[str, str]] = []
        self._assumed: dict[str, tuple[str, ...]] = {}
        self._rule: SigmaRule | None = None

    @property
    def language(self) -> str:
        """The name of the language in messages."""
        return self.name.removesuffix(" (sigmaproof)")

    @abstractmethod
    def alternatives(self, field: Field, comparisons: list[Comparison]) -> Node:
        """Write that one of the comparisons with a field holds; never empty."""

    def comparison(self, field: Field, value: SigmaType) -> Comparison | Never:
        """Return what a value asks of a field; a language that converts values answers more."""
        return comparison_of(field, value)

    def absence(self, field: Field) -> Node:
        """Write that a field has no value."""
        return negation(self.alternatives(field, [AnyValue()]))

    def reference(self, field: Field, value: SigmaFieldReference, other: Field) -> Node:
        """Write that a field's value relates to that of another field (SIGMA-11)."""
        raise refusal(
            f"field {field.name}: a comparison with the field {other.name}: {self.language} compares"
            " fields with constants only",
            "compare it with values",
        )

    def keyword(self, value: SigmaType) -> Node:
        """Write that some field contains a value (SIGMA-12); refuses where the language cannot."""
        raise refusal(
            f"the keyword {str(value)!r}, a value without a field: {self.language} asks fields by name",
            "name the field that holds it",
        )

    @abstractmethod
    def new_terms_query(
        self,
        rule: SigmaCorrelationRule,
        spec: NewTermsSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Write a new-terms rule over base events that satisfy the lines of a condition."""

    def threshold_query(
        self,
        rule: SigmaCorrelationRule,
        spec: ThresholdSpec,
        condition: list[str],
        state: Mapping[str, object],
    ) -> str:
        """Write a count in runs over base events that satisfy the lines of a condition."""
        raise refusal(
            "a count of the events of a group",
            f"{self.language} matches events and has no aggregation",
        )

    def convert_condition(self, cond: Condition | None, state: ConversionState) -> str:
        """Write a whole condition; pySigma's methods for its parts are not used."""
        self._take_notes(state)
        node = self._node(checked(cond), state.processing_state)
        return self._written(node, state)

    def _written(self, node: Node, state: ConversionState) -> str:
        """Lay a whole condition out; a correlation finds its lines in the state."""
        if isinstance(node, Truth):
            reasons = [message for code, message in self.notes if code == NEVER_HOLDS]
            raise refusal(
                f"the condition holds for {'every' if node.holds else 'no'} event: {reasons[-1]}",
                "correct the field or the value",
            )
        lines = laid_out(node, self.style, self.room)
        state.processing_state = {**state.processing_state, LINES: lines}
        return "\n".join(lines)

    def convert_rule(
        self, rule: SigmaRule, output_format: str | None = None, callback: Callback | None = None
    ) -> list[Any]:
        """Convert one rule, whose comparisons tell the types of fields that nobody declared."""
        self._rule = rule
        return super().convert_rule(rule, output_format, callback)

    def _take_notes(self, state: ConversionState) -> None:
        """Take over what the pipeline noted."""
        for note in state.processing_state.get(NOTES, ()):
            self._note(*note)

    def convert_correlation_rule(
        self,
        rule: SigmaCorrelationRule,
        output_format: str | None = None,
        method: str | None = None,
        callback: Callback | None = None,
    ) -> list[Any]:
        """Write a new-terms rule or a count in runs; every other correlation is refused."""
        try:
            return self._correlation(rule, output_format or self.default_format, method, callback)
        except SigmaError as error:
            if not self.collect_errors:
                raise
            # pySigma's annotation knows plain rules only, its own code keeps correlations too.
            self.errors.append((rule, error))  # type: ignore[arg-type]
            return []

    def _correlation(
        self,
        rule: SigmaCorrelationRule,
        output_format: str,
        method: str | None,
        callback: Callback | None,
    ) -> list[Any]:
        if method not in (None, "default"):
            raise refusal(f"the correlation method {method!r}", "use the method default")
        self.last_processing_pipeline.apply(rule)
        state = _state_of(rule, self.last_processing_pipeline.state)
        query: Any = self._correlation_query(rule, state)
        if callback is not None:
            query = callback(rule, output_format, 0, query, query)
        states = [ConversionState(processing_state=state)]
        queries = [] if query is None else [query]
        final = [self.finalize_query(rule, one, 0, states[0], output_format) for one in queries]
        rule.set_conversion_result(final)
        rule.set_conversion_states(states)
        return final

    def _correlation_query(self, rule: SigmaCorrelationRule, state: Mapping[str, object]) -> str:
        if (terms := new_terms_of(rule)) is not None:
            return self.new_terms_query(rule, terms, self._base_lines(rule), state)
        if (counts := threshold_of(rule)) is not None:
            return self.threshold_query(rule, counts, self._base_lines(rule), state)
        raise refusal(
            f"a correlation of type {rule.type}",
            f"{self.language} says only new_terms and counts with the attribute sigmaproof.threshold",
        )

    def _base_lines(self, rule: SigmaCorrelationRule) -> list[str]:
        """Return the condition of the base events: any condition of any base rule (SIGMA-15, SIGMA-16)."""
        blocks: list[Node] = [
            Block(tuple(state.processing_state[LINES]))
            for reference in rule.referenced_rules
            for state in _base_rule(reference.rule).get_conversion_states()
            if LINES in state.processing_state
        ]
        if not blocks:
            raise refusal("the base rules have no condition", "convert them without errors first")
        return laid_out(some(blocks), self.style, self.room)

    def _node(self, cond: Condition, state: Mapping[str, object]) -> Node:
        match cond:
            case ConditionAND():
                return every([self._node(checked(one), state) for one in cond.args])
            case ConditionOR():
                return self._disjunction(disjuncts(cond), state)
            case ConditionNOT():
                return negation(self._node(checked(cond.args[0]), state))
            case ConditionFieldEqualsValueExpression():
                return self._leaf(cond, state)
            case ConditionValueExpression(value=SigmaExpansion(values=values)):
                return some([self.keyword(value) for value in values])
            case ConditionValueExpression(value=value):
                return self.keyword(value)
            case _:
                raise refusal(f"a condition of type {type(cond).__name__}", "write it otherwise")

    def _leaf(self, cond: ConditionFieldEqualsValueExpression, state: Mapping[str, object]) -> Node:
        match cond.value:
            case SigmaExpansion():
                return self._disjunction(disjuncts(cond), state)
            case SigmaNull() | SigmaExists(exists=False):
                return self.absence(self._field(cond.field, state))
            case SigmaCompareExpression(op=CompareOperators.NEQ, number=number):
                equality = ConditionFieldEqualsValueExpression(cond.field, number)
                return negation(self._leaf(equality, state))
            case SigmaFieldReference(field=other):
                return self.reference(
                    self._field(cond.field, state), cond.value, self._field(other, state)
                )
            case _:
                return self._disjunction([cond], state)

    def _disjunction(self, operands: list[Condition], state: Mapping[str, object]) -> Node:
        """Join operands; comparisons with one field stand together where the first one stood."""
        asked: dict[Field, list[Comparison]] = {}
        places: list[Node | Field] = []
        for operand in operands:
            if not is_positive(operand):
                places.append(self._node(operand, state))
                continue
            field = self._field(operand.field, state)
            comparison = self.comparison(field, operand.value)
            if isinstance(comparison, Never):
                self._note(NEVER_HOLDS, comparison.reason)
                continue
            if field not in asked:
                places.append(field)
            is_written = isinstance(operand.value, SigmaString)
            if isinstance(comparison, Address) or (is_written and isinstance(comparison, Network)):
                self._note(
                    "address-compared",
                    f"{field.name} is an ip field, which compares addresses however they are written",
                )
            is_words = self.compares_words and field.kind is Kind.TEXT
            if is_words and not isinstance(comparison, AnyValue):
                self._note(ANALYSED_TEXT, note_of(field))
            asked.setdefault(field, []).append(comparison)
        return some(
            [
                self.alternatives(place, asked[place]) if isinstance(place, Field) else place
                for place in places
            ]
        )

    def readable(self, name: str, state: Mapping[str, object]) -> Field:
        """Look a field up that the query reads; refuses a type that the language cannot read."""
        field = field_of(name, state)
        if field.type_name == "flattened" and not self.reads_flattened:
            raise refusal(
                f"field {name} has the type flattened, which {self.language} cannot read",
                "use the target kuery or lucene",
            )
        if field.nested and not self.reads_nested:
            raise refusal(
                f"field {name} is inside the nested object {field.nested}, into which"
                f" {self.language} cannot look",
                "use the target kuery",
            )
        return field

    def _field(self, name: str, state: Mapping[str, object]) -> Field:
        field = self.readable(name, state)
        if field.kind is not Kind.UNKNOWN:
            return field
        assumed = assumed_types([self._rule]).get(name) if self._rule else None
        if assumed is None:
            self._note_assumed(name, "keyword")
            return field
        self._note_assumed(name, assumed)
        of_type = field_of(name, {ECS_TYPES: {name: assumed}})
        return replace(of_type, is_single=field.is_single, nested=field.nested)

    def _note_assumed(self, name: str, type_name: str) -> None:
        """Say once for a type of which fields it is assumed."""
        before = self._assumed.get(type_name, ())
        if name in before:
            return
        fields = self._assumed[type_name] = (*before, name)
        if before:
            self.notes.remove((ASSUMED_TYPE, assumption(before, type_name)))
        self.notes.append((ASSUMED_TYPE, assumption(fields, type_name)))

    def _note(self, code: str, message: str) -> None:
        if (code, message) not in self.notes:
            self.notes.append((code, message))


def checked(cond: object) -> Condition:
    """Refuse an operand that pySigma left empty: dropping it would change the rule (SIGMA-16)."""
    if isinstance(cond, Condition):
        return cond
    raise refusal("a part of the condition is empty", "remove it from the rule")


def disjuncts(cond: Condition) -> list[Condition]:
    """Return the operands of a disjunction, through nested ones and expanded values."""
    match cond:
        case ConditionOR():
            return [inner for operand in cond.args for inner in disjuncts(checked(operand))]
        case ConditionFieldEqualsValueExpression(value=SigmaExpansion(values=values)):
            return [
                inner
                for value in values
                for inner in disjuncts(ConditionFieldEqualsValueExpression(cond.field, value))
            ]
        case _:
            return [cond]


def is_positive(cond: Condition) -> TypeGuard[ConditionFieldEqualsValueExpression]:
    """Say whether a condition is a comparison that is no negation in disguise."""
    if not isinstance(cond, ConditionFieldEqualsValueExpression):
        return False
    match cond.value:
        case SigmaNull() | SigmaExists(exists=False) | SigmaExpansion() | SigmaFieldReference():
            return False
        case SigmaCompareExpression(op=CompareOperators.NEQ):
            return False
        case _:
            return True


def _base_rule(rule: SigmaRule | SigmaCorrelationRule) -> SigmaRule:
    if isinstance(rule, SigmaCorrelationRule):
        raise refusal("new terms over a correlation", "refer to rules with a detection")
    return rule


def _state_of(rule: SigmaCorrelationRule, own: Mapping[str, object]) -> dict[str, object]:
    """Return what the pipeline told about the log source, at the base rules and here."""
    merged: dict[str, object] = {}
    for reference in rule.referenced_rules:
        for state in _base_rule(reference.rule).get_conversion_states():
            merged.update(state.processing_state)
    merged.update(own)
    return merged
