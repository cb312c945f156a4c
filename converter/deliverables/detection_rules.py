"""Rule files of Elastic's repository detection-rules: TOML, for rules in kuery."""

from __future__ import annotations

from converter.diagnostic import Diagnostic, Severity
from converter.errors import Unsupported
from converter.render import RenderedQuery

from .kibana import rule_of
from .metadata import metadata_of
from .toml_text import toml_text

FORMAT = "elastic-toml"
SUFFIX = ".toml"

OUTPUT_FORMATS = {"kuery": "rule"}
_API_ONLY = ("to",)
"""Keys of the API that a rule file leaves to Kibana's defaults."""


def write(documents: str, rendered: RenderedQuery) -> tuple[str, tuple[Diagnostic, ...]]:
    """Write Sigma documents and their rendered query as a rule file."""
    if rendered.target.language != "kuery":
        raise Unsupported(
            f"a detection-rules file in {rendered.target.language}",
            hint="only kuery has one; use the format kibana-ndjson",
        )
    found = metadata_of(documents, rendered.pack)
    if "creation_date" not in found.metadata:
        what = "the Sigma rule has no date, which detection-rules demands; add one"
        found.note("date-missing", what, Severity.WARNING)
    rule = rule_of(found, rendered)
    rule = {key: value for key, value in rule.items() if key not in _API_ONLY}
    rule["query"] = f"{rendered.text.strip()}\n"
    rule["description"] = _paragraph(str(rule["description"]))
    fields, history = rule.pop("new_terms_fields", None), rule.pop("history_window_start", None)
    if fields is not None:
        rule["new_terms"] = {
            "field": "new_terms_fields",
            "value": fields,
            "history_window_start": [{"field": "history_window_start", "value": history}],
        }
    tables = {"metadata": dict(sorted(found.metadata.items())), "rule": rule, **found.other}
    return toml_text(tables), tuple(found.diagnostics)


def _paragraph(text: str) -> str:
    """End a text of several lines with a line break, so that its closing quotes stand alone."""
    return f"{text}\n" if "\n" in text else text
