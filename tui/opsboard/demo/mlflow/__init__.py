"""A fake MLflow tracking server and registry.

Its responses are those of MLflow 3.17, habits included: no key for an empty list, versions as
strings, searches that leave out aliases, errors with an ``error_code``.
"""

from opsboard.demo.mlflow.routes import routes

__all__ = ["routes"]
