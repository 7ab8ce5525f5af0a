"""How things of the world look as Kubernetes objects."""
