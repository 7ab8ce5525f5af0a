"""The config: where it is, what its keys mean, and what is discovered without one."""
