"""Pipelines of the Okta system log, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["okta_system_ecs", "okta_system_sentinel"]

okta_system_ecs, okta_system_sentinel = pack_plugins(__file__)
