from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml

from converter import formats
from converter.deliverables.watchlist import Watchlist, externalised
from converter.errors import Unsupported
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from converter.render import RenderedQuery, render
from harness.engines.kusto_store import Store, StoredTable
from harness.engines.kusto_text import INGESTION_COLUMN
from tests.oracles.kusto.binder import bind

CLIENTS = [f'Client "{number}", of {number % 7}' for number in range(400)]
SIGMA = """
title: Clients of a list
id: 11111111-2222-4333-8444-555555555555
license: Apache-2.0
logsource: {product: azure, service: signinlogs}
detection:
  base: {Category: NonInteractiveUserSignInLogs}
  selection:
    ClientAppUsedMODIFIER: VALUES
  other:
    Location: [DE, FR, NL]
  condition: base and CONDITION
level: low
"""
NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = {"TimeGenerated": "datetime", "Id": "string", "ClientAppUsed": "string"} | {
    "Location": "string"
}


def rule(modifier: str = "", condition: str = "selection", clients: list[str] = CLIENTS) -> str:
    text = SIGMA.replace("MODIFIER", modifier).replace("CONDITION", condition)
    return text.replace("VALUES", yaml.safe_dump(clients, default_flow_style=True, width=10**6))


def rendered(text: str, output_format: str = "default") -> tuple[PortableRule, RenderedQuery]:
    one = read_rules(text, "rule.yml", ImportOptions())[0]
    target = target_named("sentinel")
    return one, render(one.documents, "rule.yml", target, one.pack, output_format)


def found(text: str) -> list[str]:
    """Return the rows that a query finds among values that only case, or nothing, tells from the list's."""
    values = [CLIENTS[0], CLIENTS[399].upper(), CLIENTS[7].lower(), CLIENTS[7], "Client", "", None]
    rows = [
        (NOW, f"{place}{location}", value, location, NOW)
        for place, value in enumerate(values)
        for location in ("DE", "ES")
    ]
    table = StoredTable(
        "AADNonInteractiveUserSignInLogs", {**COLUMNS, INGESTION_COLUMN: "datetime"}, rows
    )
    with Store([table]) as store:
        result = store.query(text, NOW)
    place = result.columns.index("Id")
    return sorted(str(row[place]) for row in result.rows)


def from_file(watchlist: Watchlist) -> list[str]:
    header, *rows = csv.reader(io.StringIO(watchlist.file_text()))
    assert header == ["Value"]
    return [value for (value,) in rows]


def as_table(text: str, watchlist: Watchlist) -> str:
    """Put what the file holds in the place of the platform's function."""
    values = ", ".join('"' + value.replace('"', '\\"') + '"' for value in from_file(watchlist))
    call = f"_GetWatchlist('{watchlist.alias}')"
    assert text.count(call) == 1
    return text.replace(call, f"datatable(SearchKey:string)[{values}]")


@pytest.mark.parametrize("condition", ["selection", "not selection", "selection and other"])
@pytest.mark.parametrize("modifier", ["", "|cased"])
def test_a_query_with_a_watchlist_finds_the_same_rows(modifier: str, condition: str) -> None:
    _, query = rendered(rule(modifier, condition))
    short, (watchlist,), _ = externalised(query, "Clients of a list", 1000)
    assert len(short.text) < 1000
    assert found(as_table(short.text, watchlist)) == found(query.text)
    assert 0 < len(found(query.text)) < 14


def test_the_query_binds_with_the_function_of_the_platform() -> None:
    _, query = rendered(rule(), "scheduled")
    short, _, _ = externalised(query, "Clients of a list", 1000)
    function = "let _GetWatchlist = (alias:string) { datatable(SearchKey:string)[''] };\n"
    tables = {
        "AADNonInteractiveUserSignInLogs": {**COLUMNS, "UserId": "string", "AppId": "string"}
        | dict.fromkeys(("UserPrincipalName", "IPAddress", "AppDisplayName"), "string")
    }
    assert bind([(function + short.text, tables)])[0].findings == ()


def test_the_longest_list_goes_first_and_only_as_many_as_it_takes() -> None:
    _, query = rendered(rule(condition="selection and other"))
    _, moved, remarks = externalised(query, "A title, with signs " * 9, 1000)
    assert [len(one.values) for one in moved] == [400]
    assert len(moved[0].alias) <= 64
    assert [one.code for one in remarks] == ["watchlist"]
    _, both, _ = externalised(query, "A title", 100)
    assert [len(one.values) for one in both] == [400, 3]
    assert both[0].alias == "a_title_1"
    assert both[1].alias == "a_title_2"


def test_a_query_that_is_short_enough_keeps_its_lists() -> None:
    _, query = rendered(rule())
    assert externalised(query, "A title", 100_000) == (query, (), ())


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ('T | where A in ("a ", "b", "c")', "ends with a blank"),
        ('T | where A in ("", "b", "c")', "empty text"),
        ('T | where A in ("a\\nb", "b", "c")', "several lines"),
        ("T | where A in (1, 2, 3)", "numbers"),
        ('T | where A in ("b", "c")', "short"),
        ('T | where A has_any ("a", "b", "c")', "another operator"),
        ('// A in ("a", "b", "c")\nT', "a comment"),
    ],
    ids=lambda value: value,
)
def test_a_list_that_a_file_cannot_hold_as_it_is_stays(text: str, operator: str) -> None:
    _, query = rendered(rule())
    plain = replace(query, text=text)
    assert externalised(plain, operator, 1) == (plain, (), ())


def test_values_that_the_operator_takes_for_the_same_are_in_the_file_once() -> None:
    _, query = rendered(rule())
    text = 'T | where A in~ ("a", "A", "b") | where B in ("a", "A", "b")'
    _, moved, _ = externalised(replace(query, text=text), "A title", 1)
    assert [one.values for one in moved] == [("a", "b"), ("a", "A", "b")]


def test_the_remark_says_what_to_do_and_what_an_empty_watchlist_does() -> None:
    _, query = rendered(rule("|cased", "not selection"))
    _, (moved,), (remark,) = externalised(query, "A title", 1000)
    assert remark.message == (
        "a list of 400 values is in the watchlist a_title_1, which must be created from its file with Value"
        " as the search key before the rule runs; values compare with their case, as in the rule, and"
        " while the watchlist is empty every event passes that condition"
    )
    assert "!in (Watchlist1)" in externalised(query, "A title", 1000)[0].text
    assert moved.alias == "a_title_1"


@pytest.mark.parametrize("form", ["sentinel-yaml", "sentinel-arm"])
def test_a_rule_that_is_too_long_is_written_with_its_watchlist(form: str) -> None:
    one, query = rendered(rule(), "scheduled")
    with pytest.raises(Unsupported, match="the limit is 10000; convert with --watchlist"):
        formats.write(one.documents, query, form)
    written = formats.write(one.documents, query, form, moves_lists=True)
    assert "_GetWatchlist('clients_of_a_list_1')" in written.text
    assert [from_file(moved) for moved in written.watchlists] == [CLIENTS]
    assert "watchlist" in [remark.code for remark in written.diagnostics]


@pytest.mark.parametrize(
    ("modifier", "said"),
    [
        (
            "|startswith",
            "characters and no list of whole values left for a watchlist, the limit is 10000; split the",
        ),
        ("|cased", "convert with --watchlist"),
    ],
)
def test_a_watchlist_is_advised_only_where_it_would_help(modifier: str, said: str) -> None:
    one, query = rendered(rule(modifier), "scheduled")
    with pytest.raises(Unsupported) as caught:
        formats.write(one.documents, query, "sentinel-yaml")
    assert said in caught.value.construct


def test_a_query_that_watchlists_do_not_shorten_enough_says_how_long_it_stays() -> None:
    documents = rule("|startswith", "selection and other").replace("[DE, FR, NL]", str(CLIENTS))
    one, query = rendered(documents, "scheduled")
    with pytest.raises(Unsupported, match="the limit is 10000; split the rule's values"):
        formats.write(one.documents, query, "sentinel-yaml", moves_lists=True)
    with pytest.raises(Unsupported, match=r"with its longest lists in watchlists, the limit is"):
        formats.write(one.documents, query, "sentinel-yaml")


def test_lists_of_the_same_values_share_a_watchlist() -> None:
    _, query = rendered(rule())
    text = (
        'union (T | where A in~ ("a", "b", "c")), (U | where B in~ ("C", "a", "b", "A"))'
        ', (V | where A in ("a", "b", "c"))\n'
    )
    short, moved, remarks = externalised(replace(query, text=text), "A title", 1)
    assert short.text == (
        "let Watchlist2 = _GetWatchlist('a_title_2') | project SearchKey;\n"
        "let Watchlist1 = _GetWatchlist('a_title_1') | project SearchKey;\n"
        "union (T | where A in~ (Watchlist1)), (U | where B in~ (Watchlist1))"
        ", (V | where A in (Watchlist2))\n"
    )
    assert [one.values for one in moved] == [("C", "a", "b"), ("a", "b", "c")]
    assert len(remarks) == 2
    assert remarks[0].message.endswith("no event passes those conditions")


def test_every_table_of_a_rule_looks_up_the_same_watchlist() -> None:
    every = rule().replace("{Category: NonInteractiveUserSignInLogs}", "{AppDisplayName: A}")
    one, query = rendered(every, "scheduled")
    assert query.text.count(CLIENTS[399].replace('"', '""')) > 1
    written = formats.write(one.documents, query, "sentinel-yaml", moves_lists=True)
    assert [from_file(moved) for moved in written.watchlists] == [CLIENTS]
    assert written.text.count("_GetWatchlist(") == 1
    assert written.text.count("in~ (Watchlist1)") > 1


def test_the_remark_tells_conditions_that_exclude_from_others() -> None:
    _, query = rendered(rule())
    text = 'union (T | where A in ("a", "b", "c")), (U | where A !in ("a", "b", "c"))'
    _, _, (remark,) = externalised(replace(query, text=text), "A title", 1)
    assert remark.message.endswith(
        "no event passes the conditions that ask for its values and every event passes the others"
    )
