"""Events: their documents, times and the files they come from."""

__all__: list[str] = []
