"""Whether the pods of an old revision would start in the cluster as it is now, by reading only."""
