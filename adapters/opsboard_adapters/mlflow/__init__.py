"""MLflow: registered models, their versions, and the drift that monitoring logs to runs.

Works with tracking servers 2.x and 3.x. What is imported here is only what validates config;
the rest is loaded when the source is connected or looked for.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from opsboard.adapter import Adapter, Context, Discovery, Offer, Source, Surroundings
from opsboard.records import Kind, Record
from opsboard_adapters.mlflow.act.offers import OFFERS, why_not
from opsboard_adapters.mlflow.settings import DriftRule, MLflowSettings

__all__ = ["DriftRule", "MLflow", "MLflowSettings"]


class MLflow(Adapter[MLflowSettings]):
    """The adapter for MLflow tracking servers and model registries."""

    name = "mlflow"
    title = "MLflow"
    settings = MLflowSettings
    kinds = frozenset({Kind.MODEL, Kind.MODEL_VERSION, Kind.DRIFT})
    offers = OFFERS

    @classmethod
    def why_not(cls, offer: Offer, record: Record, settings: MLflowSettings) -> str:
        return why_not(record, settings.leading_aliases)

    @classmethod
    async def discover(cls, surroundings: Surroundings) -> Sequence[Discovery]:
        from opsboard_adapters.mlflow.discover import discover  # noqa: PLC0415  (loaded late)

        return discover(surroundings)

    @classmethod
    def connect(
        cls, settings: MLflowSettings, context: Context
    ) -> AbstractAsyncContextManager[Source]:
        from opsboard_adapters.mlflow.connect import connect  # noqa: PLC0415  (loaded late)

        return connect(settings, context)

    @classmethod
    def identity(cls, settings: MLflowSettings, surroundings: Surroundings) -> str:
        """Tell a source apart by the login in the environment too, as far as that is used."""
        from opsboard_adapters.mlflow.login import own_or_ambient  # noqa: PLC0415  (loaded late)

        found = own_or_ambient(settings, surroundings)
        login = (found.username, found.password, found.token)
        return "\n".join((super().identity(settings, surroundings), *login))

    @classmethod
    def login_files(cls, settings: MLflowSettings, surroundings: Surroundings) -> Sequence[Path]:
        from opsboard_adapters.mlflow.login import credentials_file  # noqa: PLC0415  (loaded late)

        return [*super().login_files(settings, surroundings), credentials_file(surroundings.home)]
