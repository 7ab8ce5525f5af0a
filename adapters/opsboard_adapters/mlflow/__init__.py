"""MLflow: registered models, their versions, and the drift that monitoring logs to runs.

Works with tracking servers 2.x and 3.x. What is imported here is only what validates config;
the rest is loaded when the source is connected or looked for.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from opsboard.adapter import Adapter, Context, Discovery, HostEnviron, Source
from opsboard.records import Kind
from opsboard_adapters.mlflow.actions.specs import ROLLBACK
from opsboard_adapters.mlflow.settings import DriftRule, MLflowSettings

__all__ = ["DriftRule", "MLflow", "MLflowSettings"]


class MLflow(Adapter[MLflowSettings]):
    """The adapter for MLflow tracking servers and model registries."""

    name = "mlflow"
    title = "MLflow"
    settings = MLflowSettings
    kinds = frozenset({Kind.MODEL, Kind.MODEL_VERSION, Kind.DRIFT})
    actions = (ROLLBACK,)

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        from opsboard_adapters.mlflow.discover import discover  # noqa: PLC0415  (loaded late)

        return discover(host_environ)

    @classmethod
    def connect(
        cls, settings: MLflowSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        from opsboard_adapters.mlflow.connect import connect  # noqa: PLC0415  (loaded late)

        return connect(settings, context)

    @classmethod
    def identity(cls, settings: MLflowSettings, host_environ: HostEnviron) -> str:
        """Tell a source apart by the login in the environment too, as far as that is used."""
        from opsboard_adapters.mlflow.login import own_or_ambient  # noqa: PLC0415  (loaded late)

        found = own_or_ambient(settings, host_environ)
        login = (found.username, found.password, found.token)
        return "\n".join((super().identity(settings, host_environ), *login))

    @classmethod
    def login_files(cls, settings: MLflowSettings, host_environ: HostEnviron) -> Sequence[Path]:
        from opsboard_adapters.mlflow.login import credentials_file  # noqa: PLC0415  (loaded late)

        return [*super().login_files(settings, host_environ), credentials_file(host_environ.home)]
