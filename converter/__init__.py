"""Elastic rule -> Sigma documents -> query text."""

__all__: list[str] = []
