"""Lucene's query_string as Elasticsearch runs it."""

from sigma.backends.sigmaproof_lucene import LuceneBackend

from converter.pack_pipelines import to_ecs
from converter.target import Names, Target

TARGET = Target(
    name="lucene",
    description="Lucene query_string on ECS fields",
    language="lucene",
    names=Names.ECS,
    backend=LuceneBackend,
    pipeline=to_ecs,
    formats=("text", "kibana-ndjson"),
)
