"""Judges mapping packs, for `sigmaproof mapping check` and for tests."""
