"""What can be written wrongly in each language, as patterns and their replacements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Replacement(NamedTuple):
    """A wrong text in place of a pattern. Its group `name`, if it has one, names the place."""

    name: str
    pattern: str
    replacement: str
    places: int = 1
    """In how many places it is tried, each in a mutant of its own."""


_ALL = 99
_ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"


def _kibana(joint: str, negation: str, colon: str) -> Iterator[Replacement]:
    """Yield what is alike in kuery and Lucene: wildcards, missing fields, booleans, lists."""
    clause = rf"(?P<name>[\w.]+){colon}\"(?P<value>[\w.-]+)\""
    yield Replacement("a prefix", clause, rf"\g<name>{colon}\g<value>*", _ALL)
    yield Replacement("a suffix", clause, rf"\g<name>{colon}*\g<value>", _ALL)
    yield Replacement("a shorter prefix", '"Browser"', "Brows*")
    yield Replacement("a wildcard within", '"Browser"', "*rowse*")
    yield Replacement("a prefix of an application", rf"\"({_ID})\"", r"\1*")
    yield Replacement("a suffix of an application", rf"\"({_ID})\"", r"*\1")
    yield Replacement("the other boolean", rf"(is_interactive{colon})false", r"\1true")
    for name in (r"\S+client_app_used", r"source\S+name"):
        yield Replacement(
            "missing is left out",
            rf"\n({joint} {negation} (?P<name>{name}){colon})",
            rf"\n{joint} \g<name>{colon}*\n\1",
        )
    swapped = "and" if joint == "and" else "AND"
    yield Replacement(
        "both elements at once", rf"(\"{_ID}\") (?:or|OR) (\"{_ID}\")", rf"(\1 {swapped} \2)"
    )


def _esql() -> Iterator[Replacement]:
    """Yield functions and operators that treat lists, missing values or parts in another way."""
    contains = r"MV_CONTAINS\((?P<name>[^,]+), (?P<value>[^)]+)\)"
    first_six = 7
    yield Replacement("== for lists", rf"(?<!NOT ){contains}", r"\g<name> == \g<value>", _ALL)
    yield Replacement("!= for lists", rf"NOT {contains}", r"\g<name> != \g<value>", 3)
    yield Replacement(
        "== without lists", contains, r"COALESCE(\g<name> == \g<value>, false)", first_six
    )
    yield Replacement("in for lists", contains, r"\g<name> IN (\g<value>)", first_six)
    text = r"MV_CONTAINS\((?P<name>[^,]+), \"(?P<value>[^\"]+)\"\)"
    for kind, like in (("prefix", r"\g<value>*"), ("suffix", r"*\g<value>")):
        wider = rf'(\g<0> OR COALESCE(\g<name> LIKE "{like}", false))'
        yield Replacement(f"a {kind}", text, wider, 6)
    yield Replacement("the other boolean", r"(is_interactive, )false", r"\1true")
    yield Replacement("the window's start counts", "first_seen > NOW", "first_seen >= NOW")
    yield Replacement("a longer window", "- 9 minutes", "- 10 minutes")
    yield Replacement("a shorter window", "- 9 minutes", "- 8 minutes")
    yield Replacement("a shorter history", "- 14 days", "- 13 days")
    yield Replacement("a longer history", "- 14 days", "- 15 days")
    yield Replacement("the history's start is out", ">= NOW", "> NOW")
    yield Replacement("the run's end is out", r"<= NOW\(\)", "< NOW()")
    yield Replacement("only the window is read", "- 14 days", "- 9 minutes")
    yield Replacement("the last time", r"MIN\(primary_time\)", "MAX(primary_time)")
    yield Replacement("time of the event", r"COALESCE\(event\.ingested, @timestamp\)", "@timestamp")
    yield Replacement(
        "ingestion alone", r"COALESCE\(event\.ingested, @timestamp\)", "event.ingested"
    )
    yield Replacement(
        "one term field less", r"BY\n(\s+\S+user_principal_name),\n\s+\S+app_id", r"BY\n\1"
    )
    yield Replacement(
        "no time in the result",
        r"\| SORT[\s\S]*",
        "| KEEP azure.signinlogs.properties.user_principal_name,"
        " azure.signinlogs.properties.app_id",
    )


def _kusto() -> Iterator[Replacement]:
    """Yield operators of text in place of equality, and mistakes about time."""
    column = r"(?P<name>\| where (?:\w+|\['[^']+'\])) "
    text = r"(?P<value>\"[^\"]+\")"
    for operator in ("has_cs", "startswith_cs", "endswith_cs", "contains_cs"):
        for equality, sign in (("==", ""), ("!=", "!")):
            yield Replacement(
                f"{sign}{operator}",
                f"{column}{equality} {text}",
                rf"\g<name> {sign}{operator} \g<value>",
                _ALL,
            )
    letters = r"(?P<value>\"[A-Za-z][^\"]+\")"
    yield Replacement("=~", f"{column}== {letters}", r"\g<name> =~ \g<value>", _ALL)
    yield Replacement("!~", f"{column}!= {letters}", r"\g<name> !~ \g<value>", _ALL)
    yield Replacement("any case in the list", r" !in \(", " !in~ (")
    yield Replacement("is not null", r"isnotempty\((?P<name>.*)\)", r"isnotnull(\g<name>)", _ALL)
    yield from _kusto_values()
    yield from _kusto_times()


def _kusto_values() -> Iterator[Replacement]:
    category = r"set_has_element\((\['event\.category'\]), (\"authentication\")\)"
    yield Replacement("a word of the list", category, r"tostring(\1) has \2")
    yield Replacement("a part of the list", category, r"tostring(\1) contains \2")
    yield Replacement("the first of the list", category, r"tostring(\1[0]) == \2")
    yield Replacement("no list", category, r"tostring(\1) == \2")
    yield Replacement("the other boolean", r"(is_interactive'\] == )false", r"\1true")
    yield Replacement("another number", '"8075"', '"8076"')
    yield Replacement(
        "folded terms",
        "by UserPrincipalName, AppId",
        "by UserPrincipalName, AppId = tolower(AppId)",
    )


def _kusto_times() -> Iterator[Replacement]:
    yield Replacement("the window's start counts", r"> ago\(lookback\)", ">= ago(lookback)")
    yield Replacement("a longer window", "lookback = 9m", "lookback = 10m")
    yield Replacement("a shorter window", "lookback = 9m", "lookback = 8m")
    yield Replacement("a shorter history", "history = 14d", "history = 13d")
    yield Replacement("a longer history", "history = 14d", "history = 15d")
    yield Replacement("a shorter delay", "delay = 2d", "delay = 1d")
    yield Replacement("no delay", r"history \+ delay", "history")
    yield Replacement(
        "the history's start is out",
        r"(\w+) between \(ago\(history\) \.\. now\(\)\)",
        r"\1 > ago(history)",
    )
    yield Replacement(
        "the run's end is out",
        r"(\w+) between \(ago\(history\) \.\. now\(\)\)",
        r"\1 >= ago(history) and \1 < now()",
    )
    yield Replacement(
        "only the window is read", r"between \(ago\(history\)", "between (ago(lookback)"
    )
    yield Replacement("the last event", r"arg_min\(", "arg_max(")
    yield Replacement("time of the event", r"ingestion_time\(\)", "TimeGenerated")
    terms = r"(?P<all>[\s\S]* by (?P<terms>[^\n]+)\n\| where (?P<time>\w+)) > (?P<start>.*)\n*\Z"
    yield Replacement("no time in the result", terms, r"\g<all> > \g<start>\n| distinct \g<terms>")
    yield Replacement(
        "no time in the result, and the window's start counts",
        terms,
        r"\g<all> >= \g<start>\n| distinct \g<terms>",
    )
    yield anti_join("a gap before the window of an anti-join", "<")


def anti_join(name: str, comparison: str) -> Replacement:
    """Write the query as new events joined against a history, which ends as the comparison says."""
    pattern = (
        r"(?m)^(?P<rows>(?:Events|AAD\w+)\n[\s\S]*?)\n\| summarize [\s\S]*"
        r" by (?P<terms>[^\n]+)\n\| where (?P<time>\w+) > ago\(lookback\)\s*\Z"
    )
    replacement = (
        r"let rows = \g<rows>;\n"
        rf"let known = rows | where \g<time> {comparison} ago(lookback) | distinct \g<terms>;\n"
        r"rows\n| where \g<time> > ago(lookback)\n"
        r"| join kind=leftanti known on \g<terms>\n"
        r"| summarize \g<time> = min(\g<time>) by \g<terms>\n"
    )
    return Replacement(name, pattern, replacement)


REPLACEMENTS: dict[str, tuple[Replacement, ...]] = {
    "kuery": tuple(_kibana("and", "not", ": ")),
    "lucene": (
        *_kibana("AND", "NOT", ":"),
        Replacement("a regular expression", '"Browser"', "/Browsers?/"),
    ),
    "esql": tuple(_esql()),
    "kusto": tuple(_kusto()),
}
