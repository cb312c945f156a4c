"""Kusto on the tables of Microsoft Defender XDR's advanced hunting."""

from converter.pack_pipelines import to_tables
from converter.target import Names, Target
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend

TARGET = Target(
    name="xdr",
    description="Kusto on advanced hunting tables",
    language="kusto",
    names=Names.PACK_TABLES,
    backend=SigmaproofKustoBackend,
    pipeline=to_tables("xdr"),
    platform="xdr",
    formats=("text", "xdr-json"),
)
