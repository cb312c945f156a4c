"""Sigma documents as YAML text, in the style of Sigma's own rules and the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import yaml

WIDE = 1_000_000
"""Wider than any line, so that no text is folded."""


def yaml_text(documents: Iterable[Mapping[str, object]]) -> str:
    """Write documents one after the other, keys in their order."""
    texts = (_one(document) for document in documents)
    return "---\n".join(texts)


def _one(document: Mapping[str, object]) -> str:
    # The dumper is a SafeDumper, and a text comes back when no stream is given.
    return str(
        yaml.dump(
            document,
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=WIDE,
            indent=4,
            default_flow_style=False,
        )
    )


class _Dumper(yaml.SafeDumper):
    """Indents lists, writes long texts as blocks, and repeats values instead of referring to them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)
        if self.sequence_context and not flow:
            self.indent = (self.indents[-1] or 0) + 2  # a mapping begins right after its dash

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)
