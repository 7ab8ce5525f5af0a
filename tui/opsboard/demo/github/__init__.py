"""A fake GitHub: the REST API of an Enterprise Server, below ``/api/v3``, and some GraphQL."""

from opsboard.demo.github.routes import routes

__all__ = ["routes"]
