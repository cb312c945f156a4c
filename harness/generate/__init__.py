"""Events made from a rule itself: each condition met, missed and left out where it decides."""

from .dataset import MADE, dataset_for

__all__ = ["MADE", "dataset_for"]
