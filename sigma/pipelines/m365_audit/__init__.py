"""Pipelines of the Microsoft 365 audit log, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["m365_audit_ecs", "m365_audit_sentinel"]

m365_audit_ecs, m365_audit_sentinel = pack_plugins(__file__)
