"""The conformance suite, on the demo's clusters."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from opsboard.adapter import SourceSettings
from opsboard.demo.serve import DemoOptions, create_demo
from opsboard.demo.server import serve_in_thread
from opsboard.records import Kind
from opsboard.testing.arrangement import World
from opsboard.testing.conformance import AdapterConformance
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class TestKubernetes(AdapterConformance):
    adapter = Kubernetes
    kinds_in_world: ClassVar[frozenset[Kind]] = Kubernetes.kinds

    reading_requests = ("selfsubjectaccessreviews", "dryRun=All", r'"dryRun": ?\["All"\]')

    def world(self) -> AbstractAsyncContextManager[World]:
        return _world()

    def unreachable(self) -> SourceSettings:
        folder = _lasting_folder()
        return KubernetesSettings(kubeconfig=write_kubeconfig(folder, "http://127.0.0.1:9"))


_FOLDER = TemporaryDirectory(prefix="opsboard-test-")


def _lasting_folder() -> Path:
    return Path(_FOLDER.name)


@asynccontextmanager
async def _world() -> AsyncIterator[World]:
    _, app = create_demo(DemoOptions(at=AT))
    with serve_in_thread(app) as url, TemporaryDirectory() as folder:
        file = write_kubeconfig(Path(folder), f"{url}/clusters/production-eu")
        yield World(KubernetesSettings(kubeconfig=file), env={"KUBECONFIG": str(file)})
