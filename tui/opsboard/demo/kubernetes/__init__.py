"""The clusters of the demo, told through the Kubernetes API."""

from opsboard.demo.kubernetes.routes import routes

__all__ = ["routes"]
