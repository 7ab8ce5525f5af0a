"""MLflow: registered models, their versions, and the drift that monitoring logs to runs.

Works with tracking servers 2.x and 3.x. What is imported here is only what validates config;
the rest is loaded when the source is connected or looked for.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from opsboard.adapter import Adapter, Context, Discovery, HostEnviron, LoginInputs, Source
from opsboard.records import Kind
from opsboard_adapters.mlflow.actions.specs import DESCRIPTION, PROMOTE, ROLLBACK, TAG
from opsboard_adapters.mlflow.settings import DriftRule, MLflowSettings

__all__ = ["DriftRule", "MLflow", "MLflowSettings"]


class MLflow(Adapter[MLflowSettings]):
    """The adapter for MLflow tracking servers and model registries."""

    name = "mlflow"
    title = "MLflow"
    settings = MLflowSettings
    kinds = frozenset({Kind.MODEL, Kind.MODEL_VERSION, Kind.DRIFT})
    compared_kinds = frozenset({Kind.MODEL_VERSION})
    actions = (ROLLBACK, PROMOTE, TAG, DESCRIPTION)

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        from opsboard_adapters.mlflow.discover import discover  # noqa: PLC0415  (loaded late)

        return discover(host_environ)

    @classmethod
    def connect(
        cls, settings: MLflowSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        from opsboard_adapters.mlflow.source import connect  # noqa: PLC0415  (loaded late)

        return connect(settings, context)

    @classmethod
    def login_inputs(cls, settings: MLflowSettings, host_environ: HostEnviron) -> LoginInputs:
        from opsboard_adapters.mlflow.login import login_inputs  # noqa: PLC0415  (loaded late)

        return login_inputs(settings, host_environ)
