"""Access to clusters, as kubectl has it: from a kubeconfig to a :class:`.ClusterAccess`."""
