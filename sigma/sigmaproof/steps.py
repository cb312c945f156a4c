"""Steps from a column or an event to a value inside it, and how packs write them.

`RequestMetadata.callerIp`, `TargetResources[0].displayName`, `Annotations.{authorization.k8s.io/decision}`,
`Parameters[Name=Enabled|Active].Value` for a list of names and values, `Body[json].kind` for JSON text inside JSON,
`User.groups[]` and `Rules[].verbs` for all values of an array, `EventData[xml].Image` for an element in the data of a
Windows event.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class At:
    """An element of an array by its number."""

    number: int


@dataclass(frozen=True, slots=True)
class Named:
    """The first object of an array that has a text, or one of several, under a key."""

    key: str
    value: str
    """The texts with | between."""

    @property
    def values(self) -> tuple[str, ...]:
        """Return the texts that name the object."""
        return tuple(self.value.split("|"))


@dataclass(frozen=True, slots=True)
class Each:
    """All elements of an array; the key behind it is looked for at any depth."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says as JSON; an object stays as it is."""


@dataclass(frozen=True, slots=True)
class XmlData:
    """The elements `<Data Name="...">` of a text in XML; the key behind it is such a name."""


Step = str | At | Named | Each | Parsed | XmlData
"""A key, or a way into an array."""

_STEP = re.compile(
    r"""
    \.?\{(?P<quoted>[^}]+)\}            # {key with . inside}
  | \[(?P<number>[0-9]+)\]
  | (?P<each>\[\])
  | (?P<json>\[json\])
  | (?P<xml>\[xml\])
  | \[(?P<key>[^=\]]+)=(?P<value>[^\]]+)\]
  | \.?(?P<plain>[^.\[\]{}]+)
    """,
    re.VERBOSE,
)


def steps_of(text: str) -> tuple[Step, ...]:
    """Read steps; raises `ValueError` where the text is none."""
    steps: list[Step] = []
    place = 0
    while place < len(text):
        match = _STEP.match(text, place)
        if match is None or (place == 0 and text[0] == "."):
            raise ValueError(
                f"{text} is no path: write keys with dots between, [0], [], [json] or [Name=x]"
            )
        steps.append(_step(match))
        place = match.end()
    if not steps or not isinstance(steps[0], str):
        raise ValueError(f"{text or 'an empty text'} is no path: it must start with a name")
    return tuple(steps)


def written(steps: tuple[Step, ...]) -> str:
    """Write steps as a pack does."""
    text = ""
    for step in steps:
        match step:
            case At(number):
                text += f"[{number}]"
            case Named(key, value):
                text += f"[{key}={value}]"
            case Each():
                text += "[]"
            case Parsed():
                text += "[json]"
            case XmlData():
                text += "[xml]"
            case str():
                name = f"{{{step}}}" if re.search(r"[.\[\]]", step) else step
                text += f".{name}" if text else name
    return text


def is_array(steps: tuple[Step, ...]) -> bool:
    """Say whether the steps lead to several values."""
    return any(isinstance(step, Each) for step in steps)


def _step(match: re.Match[str]) -> Step:
    groups = match.groupdict()
    if groups["each"]:
        return Each()
    if groups["json"]:
        return Parsed()
    if groups["xml"]:
        return XmlData()
    if groups["number"]:
        return At(int(groups["number"]))
    if groups["key"]:
        return Named(groups["key"], groups["value"])
    return str(groups["quoted"] or groups["plain"])
