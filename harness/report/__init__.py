"""One module per report format."""

__all__: list[str] = []
