"""Pipelines of Azure AD Graph activity logs, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["aad_graph_activity_ecs", "aad_graph_activity_sentinel"]

aad_graph_activity_ecs, aad_graph_activity_sentinel = pack_plugins(__file__)
