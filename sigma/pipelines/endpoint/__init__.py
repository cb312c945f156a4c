"""Pipelines of endpoint events, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["endpoint_ecs", "endpoint_xdr"]

endpoint_ecs, endpoint_xdr = pack_plugins(__file__, "xdr")
