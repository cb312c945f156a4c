"""Scheduled analytics rules of Microsoft Sentinel as YAML, as its repository of rules has them.

The file says in a comment how the schedule differs from the rule's own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import yaml

from converter.diagnostic import Diagnostic
from converter.errors import InputError
from converter.render import RenderedQuery

from .analytics_rule import analytics_rule
from .deployed_rule import DeployedRule
from .sentinel_limits import MAXIMUM_QUERY
from .sentinel_rule_file import read_rule

FORMAT = "sentinel-yaml"
SUFFIX = ".yaml"
OUTPUT_FORMATS = {"kusto": "scheduled"}
WATCHLIST_LIMIT = MAXIMUM_QUERY
SCHEDULE_CHANGE = "sentinel-schedule"


def write(documents: str, rendered: RenderedQuery) -> tuple[str, tuple[Diagnostic, ...]]:
    """Write Sigma documents and their query, rendered for a schedule, as a rule file.

    Raises Unsupported when the rule would break a limit of the platform.
    """
    rule, remarks = analytics_rule(documents, rendered)
    changes = [one.message for one in rendered.diagnostics if one.code == SCHEDULE_CHANGE]
    comment = "".join(map(_comment, changes))
    return comment + _yaml(rule), tuple(remarks)


def read(text: str) -> DeployedRule:
    """Read a rule file; raises InputError when the text is none."""
    rule = read_rule(text)
    if rule is None:
        raise InputError("the text is no analytics rule; it has no queryFrequency")
    return rule


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(text, 98, break_on_hyphens=False))


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a query can be read."""


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def _yaml(rule: Mapping[str, object]) -> str:
    return yaml.dump(
        dict(rule), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000, indent=2
    )
