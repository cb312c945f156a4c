"""Kibana's query language."""

from converter.pack_pipelines import to_ecs
from converter.target import Names, Target
from sigma.backends.sigmaproof_kuery import KueryBackend

TARGET = Target(
    name="kuery",
    description="Kibana query language (KQL) on ECS fields",
    language="kuery",
    names=Names.ECS,
    backend=KueryBackend,
    pipeline=to_ecs,
    formats=("text", "kibana-ndjson", "elastic-toml"),
    aliases=("kibana-kql",),
)
