"""Elastic's event query language, which has no first-seen."""

from sigma.backends.elasticsearch.elasticsearch_eql import EqlBackend

from converter.pack_pipelines import to_ecs
from converter.target import Names, Target

TARGET = Target(
    name="eql",
    description="EQL on ECS fields",
    language="eql",
    names=Names.ECS,
    backend=EqlBackend,
    pipeline=to_ecs,
    refusal="EQL has no first-seen: a query matches events or sequences, and none can say that a"
    " value never occurred in the history",
)
