"""Count the rules of a Sigma corpus that the stock Kusto pipelines convert, and those that our targets do.

    python tests/benchmarks/count_stock_pipelines.py DIRECTORY [STEP]

Prints a Markdown table: rules, and converted rules for each pipeline and target, by product. With STEP only
every so many rules are counted. A text counts as soon as the backend writes one; whether it is right is
what `verify` says.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import yaml
from sigma.backends.kusto.kusto import KustoBackend
from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.pipelines.azuremonitor.azuremonitor import azure_monitor_pipeline
from sigma.pipelines.kusto_common.errors import InvalidHashAlgorithmError
from sigma.pipelines.microsoftxdr.microsoftxdr import microsoft_xdr_pipeline
from sigma.pipelines.sentinelasim.sentinelasim import sentinel_asim_pipeline
from sigma.processing.pipeline import ProcessingPipeline

from converter.errors import ConversionError
from converter.placement import placed, render_placed
from converter.port import ImportOptions, PortableRule, read_rules
from converter.registry import target_named
from harness.report.markup import row

Converter = Callable[[str, str], bool]
"""Whether a rule file's text becomes a query; its path is for messages."""


def _stock(pipeline: ProcessingPipeline) -> Converter:
    # The package's own annotation of the parameter is wrong: it is handed on as a pipeline.
    backend = KustoBackend(processing_pipeline=pipeline)  # type: ignore[arg-type]

    def converts(text: str, path: str) -> bool:
        try:
            return bool(backend.convert(SigmaCollection.from_yaml(text)))
        except (
            SigmaError,
            InvalidHashAlgorithmError,
            NotImplementedError,
            ValueError,
            TypeError,
            AttributeError,
        ):
            return False  # whatever stops a stock pipeline, there is no query

    return converts


@lru_cache(maxsize=1)
def _read(text: str, path: str) -> Sequence[PortableRule]:
    """Return the rules of a file, which each of our targets is asked to render."""
    return read_rules(text, path, ImportOptions())


def _ours(name: str) -> Converter:
    target = target_named(name)

    def converts(text: str, path: str) -> bool:
        try:
            return all(
                bool(render_placed(placed(rule, target), target).text) for rule in _read(text, path)
            )
        except ConversionError:
            return False

    return converts


CONVERTERS: Mapping[str, Converter] = {
    "azure_monitor": _stock(azure_monitor_pipeline()),
    "sentinel_asim": _stock(sentinel_asim_pipeline()),
    "microsoft_xdr": _stock(microsoft_xdr_pipeline()),
    **{name: _ours(name) for name in ("sentinel", "xdr", "kusto-ecs")},
}
MICROSOFT = ("sentinel", "xdr")
EITHER = "sentinel or xdr"
COLUMNS = (*CONVERTERS, EITHER)


def _product(text: str) -> str:
    for document in yaml.safe_load_all(text):
        match document:
            case {"logsource": {"product": str(product)}}:
                return product
            case {"logsource": {"category": str(category)}}:
                return category
            case _:
                pass
    return "other"


def main(directory: Path, step: int) -> None:
    """Count and print."""
    rules: Counter[str] = Counter()
    converted: dict[str, Counter[str]] = {name: Counter() for name in COLUMNS}
    for path in sorted(directory.rglob("*.yml"))[::step]:
        text = path.read_text(encoding="utf-8")
        product = _product(text)
        rules[product] += 1
        found = {name: converts(text, str(path)) for name, converts in CONVERTERS.items()}
        found[EITHER] = any(found[name] for name in MICROSOFT)
        for name, is_converted in found.items():
            converted[name][product] += is_converted
    rows = [("product", "rules", *COLUMNS), ("---", *["---:"] * (1 + len(COLUMNS)))]
    for product in (*sorted(rules), ""):
        names = [product] if product else list(rules)
        numbers = [sum(rules[one] for one in names)]
        numbers += [sum(counts[one] for one in names) for counts in converted.values()]
        rows.append((product or "all", *(f"{number:,}" for number in numbers)))
    sys.stdout.write("".join(map(row, rows)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
