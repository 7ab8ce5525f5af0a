"""GitHub's REST API, as an Enterprise server has it: below ``/api/v3``."""

from opsboard.demo.github.routes import routes

__all__ = ["routes"]
