"""What is said where the first tables lack fields of a rule, and which connectors fill the tables."""

from __future__ import annotations

import pytest

from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named
from converter.table_remarks import TABLES_LACK

RULE = """
title: Demo
status: test
logsource: {{{log_source}}}
detection:
  selection: {{{detection}}}
  condition: selection
"""


@pytest.mark.parametrize(
    ("log_source", "detection", "says"),
    [
        (
            "product: gcp, service: gcp.audit",
            "protoPayload.serviceName: k8s.io, labels.command.gke.io/command: ls",
            "fills GKEAudit, only the connector GCP Pub/Sub Audit Logs fills GCPAuditLogs",
        ),
        # one connector for both, whose diagnostic setting decides
        (
            "product: kubernetes, service: audit",
            "impersonatedUser.username: admin",
            "so the rule is written for AzureDiagnostics; check that your events are there",
        ),
    ],
)
def test_connectors_are_named_where_they_tell_the_tables_apart(
    log_source: str, detection: str, says: str
) -> None:
    text = RULE.format(log_source=log_source, detection=detection)
    (rule,) = read_rules(text, "demo.yml", ImportOptions())
    sentinel = target_named("sentinel")
    rendered = render_placed(placed(rule, sentinel), sentinel)
    (remark,) = [one.message for one in rendered.diagnostics if one.code == TABLES_LACK]
    assert remark.endswith(says)
