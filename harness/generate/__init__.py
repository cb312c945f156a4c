"""Events made from a rule itself: each condition met, missed and left out where it decides."""

from .dataset import dataset_for

__all__ = ["dataset_for"]
