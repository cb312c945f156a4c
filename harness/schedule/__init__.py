"""Runs of a schedule over the time range of a log."""

__all__: list[str] = []
