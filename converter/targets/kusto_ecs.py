"""Kusto on a table whose columns are named as in ECS."""

from converter.pack_pipelines import to_events_table
from converter.target import Names, Target
from sigma.backends.sigmaproof_kusto import SigmaproofKustoBackend

TARGET = Target(
    name="kusto-ecs",
    description="Kusto on a table Events with ECS columns",
    language="kusto",
    names=Names.EVENTS_TABLE,
    backend=SigmaproofKustoBackend,
    pipeline=to_events_table,
)
