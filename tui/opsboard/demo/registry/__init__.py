"""A fake container registry.

Its responses are those of ``docker-registry`` 2.8, habits included: tags in no order and never in
pages, a 404 for a manifest whose type is not accepted, and no referrers API.
"""

from opsboard.demo.registry.routes import routes

__all__ = ["routes"]
