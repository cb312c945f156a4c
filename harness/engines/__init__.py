"""One module per engine: executes what a language means, or a query text itself, on a dataset."""

__all__: list[str] = []
