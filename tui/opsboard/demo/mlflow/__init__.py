"""The demo world as an MLflow server tells it: what reads, and what jobs and people change.

The answers are those of MLflow 3.17, down to its habits: absent keys for empty lists, versions
as strings, searches that leave out aliases, errors with an ``error_code``.
"""

from opsboard.demo.mlflow.routes import routes

__all__ = ["routes"]
