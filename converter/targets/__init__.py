"""One module per target: a backend, the pipelines it needs and the formats it can be written in."""

__all__: list[str] = []
