"""Reads rule files that deploy a Kusto query: analytics rules as YAML, and what is JSON.

Knows nothing of what wrote the file, so that an engine may read it.
"""

from __future__ import annotations

import re

import yaml

from converter.errors import InputError

from .deployed_rule import DeployedRule
from .json_rule_file import read_json_rule
from .rule_durations import duration
from .sentinel_limits import problems

_IS_RULE = re.compile(r"^(queryFrequency|kind: (Scheduled|NRT))\b", re.MULTILINE)


def read_rule(text: str) -> DeployedRule | None:
    """Read a rule file in YAML or one of the forms in JSON; None where the text is none.

    Raises InputError for a rule that is not valid.
    """
    if text.lstrip().startswith("{"):
        return read_json_rule(text)
    if not _IS_RULE.search(text):
        return None
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"analytics rule: the YAML is broken; {_one_line(error)}") from error
    if not isinstance(found, dict):
        return None
    if wrong := problems(found):
        raise InputError(f"analytics rule: {wrong[0]}")
    return DeployedRule(
        str(found["query"]), duration(found["queryFrequency"]), duration(found["queryPeriod"])
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
