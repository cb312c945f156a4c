"""Pipelines of Google Cloud audit logs, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["gcp_audit_ecs", "gcp_audit_sentinel"]

gcp_audit_ecs, gcp_audit_sentinel = pack_plugins(__file__)
