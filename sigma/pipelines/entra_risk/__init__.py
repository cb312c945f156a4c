"""Pipelines of Microsoft Entra risk detections, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["entra_risk_ecs", "entra_risk_sentinel"]

entra_risk_ecs, entra_risk_sentinel = pack_plugins(__file__)
