"""Pipelines of resource logs of Azure services, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["azure_platform_ecs", "azure_platform_sentinel"]

azure_platform_ecs, azure_platform_sentinel = pack_plugins(__file__)
