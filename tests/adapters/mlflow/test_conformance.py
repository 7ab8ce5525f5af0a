"""The conformance suite, on the demo's models."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import ClassVar

from opsboard.adapter import SourceSettings
from opsboard.demo.serve import DemoOptions, create_demo
from opsboard.demo.server import serve_in_thread
from opsboard.records import Kind
from opsboard.testing.arrangement import World
from opsboard.testing.conformance import AdapterConformance
from opsboard_adapters.mlflow import MLflow, MLflowSettings

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class TestMLflow(AdapterConformance):
    adapter = MLflow
    kinds_in_world: ClassVar[frozenset[Kind]] = frozenset({Kind.MODEL, Kind.MODEL_VERSION})

    reading_requests = (r"/runs/search ", r"/logged-models/search ")

    def world(self) -> AbstractAsyncContextManager[World]:
        return _world()

    def unreachable(self) -> SourceSettings:
        return MLflowSettings(tracking_uri="http://127.0.0.1:9")


@asynccontextmanager
async def _world() -> AsyncIterator[World]:
    _, app = create_demo(DemoOptions(at=AT))
    with serve_in_thread(app) as url:
        yield World(MLflowSettings(tracking_uri=f"{url}/mlflow"))
