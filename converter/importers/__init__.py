"""One module per Elastic rule type: rule -> Sigma documents and diagnostics."""

__all__: list[str] = []
