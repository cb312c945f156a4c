"""Logs whose events are not those that tables of event logs keep.

Such tables keep the event as its source recorded it. A document of it under ECS names no longer says what that
was, so that it is neither found nor missed there.
"""

from __future__ import annotations

from dataclasses import replace

from converter.diagnostic import Diagnostic, Severity
from converter.port import PortableRule

from .events.event import Dataset, values_of
from .verdict import NoEvidence, TargetResult

NOT_RECORDED = "documents-not-recorded"
"""Code of a result without evidence, as tables of event logs cannot hold the documents that were given."""


def with_reason(result: TargetResult, rule: PortableRule, dataset: Dataset) -> TargetResult:
    """Say with a result without evidence how many events the tables of the rule cannot hold."""
    by = rule.pack.told_apart_by if rule.pack and rule.pack.is_recorded else None
    if rule.pack is None or by is None or not isinstance(result.verdict, NoEvidence):
        return result
    events = dataset.events
    others = [event for event in events if not values_of(event.document, by.channel)]
    if not others:
        return result
    what = (
        f"{len(others)} of {len(events)} events are documents; the tables keep events as they were"
        " recorded, which documents no longer say, so they prove nothing here"
    )
    root = rule.pack.vendor.root
    hint = f'give the recorded events, {{"{root}": {{...}}}}, or no logs: events are made of the rule then'
    reason = Diagnostic(NOT_RECORDED, Severity.WARNING, what, hint=hint)
    return replace(result, diagnostics=(*result.diagnostics, reason))
