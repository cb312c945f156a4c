"""One module per command; each holds a `command`."""

__all__: list[str] = []
