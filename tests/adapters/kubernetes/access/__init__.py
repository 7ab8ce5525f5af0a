"""The ways into a cluster."""
