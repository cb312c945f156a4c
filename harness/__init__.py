"""Run rules on events, execute rendered queries, compare, report."""

__all__: list[str] = []
