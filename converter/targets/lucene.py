"""Lucene's query_string as Elasticsearch runs it."""

from converter.pack_pipelines import to_ecs
from converter.target import Names, Target
from sigma.backends.sigmaproof_lucene import LuceneBackend

TARGET = Target(
    name="lucene",
    description="Lucene query_string on ECS fields",
    language="lucene",
    names=Names.ECS,
    backend=LuceneBackend,
    pipeline=to_ecs,
    formats=("text", "kibana-ndjson"),
)
