"""Fields of AWS CloudTrail that the table has beside those of ECS."""

from __future__ import annotations

from converter.placement import placed, render_placed
from converter.port import ImportOptions, read_rules
from converter.registry import target_named

RULE = """
title: A rule
logsource: {product: aws, service: cloudtrail}
detection:
  one: {userIdentity.userName: somebody, userIdentity.sessionContext.sessionIssuer.accountId: '1'}
  condition: one
"""


def test_the_name_of_an_identity_is_not_that_of_the_issuer_of_its_session() -> None:
    (rule,) = read_rules(RULE, "rule.yml", ImportOptions())
    target = target_named("sentinel")
    text = render_placed(placed(rule, target), target).text
    assert '| where UserIdentityUserName =~ "somebody"\n' in text
    assert "SessionIssuerUserName" not in text
