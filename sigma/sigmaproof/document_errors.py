"""Says where in a document pySigma's complaint belongs, in the user's words."""

from __future__ import annotations

from collections.abc import Mapping

from pyparsing import ParseException
from sigma.exceptions import SigmaError
from sigma.rule import SigmaDetection, SigmaDetectionItem

from sigma import exceptions

from .errors import ExtensionError, SigmaFileError
from .yaml_documents import YamlDocument

MISTYPED = (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError)
"""What pySigma raises where it does not check a value's type before it uses it."""

_TYPE_HINT = "use a correlation type of Sigma, or new_terms"
_TYPED: tuple[tuple[tuple[str, ...], type, str, str], ...] = (
    (("id",), str, "text", "write a UUID"),
    (("correlation",), dict, "mapping", "write its keys below it"),
    (("correlation", "type"), str, "text", _TYPE_HINT),
)
"""Keys whose type pySigma does not check, the type, its name, what to do."""
_KEYS: tuple[tuple[type[SigmaError], str, str], ...] = (
    (exceptions.SigmaTitleError, "title", "write a title of at most 256 characters"),
    (exceptions.SigmaIdentifierError, "id", "write a UUID"),
    (exceptions.SigmaNameError, "name", "write a short name"),
    (exceptions.SigmaLevelError, "level", "use informational, low, medium, high or critical"),
    (
        exceptions.SigmaStatusError,
        "status",
        "use stable, test, experimental, deprecated or unsupported",
    ),
    (exceptions.SigmaDateError, "date", "write YYYY-MM-DD"),
    (exceptions.SigmaModifiedError, "modified", "write YYYY-MM-DD"),
    (exceptions.SigmaTagError, "tags", "write a list of tags such as attack.t1078"),
    (exceptions.SigmaLogsourceError, "logsource", "give category, product or service"),
    (exceptions.SigmaConditionError, "detection", "write a condition over the detections"),
    (exceptions.SigmaDetectionError, "detection", "write detections and a condition"),
    (exceptions.SigmaTimespanError, "correlation", "write a timespan such as 15m"),
    (exceptions.SigmaCorrelationTypeError, "correlation", _TYPE_HINT),
    (exceptions.SigmaCorrelationConditionError, "correlation", "correct its condition"),
    (exceptions.SigmaCorrelationRuleError, "correlation", "correct the correlation"),
    (exceptions.SigmaFilterError, "filter", "correct the filter"),
)
"""Error class, the key it is about, what to do; the first that fits counts."""


def refuse_mistyped(document: YamlDocument, path: str) -> None:
    """Refuse values that pySigma would stumble over."""
    for keys, kind, name, hint in _TYPED:
        value: object = document.value
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is not None and not isinstance(value, kind):
            shown = keys[-1] if isinstance(value, str) else f"{keys[-1]} {value!r}"
            raise SigmaFileError(path, document.line_of(*keys), f"{shown} is no {name}", hint)


def document_error(error: Exception, document: YamlDocument, path: str) -> SigmaFileError:
    """Turn an error about a document into one with a line."""
    if isinstance(error, ExtensionError):
        line = document.line_of("correlation", error.key)
        return SigmaFileError(path, line, error.what, error.hint)
    if (found := _broken_detection(document)) is not None:
        keys, cause = found
        line = document.line_of("detection", *keys)
        if isinstance(cause, exceptions.SigmaRegularExpressionError):
            return SigmaFileError(path, line, _unread_expression(cause), "write it otherwise")
        return SigmaFileError(path, line, _what(cause), "correct this detection")
    for kind, key, hint in _KEYS:
        if isinstance(error, kind):
            return SigmaFileError(path, document.line_of(key), _what(error), hint)
    return SigmaFileError(path, document.line, _what(error), "correct this document")


def condition_error(
    error: Exception, condition: object, document: YamlDocument, path: str
) -> SigmaFileError:
    """Turn an error about a condition into one with a line."""
    line = document.line_of("detection", "condition")
    hint = "join names of detections by and, or, not, `1 of` and `all of`"
    if not isinstance(condition, str):
        return SigmaFileError(path, line, f"condition {condition!r} is no text", hint)
    if isinstance(error.__context__, ParseException):
        column = error.__context__.column
        what = f"condition {condition!r} cannot be read from its column {column} on"
        return SigmaFileError(path, line, what, hint)
    return SigmaFileError(path, line, _what(error), hint)


def _what(error: Exception) -> str:
    """Return pySigma's message without its file name; its other exceptions say nothing to a user."""
    if not isinstance(error, SigmaError) or not error.args:
        return "a value has the wrong type"
    message = " ".join(str(error.args[0]).split())
    return message[:1].lower() + message[1:].rstrip(".")


def _unread_expression(error: Exception) -> str:
    """Say what pySigma, which asks Python's `re`, calls invalid: other dialects may well take it."""
    common = "is not in the common subset of RE2, PCRE and Python that sigmaproof reads:"
    return _what(error).replace(" is invalid:", f" {common}", 1)


def _broken_detection(document: YamlDocument) -> tuple[tuple[str, ...], Exception] | None:
    """Find the first detection, and in it the first item, that pySigma does not take."""
    value = document.value
    section = value.get("detection") if isinstance(value, Mapping) else None
    if not isinstance(section, Mapping):
        return None
    for name, definition in section.items():
        if name == "condition":
            continue
        for key, item in definition.items() if isinstance(definition, Mapping) else ():
            try:
                SigmaDetectionItem.from_mapping(key, item)
            except (SigmaError, *MISTYPED) as error:
                return (str(name), str(key)), error
        try:
            SigmaDetection.from_definition(definition)
        except (SigmaError, *MISTYPED) as error:
            return (str(name),), error
    return None
