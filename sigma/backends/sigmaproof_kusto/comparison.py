"""One comparison of Sigma as an expression on one column, by the column's type."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.types import (
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from sigma.sigmaproof.tables import Column, Table, UnmappedError

from . import arrays, elements, scalars, strings, words
from .blanks import asks_for_blank
from .expression import NEVER, Expression, Membership, atom, every, negated, some
from .literals import text_literal
from .pattern import Part

_MAPPED = IPv6Network("::ffff:0:0/96")
"""The IPv4 addresses within IPv6."""
_MAPPED_PREFIX = 96
"""Bits before the IPv4 address in one mapped into IPv6."""
_TEXT_TYPES = frozenset({"string", "guid"})


def compare(column: Column, value: SigmaType, table: Table) -> Expression:
    """Compare a column of a table with a value of the rule."""
    if column.words_of and asks_for_blank(value):
        raise _refused_blank(column, value)
    match value:
        case SigmaString():
            cased = strings.is_cased(value) and not column.is_caseless
            return _string(column, strings.parts_of(value), cased, table)
        case SigmaTimestampPart():
            return scalars.time_part_test(column.expression, column.type, value)
        case SigmaNumber(number=number):
            return _number(column, number)
        case SigmaBool(boolean=boolean):
            return _boolean(column, boolean)
        case SigmaRegularExpression():
            return _regular_expression(column, value, table)
        case SigmaCIDRExpression():
            return _network(column, value, table)
        case SigmaCompareExpression():
            return _order(column, value, table)
        case SigmaNull():
            return missing(column)
        case SigmaExists(exists=exists):
            return present(column) if exists else missing(column)
        case _:
            raise SigmaFeatureNotSupportedByBackendError(
                f"a value of kind {type(value).__name__} cannot be written in Kusto"
            )


def missing(column: Column) -> Expression:
    """Build the test that a column has no value (SIGMA-7)."""
    return negated(present(column))


def present(column: Column) -> Expression:
    """Build the test that a column has a value (SIGMA-7)."""
    match column.type:
        case "string" | "guid":
            return strings.present(text_of(column))
        case "dynamic":
            return arrays.array_present(column.expression)
        case _:
            return scalars.present(column.expression)


def compare_fields(
    left: Column, value: SigmaFieldReference, right: Column, table: Table
) -> Expression:
    """Compare two columns of one row; a missing side does not match (SIGMA-11)."""
    types = {left.type, right.type}
    is_partial = value.starts_with or value.ends_with
    if types <= _TEXT_TYPES:
        return _compare_texts(text_of(left), value, text_of(right))
    if types == {"dynamic"} or (types == {"dynamic", "string"} and is_partial):
        return elements.rows_with_pair(left, value, right, table)
    if "dynamic" in types and not is_partial:
        return _compare_with_array(left, right)
    if "datetime" in types and (is_partial or len(types) > 1):
        raise _refused_pair(left, right)
    if not is_partial and (types <= scalars.NUMBERS or len(types) == 1):
        equal = atom(f"{left.expression} == {right.expression}", may_be_null=True)
        return every((scalars.present(left.expression), equal))
    return NEVER  # SIGMA-11: values of different types do not match, and only texts have parts


def _compare_with_array(left: Column, right: Column) -> Expression:
    array, one = (left, right) if left.type == "dynamic" else (right, left)
    if one.type == "datetime":
        raise _refused_pair(left, right)
    is_text = one.type in _TEXT_TYPES
    element = text_of(one) if is_text else one.expression
    held = arrays.array_holds(array.expression, element, is_text)
    return every((present(one), held))


def text_of(column: Column) -> str:
    """Return the expression as text: a guid has no text operators of its own."""
    return f"tostring({column.expression})" if column.type == "guid" else column.expression


def _compare_texts(left: str, value: SigmaFieldReference, right: str) -> Expression:
    # An empty right side would be found in every text, and equals an empty left side.
    compared = atom(f"{left} {strings.reference_operator(value)} {right}")
    return every((strings.present(right), compared))


def _string(column: Column, parts: tuple[Part, ...], cased: bool, table: Table) -> Expression:
    subject = column.expression
    found = words.word_test(column.json_text, parts, cased) if column.json_text else None
    if found is not None:
        return found
    match column.type:
        case "guid" if not parts:
            return NEVER  # no guid is the empty text
        case "string" | "guid":
            return strings.string_test(text_of(column), parts, cased)
        case "dynamic":
            return _element_text(column, parts, cased, table)
        case "int" | "long" | "real":
            return scalars.number_text_test(subject, column.type, parts, cased)
        case "bool":
            return _text_of_boolean(column, parts, cased)
        case "datetime":
            return _text_of_instant(column, parts)


def _element_text(column: Column, parts: tuple[Part, ...], cased: bool, table: Table) -> Expression:
    """Compare text with the elements of an array, by their type (SIGMA-8)."""
    is_plain = len(parts) == 1 and isinstance(parts[0], str)
    is_any = all(part is SpecialChars.WILDCARD_MULTI for part in parts)
    if column.element in scalars.NUMBERS and parts and not is_any:
        number = scalars.canonical_number(str(parts[0])) if is_plain else None
        if is_plain:
            return NEVER if number is None else arrays.array_value_test(column.expression, number)
        _refuse_real_text(column, column.element)
        return elements.rows_with_text(
            column, strings.string_test(elements.ELEMENT_TEXT.expression, parts, cased), table
        )
    if column.element == "bool" and is_plain:
        return _text_of_boolean(column, parts, cased)
    return arrays.array_string_test(column.expression, parts, cased)


def _text_of_boolean(column: Column, parts: tuple[Part, ...], cased: bool) -> Expression:
    match parts:
        case (str() as text,):
            spelled = text if cased else text.lower()
            return _boolean(column, spelled == "true") if spelled in ("true", "false") else NEVER
        case ():
            return NEVER
        case (SpecialChars.WILDCARD_MULTI,):
            return present(column)
        case _:
            return NEVER  # SIGMA-8: patterns see text


def _text_of_instant(column: Column, parts: tuple[Part, ...]) -> Expression:
    match parts:
        case (str() as text,):
            return scalars.datetime_test(column.expression, text)
        case ():
            return NEVER
        case (SpecialChars.WILDCARD_MULTI,):
            return present(column)
        case _:
            raise _refused_wildcard(column)


def _number(column: Column, number: float) -> Expression:
    match column.type:
        case "string":
            return strings.string_test(column.expression, (str(number),), cased=True)
        case "dynamic":
            return arrays.array_value_test(column.expression, number)
        case "int" | "long" | "real":
            return scalars.number_test(column.expression, column.type, number)
        case _:
            return NEVER


def _boolean(column: Column, value: bool) -> Expression:
    if column.type == "dynamic":
        return arrays.array_value_test(column.expression, value)
    if column.base:
        text = "true" if value else "false"
        return _meaning(column, text) if text in column.meant_by else NEVER
    return scalars.boolean_test(column.expression, column.type, value)


def _order(column: Column, value: SigmaCompareExpression, table: Table) -> Expression:
    if isinstance(value.number, SigmaTimestampPart):
        return _order_of_part(column, value, value.number)
    if value.op is SigmaCompareExpression.CompareOperators.NEQ:
        return negated(_number(column, value.number.number))
    number = value.number.number
    if column.type == "dynamic":
        found = _order(elements.ELEMENT_TEXT, value, table)
        return elements.rows_with_text(column, found, table)
    return scalars.comparison_test(column.expression, column.type, value.op, number)


def _order_of_part(
    column: Column, value: SigmaCompareExpression, part: SigmaTimestampPart
) -> Expression:
    if value.op is SigmaCompareExpression.CompareOperators.NEQ:
        return negated(scalars.time_part_test(column.expression, column.type, part))
    read = scalars.time_part(column.expression, column.type, part)
    if read is None:
        return NEVER
    return scalars.comparison_test(read, "int", value.op, part.number)


def _regular_expression(column: Column, value: SigmaRegularExpression, table: Table) -> Expression:
    if column.is_caseless:
        raise SigmaFeatureNotSupportedByBackendError(
            f"a regular expression is compared, but {column.expression} holds the text in another case"
            " than the event; use wildcards"
        )
    match column.type:
        case "string" | "guid":
            return strings.expression_test(text_of(column), value)
        case "int" | "long":
            return every(
                (
                    scalars.present(column.expression),
                    strings.expression_test(f"tostring({column.expression})", value),
                )
            )
        case "bool":
            return NEVER  # SIGMA-8: patterns see text
        case "dynamic":
            if column.element in scalars.NUMBERS:
                _refuse_real_text(column, column.element)
                found = strings.expression_test(elements.ELEMENT_TEXT.expression, value)
                return elements.rows_with_text(column, found, table)
            found = strings.expression_in(elements.ELEMENT_STRING, value)
            return elements.rows_with_string(column, found, table)
        case _:
            raise _refused_text(column, column.type)


def _refuse_real_text(column: Column, kind: str) -> None:
    if kind == "real":
        raise _refused_text(column, kind)


def _refused_text(column: Column, kind: str) -> SigmaFeatureNotSupportedByBackendError:
    return SigmaFeatureNotSupportedByBackendError(
        f"a regular expression cannot search the column {column.expression} of type"
        f" {kind}, whose text has no fixed form; compare whole values"
    )


def _network(column: Column, value: SigmaCIDRExpression, table: Table) -> Expression:
    network = _unmapped(value.network)
    match column.type:
        case "string":
            holds_ipv4 = isinstance(network, IPv6Network) and network.supernet_of(_MAPPED)
            networks = [network, IPv4Network("0.0.0.0/0")] if holds_ipv4 else [network]
            return some([_in_network(column, one) for one in networks])
        case "dynamic":
            if isinstance(network, IPv4Network):
                return arrays.array_network_test(column.expression, network)
            found = _network(elements.ELEMENT_TEXT, value, table)
            return elements.rows_with_text(column, found, table)
        case _:
            return NEVER


def _in_network(column: Column, network: IPv4Network | IPv6Network) -> Expression:
    function = f"ipv{network.version}_is_in_range"
    literal = text_literal(str(network))
    return atom(f"{function}({column.expression}, {literal})", may_be_null=True)


def _unmapped(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return a network of IPv4 addresses mapped into IPv6 as theirs (SIGMA-10)."""
    mapped = None if isinstance(network, IPv4Network) else network.network_address.ipv4_mapped
    if mapped is None or network.prefixlen < _MAPPED_PREFIX:
        return network
    return IPv4Network((mapped, network.prefixlen - _MAPPED_PREFIX))


def translated(column: Column, value: SigmaString, table: Table) -> Expression:
    """Compare through the column's value table; a value outside of it stops the rendering."""
    assert column.values is not None
    parts = strings.parts_of(value)
    cased = strings.is_cased(value)
    match parts:
        case (str() as text,):
            found = _looked_up(column, text, cased)
        case _:
            found = []
    if not found:
        is_text = len(parts) == 1 and isinstance(parts[0], str)
        advice = "add it by --value or to the mapping pack" if is_text else "write its values out"
        choice = f", choose {column.choice}" if column.choice else ""
        raise UnmappedError(
            f"the value {str(value)!r} is not in the value table of {column.expression}; {advice}{choice}"
            " or remove the condition"
        )
    # The table's right side is exact, whatever the case rule of the left side is.
    return some(_string(column, (target,), True, table) for target in found)


def by_base(column: Column, value: SigmaString) -> Expression | None:
    """Compare what a derived column stands for; None where that does not say the same."""
    if not column.base or not value.s or (value.contains_special() and not _is_told(column, value)):
        return None
    found = (one for one in column.meant_by if strings.is_like(one, value))
    return some(_meaning(column, one) for one in found)  # without any: never


def _is_told(column: Column, value: SigmaString) -> bool:
    """Say whether a pattern matches some of the values only, and all of them are known."""
    if column.is_open or not strings.is_pattern(value):
        return False
    return not all(strings.is_like(one, value) for one in column.meant_by)


def _meaning(column: Column, value: str) -> Expression:
    """Ask whether the text of the base, which is empty where there is none, means the value."""
    if value != column.otherwise:
        literals = tuple(map(text_literal, column.meant_by[value]))
        return Membership(column.base, "==", literals)
    others = (one for one in column.meant_by if one != value)
    return negated(some(_meaning(column, one) for one in others))


def _looked_up(column: Column, text: str, cased: bool) -> list[str]:
    assert column.values is not None
    if text in column.values:
        return [column.values[text]]
    if cased:
        return []
    return [target for key, target in column.values.items() if key.lower() == text.lower()]


def _refused_wildcard(column: Column) -> SigmaFeatureNotSupportedByBackendError:
    return SigmaFeatureNotSupportedByBackendError(
        f"a wildcard pattern cannot match the column {column.expression} of type {column.type};"
        " write the whole value"
    )


def _refused_blank(column: Column, value: SigmaType) -> UnmappedError:
    text = value.regexp.to_plain_regex() if isinstance(value, SigmaRegularExpression) else value
    return UnmappedError(
        f"the words of {column.words_of} stand for it, of which none has white space, so none can be"
        f" {str(text)!r}; test {column.words_of}"
    )


def _refused_pair(left: Column, right: Column) -> SigmaFeatureNotSupportedByBackendError:
    return SigmaFeatureNotSupportedByBackendError(
        f"{left.expression} of type {left.type} and {right.expression} of type {right.type} cannot be"
        " compared in one condition; compare fields of one type"
    )
