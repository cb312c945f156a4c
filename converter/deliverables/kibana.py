"""Kibana detection rules as its import takes them: one JSON object on a line.

A kuery or lucene rule of type `new_terms` holds the term logic itself; an ES|QL rule holds it in its
query, so that its window must reach back over the whole history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from converter.diagnostic import Diagnostic
from converter.elastic.date_math import show_length
from converter.errors import Unsupported
from converter.render import RenderedQuery

from .metadata import RuleMetadata, metadata_of

FORMAT = "kibana-ndjson"
SUFFIX = ".ndjson"
TERM_LOGIC_IN_RULE_FILE = frozenset({"kuery", "lucene"})
"""Languages whose query is only the base of a new-terms rule."""

RuleType = Literal["new_terms", "query", "esql"]


def write(documents: str, rendered: RenderedQuery) -> tuple[str, tuple[Diagnostic, ...]]:
    """Write Sigma documents and their rendered query as one line of NDJSON."""
    found = metadata_of(documents)
    rule = rule_of(found, rendered)
    return json.dumps(rule, ensure_ascii=False) + "\n", tuple(found.diagnostics)


def rule_of(found: RuleMetadata, rendered: RenderedQuery) -> dict[str, object]:
    """Return the rule with the keys of Kibana's API, in alphabetical order."""
    language = rendered.target.language
    if language == "esql":
        detecting = _esql(found, rendered)
    elif language in TERM_LOGIC_IN_RULE_FILE:
        detecting = _query_language(found, rendered)
    else:
        raise Unsupported(f"a Kibana rule in {language}", hint="use kuery, lucene or esql")
    rule = {**found.rule, **detecting, "query": rendered.text, "language": language, "to": "now"}
    if language == "esql":
        # The query names its indices; Kibana refuses a second place for them.
        rule = {key: rule[key] for key in rule if key not in ("index", "data_view_id")}
    return dict(sorted(rule.items()))


def _query_language(found: RuleMetadata, rendered: RenderedQuery) -> Mapping[str, object]:
    spec = found.new_terms
    if spec is None:
        return {"type": "query"}
    return {
        "type": "new_terms",
        "new_terms_fields": list(rendered.terms),
        "history_window_start": f"now-{show_length(spec.history)}",
    }


def _esql(found: RuleMetadata, rendered: RenderedQuery) -> Mapping[str, object]:
    spec = found.new_terms
    if spec is None:
        return {"type": "esql"}
    length = show_length(spec.lookback)
    found.note(
        "esql-repeats-alerts",
        "Kibana raises the alert of an aggregating ES|QL rule again in each overlapping run;"
        f" the rule suppresses repetitions of {', '.join(rendered.terms)} for {length}",
    )
    return {
        "type": "esql",
        "from": f"now-{show_length(spec.history)}",
        "alert_suppression": {
            "group_by": list(rendered.terms),
            "duration": {"value": int(length[:-1]), "unit": length[-1]},
            "missing_fields_strategy": "suppress",
        },
    }
