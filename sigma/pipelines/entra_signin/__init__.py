"""Pipelines of Microsoft Entra sign-in logs, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["entra_signin_ecs", "entra_signin_sentinel"]

entra_signin_ecs, entra_signin_sentinel = pack_plugins(__file__)
