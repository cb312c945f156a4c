"""One folder per query language: parse text, show it, lower it to the IR."""

__all__: list[str] = []
