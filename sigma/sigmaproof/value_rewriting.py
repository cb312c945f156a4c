"""What stands on documents for one value that a rule compares with a field of the vendor's event.

Each function returns alternatives of which one must hold; an alternative is a list of tests on ECS fields
that must all hold. `harness.events.vendor_documents` makes the documents by the same facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from sigma.exceptions import SigmaTransformationError
from sigma.types import (
    Placeholder,
    SigmaBool,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SigmaType,
    SpecialChars,
)

from .mapping import PackField

Test = tuple[str, SigmaType]
Alternatives = list[tuple[Test, ...]]

_ANY = SpecialChars.WILDCARD_MULTI
_ONE = SpecialChars.WILDCARD_SINGLE
_Token = str | SpecialChars

_HASH = re.compile(r"(?P<kind>\w+)=(?P<digits>[0-9A-Fa-f]*)")
_DIGITS = {"MD5": 32, "SHA1": 40, "SHA256": 64, "IMPHASH": 32}
_SAMPLES = ("00000000", "ffffffff", "13579bdf")
"""Numbers that only a pattern for every number matches all of."""
_MAPPED = "::ffff:"
_OF_ADDRESSES = frozenset("0123456789abcdefABCDEF.:")
_EMPTY, _BINARY = "(empty)", "binary data"
"""What Sysmon writes for a text without characters, and for every binary value."""
_TEXT_TYPES = ("REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ")


def rewritten_meaning(value: SigmaType, entry: PackField) -> Alternatives:
    """Translate by the value table of the field, in any case of letters."""
    text = _plain_text(value)
    if text is None:
        raise _refused(entry, value, "only whole values can be translated")
    known = {key.lower(): meaning for key, meaning in entry.meanings.items()}
    if text.lower() not in known:
        listed = ", ".join(entry.meanings)
        raise _refused(entry, value, f"the mapping knows the values {listed}")
    return [((entry.ecs, SigmaString(_escaped(known[text.lower()]))),)]


def _number(value: SigmaType, entry: PackField) -> Alternatives:
    """Compare a number by its value, however the event writes it: 888, 0x378."""
    match value:
        case SigmaNumber() | SigmaCompareExpression():
            return [((entry.ecs, value),)]
    text = _plain_text(value)
    if text is None:
        raise _refused(entry, value, "the document holds a number, which only equals a number")
    if not re.fullmatch(r"0[xX][0-9a-fA-F]+|[0-9]+", text):
        return []
    is_hexadecimal = text[:2].lower() == "0x"
    return [((entry.ecs, SigmaNumber(int(text, 16 if is_hexadecimal else 10))),)]


def _domain_user(value: SigmaType, entry: PackField) -> Alternatives:
    r"""Cut the pattern of `DOMAIN\name` at each place that the backslash can stand at."""
    if not isinstance(value, SigmaString):
        raise _refused(entry, value, r"DOMAIN\name is kept as two fields")
    tokens = _tokens(value)
    found: dict[tuple[tuple[_Token, ...], tuple[_Token, ...]], None] = {}
    for place, token in enumerate(tokens):
        if token == "\\" or isinstance(token, SpecialChars):
            is_kept = token is _ANY
            domain = tokens[: place + is_kept]
            name = tokens[place + (not is_kept) :]
            if domain and name and "\\" not in domain and "\\" not in name:
                found.setdefault((domain, name))
    domain_field, name_field = entry.parts["domain"], entry.parts["name"]
    alternatives: Alternatives = []
    for domain, name in found:
        # Both fields are there or none is, so that one test is enough where the other takes any text.
        both = ((domain_field, domain), (name_field, name))
        telling = [pair for pair in both if pair[1] != (_ANY,)] or [both[1]]
        alternatives.append(tuple((field, _pattern(value, one)) for field, one in telling))
    return alternatives


def _hashes(value: SigmaType, entry: PackField) -> Alternatives:
    """Find one hash in the list of them: `contains: SHA256=...`."""
    inside = _contained_text(value)
    match = _HASH.fullmatch(inside) if inside is not None else None
    if match is None or match["kind"].upper() not in entry.parts:
        kinds = ", ".join(f"{kind}=" for kind in entry.parts)
        raise _refused(entry, value, f"hashes are kept one by one; write contains with {kinds}")
    kind, digits = match["kind"].upper(), match["digits"].lower()
    field = entry.parts[kind]
    if len(digits) > _DIGITS[kind]:
        return []
    ending = () if len(digits) == _DIGITS[kind] else (_ANY,)
    return [((field, _pattern(SigmaString(), (*digits, *ending))),)]


def _registry_data(value: SigmaType, entry: PackField) -> Alternatives:
    """Translate `DWORD (0x00000001)`, whole or as part of a pattern, into the number that is kept."""
    field, type_field = entry.parts["value"], entry.parts["type"]
    tokens = _tokens(value) if isinstance(value, SigmaString) else ()
    is_text: tuple[Test, ...] = ((type_field, SigmaString("REG_SZ")),)
    # A number is kept as its decimal digits, which a rule about text must not find.
    same = ((field, value), *(is_text if _can_be_digits(tokens) else ()))
    digits = _dword_digits(tokens) if tokens and tokens != (_ANY,) else None
    if digits is None:
        return [same]
    is_number = (type_field, SigmaString("SZ_DWORD"))
    if not digits:
        return [(is_number,), same]
    as_number: tuple[Test, ...] = ((field, SigmaString(str(int(digits, 16)))), is_number)
    return [as_number, same] if _wild(tokens) else [as_number]


def _bare_registry_data(value: SigmaType, entry: PackField) -> Alternatives:
    """Translate the words of Sysmon too: the document has the data alone, and none that is empty or binary."""
    tokens = _tokens(value) if isinstance(value, SigmaString) else ()
    field, type_field = entry.parts["value"], entry.parts["type"]
    words: Alternatives = []
    if _finds(tokens, _EMPTY):
        texts = SigmaExpansion([SigmaString(one) for one in _TEXT_TYPES])
        words.append(((field, SigmaNull()), (type_field, texts)))
    if _finds(tokens, _BINARY):
        words.append(((type_field, SigmaString("REG_BINARY")),))
    return words if words and not _wild(tokens) else [*words, *_registry_data(value, entry)]


def _address(value: SigmaType, entry: PackField) -> Alternatives:
    """Compare an address as an address; a text that is none stays under the name of the event."""
    address, text_field = entry.parts["address"], entry.parts["text"]
    if isinstance(value, SigmaCIDRExpression):
        return [((address, value),)]
    text = _plain_text(value)
    if text is not None:
        if text in ("-", ""):
            return [((text_field, value),)]
        return [((address, SigmaString(_escaped(text.lower().removeprefix(_MAPPED)))),)]
    network = _network_of_prefix(value)
    if network is None and isinstance(value, SigmaString) and not _fits_address(_tokens(value)):
        return [((text_field, value),)]
    if network is None:
        raise _refused(entry, value, "the document holds an address; compare a network by cidr")
    return [((address, SigmaCIDRExpression(network)),)]


def _fits_address(tokens: tuple[_Token, ...]) -> bool:
    """Say whether all letters of a pattern are some that an address has."""
    return all(isinstance(one, SpecialChars) or one in _OF_ADDRESSES for one in tokens)


REWRITERS: Mapping[str, Callable[[SigmaType, PackField], Alternatives]] = {
    "address": _address,
    "bare_registry_data": _bare_registry_data,
    "domain_user": _domain_user,
    "hashes": _hashes,
    "number": _number,
    "registry_data": _registry_data,
}
"""By the name of the transformation in a mapping pack."""


def _is_lossy_hash(value: SigmaType) -> bool:
    """Say whether the value asks for a hash that can be all zeros."""
    digits = _HASH.fullmatch(_contained_text(value) or "")
    return digits is None or not digits["digits"].strip("0")


def _is_lossy_data(value: SigmaType) -> bool:
    """Say whether the pattern can match a part of a number as Sysmon writes it."""
    if not isinstance(value, SigmaString):
        return isinstance(value, SigmaRegularExpression)
    tokens = _tokens(value)
    letters = {token.lower() for token in tokens if isinstance(token, str)}
    is_part = _wild(tokens) and letters <= set("qdwor (0x)-0123456789abcdef")
    return is_part and tokens != (_ANY,) and not value.to_plain().lower().count("dword (")


def _is_lossy_bare_data(value: SigmaType) -> bool:
    """Say whether the value asks for data that is not there, or for a word of Sysmon that stays one."""
    tokens = _tokens(value) if isinstance(value, SigmaString) else ()
    text = "".join(token for token in tokens if isinstance(token, str)).lower()
    is_of_data = isinstance(value, SigmaNull) or "qword" in text or tokens == (_ANY,)
    return is_of_data or _finds(tokens, _EMPTY) or _is_lossy_data(value)


IS_LOSSY: Mapping[str, Callable[[SigmaType], bool]] = {
    "bare_registry_data": _is_lossy_bare_data,
    "hashes": _is_lossy_hash,
    "registry_data": _is_lossy_data,
}
"""Whether a value loses what the field says it can lose; every value where nothing stands here."""


def _network_of_prefix(value: SigmaType) -> str | None:
    """Return the network that a text such as `10.*` or `fe80:*` stands for."""
    if not isinstance(value, SigmaString):
        return None
    *start, last = _tokens(value) or ("",)
    text = "".join(token for token in start if isinstance(token, str))
    if last is not _ANY or len(text) != len(start):
        return None
    if re.fullmatch(r"(\d{1,3}\.){1,3}", text):
        numbers = text.rstrip(".").split(".")
        return f"{'.'.join([*numbers, *'0' * (4 - len(numbers))])}/{8 * len(numbers)}"
    if re.fullmatch(r"[1-9a-fA-F][0-9a-fA-F]{3}:", text):
        return f"{text}:/16"
    return None


def _dword_digits(tokens: tuple[_Token, ...]) -> str | None:
    """Return the hexadecimal digits of the one number that the pattern matches as `DWORD (0x...)`.

    None where it matches none, empty where it matches every one. A pattern that matches some numbers
    and leaves digits open counts as one that matches none: parts of numbers are not kept.
    """
    texts = "".join(token for token in tokens if isinstance(token, str)).lower()
    matched = {
        digits for digits in _candidates(texts) if _matches(tokens, "dword (0x" + digits + ")")
    }
    if matched.issuperset(_SAMPLES):
        return ""
    exact = {digits for digits in matched if not _leaves_digits_open(tokens, digits)}
    return exact.pop() if len(exact) == 1 else None


def _can_be_digits(tokens: tuple[_Token, ...]) -> bool:
    """Say whether a pattern, other than the one for any value, matches some text of digits alone."""
    letters = [token for token in tokens if isinstance(token, str)]
    return tokens != (_ANY,) and all(letter in "0123456789" for letter in letters)


def _candidates(texts: str) -> Iterator[str]:
    """Yield numbers that a pattern with these letters can stand for."""
    yield from _SAMPLES
    for found in re.finditer(r"(?=([0-9a-f]{8}))", texts):
        yield found[1]


def _leaves_digits_open(tokens: tuple[_Token, ...], digits: str) -> bool:
    """Say whether the pattern also matches a number that differs in one digit."""
    for place, digit in enumerate(digits):
        other = "1" if digit == "0" else "0"
        changed = digits[:place] + other + digits[place + 1 :]
        if _matches(tokens, "dword (0x" + changed + ")"):
            return True
    return False


def _matches(tokens: tuple[_Token, ...], text: str) -> bool:
    pattern = "".join(
        ".*" if token is _ANY else "." if token is _ONE else re.escape(str(token).lower())
        for token in tokens
    )
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def _finds(tokens: tuple[_Token, ...], text: str) -> bool:
    """Say whether a pattern matches the text and asks for some letter of it."""
    return any(isinstance(token, str) for token in tokens) and _matches(tokens, text)


def _wild(tokens: tuple[_Token, ...]) -> bool:
    return any(isinstance(token, SpecialChars) for token in tokens)


def _tokens(value: SigmaString) -> tuple[_Token, ...]:
    """Return the characters and wildcards of a value without placeholders."""
    tokens: list[_Token] = []
    for part in value.s:
        if isinstance(part, str):
            tokens.extend(part)
        elif isinstance(part, SpecialChars):
            tokens.append(part)
    return tuple(tokens)


def _pattern(like: SigmaString, tokens: tuple[_Token, ...]) -> SigmaString:
    """Return a value of the same case rule with these characters and wildcards."""
    made = type(like)("")
    parts: list[str | SpecialChars | Placeholder] = []
    for token in tokens:
        last = parts[-1] if parts else None
        if isinstance(token, str) and isinstance(last, str):
            parts[-1] = last + token
        else:
            parts.append(token)
    made.s = parts
    return made


def _plain_text(value: SigmaType) -> str | None:
    """Return the text that a value equals as a whole; None for patterns and other types."""
    match value:
        case SigmaString():
            tokens = _tokens(value)
            return None if _wild(tokens) else "".join(map(str, tokens))
        case SigmaNumber():
            return str(value.number)
        case SigmaBool():
            return str(value.boolean).lower()
        case _:
            return None


def _contained_text(value: SigmaType) -> str | None:
    """Return the text that a value is to contain; None where it is no such pattern."""
    if not isinstance(value, SigmaString):
        return None
    tokens = _tokens(value)
    if len(tokens) < 2 or tokens[0] is not _ANY or tokens[-1] is not _ANY:
        return None
    inside = tokens[1:-1]
    return None if _wild(inside) else "".join(map(str, inside))


def _escaped(text: str) -> str:
    """Write a text so that SigmaString takes none of its characters for a wildcard."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def _refused(entry: PackField, value: SigmaType, why: str) -> SigmaTransformationError:
    return SigmaTransformationError(f"{entry.sigma} is compared with {_kind(value)}, but {why}")


def _kind(value: SigmaType) -> str:
    match value:
        case SigmaRegularExpression():
            return "a regular expression"
        case SigmaFieldReference(field=field):
            return f"the field {field}"
        case SigmaExists():
            return "whether it exists"
        case SigmaCIDRExpression():
            return f"the network {value.network}"
        case SigmaCompareExpression():
            return f"{value.op.name.lower()} {value.number}"
        case _:
            return str(value)
