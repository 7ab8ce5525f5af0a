"""The ledger: what was when."""
