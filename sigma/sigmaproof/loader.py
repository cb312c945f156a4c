"""Loads Sigma files, the new-terms extension included.

Standard documents become the rules that pySigma makes of them, by the same steps in the same order
(actions, filters, references); the finished rules go into a `SigmaCollection`. pySigma is not patched.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sigma.collection import SigmaCollection, deep_dict_update
from sigma.correlations import SigmaCorrelationRule, SigmaExtendedCorrelationCondition
from sigma.exceptions import SigmaError, SigmaRuleNotFoundError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import SigmaCompareExpression, SigmaNumber

from .document_errors import MISTYPED, condition_error, document_error, refuse_mistyped
from .errors import SigmaFileError
from .new_terms import SigmaNewTermsRule, new_terms_of, portable_section
from .portable import NARROWS_MESSAGE, PORTABLE_NARROWS
from .threshold import threshold_of
from .used_detections import leave_unused_out
from .yaml_documents import YamlDocument, read_yaml

_ROUNDED_FROM = 2**53
"""From here on every double is a whole number, which pySigma would hold as one."""

AnyRule = SigmaRule | SigmaCorrelationRule | SigmaFilter


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """The rules of one or more files."""

    collection: SigmaCollection
    """Filters applied, references resolved, referenced rules before those that refer to them."""
    notes: tuple[tuple[str, str], ...] = ()
    """Code and message of what a person must know about the files."""

    @property
    def main_rules(self) -> tuple[SigmaRule | SigmaCorrelationRule, ...]:
        """Rules that no other rule refers to, in order."""
        return tuple(
            rule
            for rule in self.collection.get_unreferenced_rules()
            if isinstance(rule, SigmaRule | SigmaCorrelationRule)
        )


@dataclass(frozen=True, slots=True)
class _Built:
    """A rule, and where it comes from."""

    rule: AnyRule
    document: YamlDocument
    path: str


def load_documents(text: str, path: str) -> LoadedRules:
    """Load the text of a Sigma file; `path` names it in errors.

    Raises `SigmaFileError` with one line: file, line, what is wrong, what to do.
    """
    return load_sources([(text, path)])


def load_sources(sources: list[tuple[str, str]]) -> LoadedRules:
    """Load (text, path) pairs into one collection, so that files may refer to each other."""
    with warnings.catch_warnings():
        # pySigma compiles each regular expression for Python, which is not the dialect it runs in.
        warnings.simplefilter("ignore", FutureWarning)
        built = [one for text, path in sources for one in _FileBuilder(path).build(text)]
    for one in built:
        _check_conditions(one)
        _check_numbers(one)
        if isinstance(one.rule, SigmaRule | SigmaCorrelationRule):
            leave_unused_out(one.rule)
    collection = SigmaCollection([one.rule for one in built], resolve_references=False)
    for one in built:
        _check_references(one, collection)
        _check_own_sections(one)
    collection.resolve_rule_references()
    return LoadedRules(collection, tuple(_notes(built)))


class _FileBuilder:
    """Builds the rules of one file; holds what `action` documents carry to later ones."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._global: dict[str, Any] = {}
        self._previous: dict[str, Any] = {}

    def build(self, text: str) -> list[_Built]:
        """Return the rules in the order of their documents."""
        documents = read_yaml(text, self._path)
        built = [_Built(rule, one, self._path) for one in documents for rule in self._rules(one)]
        if not built:
            raise SigmaFileError(self._path, 1, "the file holds no Sigma rule", "write a rule")
        return built

    def _rules(self, document: YamlDocument) -> list[AnyRule]:
        value = document.value
        if not isinstance(value, dict):
            raise SigmaFileError(
                self._path,
                document.line,
                f"a Sigma document is a mapping of keys, found {type(value).__name__}",
                "write `title:`, `logsource:` and `detection:` at its top",
            )
        refuse_mistyped(document, self._path)
        try:
            return self._act(value, document)
        except (SigmaError, *MISTYPED) as error:
            raise document_error(error, document, self._path) from error

    def _act(self, value: dict[str, Any], document: YamlDocument) -> list[AnyRule]:
        match value.get("action"):
            case None if "correlation" in value:
                return [_correlation(value)]
            case None if "filter" in value:
                return [SigmaFilter.from_dict(value)]
            case None:
                self._previous = value
                return [SigmaRule.from_dict(deep_dict_update(value, self._global))]
            case "global":
                del value["action"]
                self._global = self._previous = value
                return []
            case "reset":
                self._global = {}
                return []
            case "repeat":
                self._previous = deep_dict_update(self._previous, value)
                return [SigmaRule.from_dict(self._previous)]
            case unknown:
                raise SigmaFileError(
                    self._path,
                    document.line_of("action"),
                    f"unknown action {unknown!r}",
                    "use global, repeat or reset, or remove the key",
                )


def _correlation(value: dict[str, Any]) -> SigmaCorrelationRule:
    section = value["correlation"]
    if isinstance(section, dict) and section.get("type") == "new_terms":
        return SigmaNewTermsRule.from_dict(value)
    return SigmaCorrelationRule.from_dict(value)


def _check_conditions(one: _Built) -> None:
    """Parse every condition now; pySigma does it when it renders, without a line."""
    if not isinstance(one.rule, SigmaRule):
        return
    for condition in one.rule.detection.parsed_condition:
        try:
            condition.parse()
        except (SigmaError, *MISTYPED) as error:
            raise condition_error(error, condition.condition, one.document, one.path) from error


def _check_numbers(one: _Built) -> None:
    """Refuse whole numbers that pySigma has rounded: it holds as a double what is not equal to one."""
    if not isinstance(one.rule, SigmaRule):
        return
    for number in _numbers(one.rule.detection.detections.values()):
        if isinstance(number, float) and abs(number) >= _ROUNDED_FROM:
            raise SigmaFileError(
                one.path,
                one.document.line_of("detection"),
                f"a whole number that pySigma rounds to {number:.0f}",
                "compare numbers up to 9007199254740992, or bounds that a double holds",
            )


def _numbers(items: Iterable[SigmaDetection | SigmaDetectionItem]) -> Iterator[int | float]:
    for item in items:
        if isinstance(item, SigmaDetection):
            yield from _numbers(item.detection_items)
            continue
        for value in item.value:
            number = value.number if isinstance(value, SigmaCompareExpression) else value
            if isinstance(number, SigmaNumber):
                yield number.number


def _check_references(one: _Built, collection: SigmaCollection) -> None:
    if not isinstance(one.rule, SigmaCorrelationRule):
        return
    for reference in _references(one.rule):
        try:
            collection[reference]
        except SigmaRuleNotFoundError as error:
            names = ", ".join(sorted(collection.names_to_rules)) or "none"
            raise SigmaFileError(
                one.path,
                one.document.line_of("correlation", "rules"),
                f"no rule has the name or id {reference!r}",
                f"refer to a rule that is loaded with this one (names: {names})",
            ) from error
        if sum(getattr(rule, "name", None) == reference for rule in collection.rules) > 1:
            raise SigmaFileError(
                one.path,
                one.document.line_of("correlation", "rules"),
                f"several rules have the name {reference!r}",
                "give each a name of its own",
            )


def _references(rule: SigmaCorrelationRule) -> list[str]:
    if rule.rules is not None:
        named = [reference.reference for reference in rule.rules]
    elif isinstance(rule.condition, SigmaExtendedCorrelationCondition):
        named = rule.condition.get_referenced_rules()
    else:
        named = []
    aliased = [reference.reference for alias in rule.aliases for reference in alias.mapping]
    return named + aliased


def _check_own_sections(one: _Built) -> None:
    if isinstance(one.rule, SigmaCorrelationRule):
        try:
            new_terms_of(one.rule)
            threshold_of(one.rule)
        except SigmaError as error:
            raise document_error(error, one.document, one.path) from error


def _notes(built: list[_Built]) -> list[tuple[str, str]]:
    return [
        (PORTABLE_NARROWS, f"{one.path}:{one.document.line}: {NARROWS_MESSAGE}")
        for one in built
        if isinstance(one.rule, SigmaCorrelationRule)
        and not isinstance(one.rule, SigmaNewTermsRule)
        and portable_section(one.rule) is not None
    ]
