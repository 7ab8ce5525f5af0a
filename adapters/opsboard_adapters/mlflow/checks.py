"""What ``opsboard doctor`` asks of an MLflow server."""

from collections.abc import AsyncIterator

from opsboard.adapter import Check, SourceError, Unauthenticated, Unreachable
from opsboard.records import Status
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.login import MLflowLogin
from opsboard_adapters.mlflow.settings import MLflowSettings

_SUPPORTED = ("2.", "3.")
_COUNTED = 1_000


async def run(
    settings: MLflowSettings, api: MLflowApi, registry: MLflowApi, login: MLflowLogin
) -> AsyncIterator[Check]:
    """Yield a check for each thing that has to work; stop where nothing further can work."""
    where = settings.tracking_uri
    try:
        version = await api.version()
    except SourceError as error:
        if isinstance(error, Unreachable) or not isinstance(error, Unauthenticated):
            yield _failed("reachable", error)
            return
        version = ""
    yield Check("reachable", Status.OK, where)
    yield _version(version)
    try:
        count, more = await registry.count_up_to(_COUNTED)
    except Unauthenticated as error:
        yield _failed("logged in", error)
        return
    except SourceError as error:
        yield Check("logged in", Status.UNKNOWN, f"with {login.kind}")
        yield _failed("permitted", error)
        return
    yield Check("logged in", Status.OK, f"with {login.kind}")
    yield _models(count, more)
    yield await _runs(api)


def _version(version: str) -> Check:
    if not version:
        return Check("version", Status.UNKNOWN, "the server does not tell", "2.x and 3.x are known")
    if version.startswith(_SUPPORTED):
        return Check("version", Status.OK, f"MLflow {version}")
    return Check(
        "version", Status.WARNING, f"MLflow {version} is not one of those tried", "use 2.x or 3.x"
    )


def _models(count: int, more: bool) -> Check:
    if count == 0:
        return Check(
            "models",
            Status.WARNING,
            "no registered model is visible",
            "register one, or ask for permission to read them",
        )
    return Check("models", Status.OK, f"{count}{' and more' if more else ''} registered")


async def _runs(api: MLflowApi) -> Check:
    try:
        experiments = (await api.experiments(SkippedRecords("experiments"))).items
    except SourceError as error:
        return _failed("runs", error)
    return Check("runs", Status.OK, f"{len(experiments)} experiments can be read")


def _failed(subject: str, error: SourceError) -> Check:
    return Check(subject, Status.FAILED, error.message, error.hint)
