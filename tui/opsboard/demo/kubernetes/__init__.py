"""A fake Kubernetes API server (1.36) for each cluster of the world."""

from opsboard.demo.kubernetes.routes import routes

__all__ = ["routes"]
