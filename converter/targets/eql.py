"""Elastic's event query language, which has no first-seen."""

from converter.pack_pipelines import to_ecs
from converter.target import Names, Target
from sigma.backends.sigmaproof_eql import EqlBackend

TARGET = Target(
    name="eql",
    description="EQL on ECS fields",
    language="eql",
    names=Names.ECS,
    backend=EqlBackend,
    pipeline=to_ecs,
    formats=("text", "kibana-ndjson"),
)
