"""Pipelines of Windows event logs, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["windows_ecs", "windows_sentinel"]

windows_ecs, windows_sentinel = pack_plugins(__file__)
