"""The contract of an adapter, and its toolkit."""
