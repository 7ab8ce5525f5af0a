"""The ledger: what was when, what changed, and when nobody looked."""
