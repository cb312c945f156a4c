"""Kusto on the Log Analytics tables of Microsoft Sentinel."""

from converter.pack_pipelines import to_tables
from converter.target import Names, Target
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend

TARGET = Target(
    name="sentinel",
    description="Kusto on Log Analytics tables",
    language="kusto",
    names=Names.PACK_TABLES,
    backend=SigmaproofKustoBackend,
    pipeline=to_tables("sentinel"),
    platform="sentinel",
    formats=("text", "sentinel-yaml", "sentinel-arm"),
)
