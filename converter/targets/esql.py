"""Elasticsearch's piped query language."""

from converter.pack_pipelines import to_ecs
from converter.target import Names, Target
from sigma.backends.sigmaproof_esql import EsqlBackend

TARGET = Target(
    name="esql",
    description="ES|QL on ECS fields",
    language="esql",
    names=Names.ECS,
    backend=EsqlBackend,
    pipeline=to_ecs,
    formats=("text", "kibana-ndjson"),
)
