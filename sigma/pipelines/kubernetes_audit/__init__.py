"""Pipelines of Kubernetes audit logs, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["kubernetes_audit_ecs", "kubernetes_audit_sentinel"]

kubernetes_audit_ecs, kubernetes_audit_sentinel = pack_plugins(__file__)
