"""What can be done to a cluster: an act a module, and what they share."""
