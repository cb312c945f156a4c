"""Kibana's query language."""

from sigma.backends.sigmaproof_kuery import KueryBackend

from converter.pack_pipelines import to_ecs
from converter.target import Names, Target

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
