"""One module per file format that a platform takes: Kibana rules, detection-rules TOML, Sentinel YAML."""

__all__: list[str] = []
