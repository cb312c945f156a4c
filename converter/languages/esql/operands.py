"""What a condition compares: a field as it is or through a function, and constants (ESQL-25)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from itertools import product
from urllib.parse import quote_plus, unquote_plus

from converter.errors import Unsupported
from converter.ir import Case, FieldType, Quantifier, Schema, Value, View

from .syntax import (
    Boolean,
    Call,
    Cast,
    Column,
    Decimal,
    Expression,
    Integer,
    ListLiteral,
    Negative,
    Null,
    Text,
)

_VIEWS = {
    FieldType.KEYWORD: View.KEYWORD,
    FieldType.WILDCARD: View.KEYWORD,
    FieldType.CONSTANT_KEYWORD: View.KEYWORD,
    FieldType.TEXT: View.KEYWORD,
    FieldType.LONG: View.COERCED_NUMBER,
    FieldType.DOUBLE: View.COERCED_NUMBER,
    FieldType.BOOLEAN: View.BOOLEAN,
    FieldType.IP: View.IP,
    FieldType.DATE: View.DATE,
}
_EXTREMES = {"MV_FIRST", "MV_MAX", "MV_MIN"}
_SORTED = frozenset({View.KEYWORD, View.IP})
"""What a column holds in order and without duplicates (ESQL-22); analysed text is as in the document."""
_TEXT_OF = frozenset({View.KEYWORD, View.BOOLEAN})
_CONVERSIONS = {
    "TO_IP": View.IP,
    "TO_LONG": View.COERCED_NUMBER,
    "TO_INTEGER": View.COERCED_NUMBER,
    "TO_DOUBLE": View.COERCED_NUMBER,
    "TO_DATETIME": View.DATE,
    "TO_STRING": View.KEYWORD,
}
_CASTS = {"ip": "TO_IP", "long": "TO_LONG", "int": "TO_INTEGER", "integer": "TO_INTEGER"} | {
    "double": "TO_DOUBLE",
    "datetime": "TO_DATETIME",
    "string": "TO_STRING",
    "keyword": "TO_STRING",
}
_MOST_VARIANTS = 64
_KELVIN = "\u212a"
"""The sign for kelvin, whose lower case is a plain k."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A field as a condition reads it."""

    field: str
    view: View
    is_lower: bool = False
    """Its text is put into lower case first."""
    extreme: str = ""
    """MV_FIRST, MV_MAX or MV_MIN, which make one value of several."""
    is_encoded: bool = False
    """Its text is encoded as in a URL before it is put into lower case."""
    separator: str | None = None
    """What MV_CONCAT joins its values by."""

    @property
    def is_text(self) -> bool:
        """Say whether it is compared as text."""
        return self.view is View.KEYWORD or self.separator is not None

    @property
    def is_plain(self) -> bool:
        """Say whether it is the field's own value or values."""
        return not (self.extreme or self.is_lower) and self.separator is None

    @property
    def quantifier(self) -> Quantifier:
        """What a test of one value says of several."""
        if self.separator is not None:
            return Quantifier.JOINED
        return Quantifier.LEAST if self.extreme else Quantifier.SINGLE


def operand_of(expression: Expression, schema: Schema) -> Operand | None:
    """Return the field that an expression reads; None for an expression of another form."""
    match expression:
        case Column(name):
            view = _VIEWS.get(schema.type_of(name))
            if view is None:
                kind = schema.type_of(name).value
                raise Unsupported(
                    f"field {name} of type {kind}", expression.span, "ES|QL cannot use it"
                )
            return Operand(name, view)
        case Call("TO_LOWER", (Column() as column,)):
            inner = operand_of(column, schema)
            return Operand(column.name, View.KEYWORD, is_lower=True) if _is_text(inner) else None
        case Call("TO_LOWER", (Call("URL_ENCODE", (Column() as column,)),)):
            inner = operand_of(column, schema)
            encoded = Operand(column.name, View.KEYWORD, is_lower=True, is_encoded=True)
            return encoded if _is_text(inner) else None
        case Call("MV_CONCAT", (inner_text, Text(separator))):
            return _joined(inner_text, separator, schema)
        case Call("TO_STRING", (Column() as column,)) | Cast(
            Column() as column, "string" | "keyword"
        ):
            inner = operand_of(column, schema)
            readable = inner is not None and inner.view in _TEXT_OF
            return Operand(column.name, View.KEYWORD) if readable else None
        case Call(function, (Column() as column,)) if function in _EXTREMES:
            inner = operand_of(column, schema)
            if inner is None or (function == "MV_FIRST" and not _is_sorted(inner, schema)):
                return None
            return Operand(column.name, inner.view, extreme=function)
        case _:
            return None


def _joined(expression: Expression, separator: str, schema: Schema) -> Operand | None:
    """Return the text that MV_CONCAT makes of a column, or of the addresses of one."""
    match expression:
        case Column() as column:
            inner = operand_of(column, schema)
            readable = _is_text(inner)
        case Call("TO_STRING", (Column() as column,)):
            inner = operand_of(column, schema)
            readable = inner is not None and inner.view in _SORTED
        case _:
            return None
    if inner is None or not readable or not _is_sorted(inner, schema):
        return None
    return replace(inner, separator=separator)


def _is_sorted(operand: Operand, schema: Schema) -> bool:
    return operand.view in _SORTED and schema.type_of(operand.field) is not FieldType.TEXT


def _is_text(operand: Operand | None) -> bool:
    return operand is not None and operand.is_text


def constant_of(expression: Expression) -> tuple[Value, ...] | None:
    """Return the values of a constant, none for null; None for what is no constant."""
    match expression:
        case Text(value) | Integer(value) | Decimal(value) | Boolean(value):
            return (value,)
        case Null():
            return ()
        case ListLiteral(items):
            return tuple(item.value for item in items)
        case Negative(Integer(number) | Decimal(number)):
            return (-number,)
        case Call(function, (inner,)) if function in _CONVERSIONS:
            return constant_of(inner)
        case Cast(inner, type_name) if type_name in _CASTS:
            return constant_of(inner)
        case _:
            return None


def check_type(operand: Operand, value: Value, expression: Expression) -> None:
    """Raise when the platform would not compare the field with a constant of this type."""
    match operand.view:
        case View.COERCED_NUMBER:
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case View.BOOLEAN:
            fits = isinstance(value, bool) or value in ("true", "false")
        case View.IP:
            fits = isinstance(value, str) and _is_address(value)
        case View.DATE:
            fits = isinstance(value, str) and _is_date(value)
        case _:
            fits = isinstance(value, str)
    if not fits:
        raise Unsupported(
            f"comparison of the {operand.view.value} field {operand.field} with {value!r}",
            expression.span,
            "the platform refuses it; write a constant of the field's type",
        )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return "-" in text


def typed(operand: Operand, value: Value) -> Value:
    """Return a constant as the field's view reads values."""
    return value == "true" if operand.view is View.BOOLEAN and isinstance(value, str) else value


def lower_variants(texts: tuple[Value, ...], expression: Expression) -> tuple[Value, ...]:
    """Return the texts that, with A to Z folded, are those whose lower case is one of `texts`.

    TO_LOWER folds all of Unicode; only the kelvin sign becomes an ASCII letter by it.
    """
    variants: list[Value] = []
    for text in map(str, texts):
        if text != text.lower():
            continue  # no text has a lower case with a capital in it
        if not text.isascii():
            raise Unsupported(
                f"TO_LOWER compared with {text!r}",
                expression.span,
                "only letters a to z fold the same way everywhere",
            )
        spellings = ["k" + _KELVIN if letter == "k" else letter for letter in text]
        if 2 ** text.count("k") > _MOST_VARIANTS:
            raise Unsupported(f"TO_LOWER compared with {text!r}", expression.span, "it has many k")
        variants += ["".join(letters) for letters in product(*spellings)]
    return tuple(variants)


def decoded_variants(texts: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return the texts that, with A to Z folded, are those whose encoded lower case is one of `texts`."""
    variants = [(text, unquote_plus(text)) for text in map(str, texts)]
    # ESQL-16: any other text is no result of URL_ENCODE in lower case.
    return tuple(plain for text, plain in variants if quote_plus(plain, safe="~").lower() == text)


def case_of(operand: Operand) -> Case:
    """Return how letters compare."""
    return Case.ASCII if operand.is_lower else Case.EXACT


def quantifier_for(operand: Operand, *, upwards: bool) -> Quantifier:
    """Return what a bound on an extreme says of the values: any, all, or exactly one."""
    if not operand.extreme:
        return Quantifier.SINGLE
    if operand.extreme == "MV_FIRST":
        return Quantifier.LEAST
    return Quantifier.ANY if (operand.extreme == "MV_MAX") is upwards else Quantifier.ALL
