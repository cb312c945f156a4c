"""Kibana detection rules as its import takes them: one JSON object on a line.

A kuery or lucene rule of type `new_terms` or `threshold` holds the term logic itself; an ES|QL rule holds
it in its query, so that its window must reach back over the whole history of new terms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from converter.diagnostic import Diagnostic, Severity
from converter.elastic.date_math import show_length
from converter.errors import Unsupported
from converter.render import RenderedQuery
from sigma.sigmaproof.threshold import ThresholdSpec

from .metadata import RuleMetadata, metadata_of

FORMAT = "kibana-ndjson"
SUFFIX = ".ndjson"
OUTPUT_FORMATS = {"kuery": "rule"}
TERM_LOGIC_IN_RULE_FILE = frozenset({"kuery", "lucene"})
"""Languages whose query is only the base of a new-terms or threshold rule."""


def write(documents: str, rendered: RenderedQuery) -> tuple[str, tuple[Diagnostic, ...]]:
    """Write Sigma documents and their rendered query as one line of NDJSON."""
    found = metadata_of(documents, rendered.pack)
    rule = rule_of(found, rendered)
    left_out = [*(f"metadata.{key}" for key in found.metadata), *found.other]
    if left_out:
        what = (
            f"a rule of Kibana has no place for {', '.join(left_out)}; only a rule file keeps them"
        )
        found.note("metadata-left-out", what)
    return json.dumps(rule, ensure_ascii=False) + "\n", tuple(found.diagnostics)


def rule_of(found: RuleMetadata, rendered: RenderedQuery) -> dict[str, object]:
    """Return the rule with the keys of Kibana's API, in alphabetical order."""
    language = rendered.target.language
    if language == "esql":
        detecting = _esql(found, rendered)
    elif language == "eql":
        detecting = {"type": "eql"}  # its queries judge one event at a time: there is no term
    elif language in TERM_LOGIC_IN_RULE_FILE:
        detecting = _query_language(found, rendered)
    else:
        raise Unsupported(f"a Kibana rule in {language}", hint="use kuery, lucene, esql or eql")
    rule = {**found.rule, **detecting, "query": rendered.text, "language": language, "to": "now"}
    if found.had_filters and not rendered.filters:
        found.note("filters-in-query", "the filters of the Elastic rule are part of the query")
    if rendered.filters:
        rule["filters"] = list(rendered.filters)
        count = len(rendered.filters)
        what = (
            f"{count} condition{'s are filters' if count > 1 else ' is a filter'} of the rule, as Kibana's"
            " query language cannot say them; the query alone matches more"
        )
        found.note("filters-beside-query", what, Severity.WARNING)
    if language == "esql":
        # The query names its indices; Kibana refuses a second place for them.
        rule = {key: rule[key] for key in rule if key not in ("index", "data_view_id")}
    return dict(sorted(rule.items()))


def _query_language(found: RuleMetadata, rendered: RenderedQuery) -> Mapping[str, object]:
    if (counts := rendered.counts) is not None:
        return {"type": "threshold", "threshold": _threshold(counts)}
    spec = found.new_terms
    if spec is None:
        return {"type": "query"}
    return {
        "type": "new_terms",
        "new_terms_fields": list(rendered.terms),
        "history_window_start": f"now-{show_length(spec.history)}",
    }


def _threshold(counts: ThresholdSpec) -> Mapping[str, object]:
    section: dict[str, object] = {"field": list(counts.fields), "value": counts.count}
    if (distinct := counts.distinct) is not None:
        section["cardinality"] = [{"field": distinct.field, "value": distinct.count}]
    return section


def _esql(found: RuleMetadata, rendered: RenderedQuery) -> Mapping[str, object]:
    spec = found.new_terms
    if spec is not None:
        return {
            "type": "esql",
            "from": f"now-{show_length(spec.history)}",
            **_suppression(found, rendered.terms, spec.lookback),
        }
    if (counts := found.counts) is not None:
        return {"type": "esql", **_suppression(found, rendered.terms, counts.window)}
    return {"type": "esql"}


def _suppression(
    found: RuleMetadata, terms: tuple[str, ...], length: timedelta
) -> Mapping[str, object]:
    """Suppress what an aggregating rule repeats; without a field to group by Kibana cannot."""
    repeats = "Kibana raises the alert of an aggregating ES|QL rule again in each overlapping run"
    if not terms:
        found.note(
            "esql-repeats-alerts", f"{repeats}; nothing suppresses that, as no field tells them"
        )
        return {}
    text = show_length(length)
    found.note(
        "esql-repeats-alerts",
        f"{repeats}; the rule suppresses repetitions of {', '.join(terms)} for {text}",
    )
    return {
        "alert_suppression": {
            "group_by": list(terms),
            "duration": {"value": int(text[:-1]), "unit": text[-1]},
            "missing_fields_strategy": "suppress",
        },
    }
