"""Pipelines of AWS CloudTrail, built from mapping.yml beside this file."""

from sigma.sigmaproof.pack_plugins import pack_plugins

# pySigma registers every name in __all__, and every name at all where there is no __all__
__all__ = ["aws_cloudtrail_ecs", "aws_cloudtrail_sentinel"]

aws_cloudtrail_ecs, aws_cloudtrail_sentinel = pack_plugins(__file__)
