"""What the Sigma side of sigmaproof shares: the new-terms extension, the loader, tables and mappings."""
