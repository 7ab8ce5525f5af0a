"""The ways into a cluster that kubectl has: files in, an :class:`ClusterAccess` out."""
