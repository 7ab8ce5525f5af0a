"""opsboard: one board in a terminal for builds, deployments, models and drift."""

__version__ = "0.1.0"
