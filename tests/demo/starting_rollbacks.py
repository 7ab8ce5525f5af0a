"""Rollbacks on the demo's servers, with what the board finds of whether they will start."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opsboard.acting.starting.checks import StartChecks
from opsboard.adapter import Plan, Request, Source
from opsboard.demo.app import build_app
from opsboard.demo.kubernetes.objects.pod_template import template
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.clusters import DemoRevision, DemoWorkload
from opsboard.demo.world.company import REGISTRY
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from opsboard.records import Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.mlflow import MLflow
from opsboard_adapters.registry import Registry, RegistrySettings
from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CLUSTER = "production-eu"


class _Connected:
    """What :class:`.Collector` is to the checks: a source, and of which adapter it is."""

    def __init__(self, name: str, adapter: Any, source: Source) -> None:
        self.resolved: Any = type("Resolved", (), {"name": name, "adapter": adapter})
        self._source = source

    async def source(self) -> Source:
        return self._source

    async def ask(self, question: Any) -> Any:
        return await question(self._source)


@dataclass
class Company:
    """The demo's world, and its sources: a cluster, the registry, the tracking server."""

    world: DemoWorld
    connected: dict[str, _Connected]
    cluster: str = ""

    async def collector(self, name: str) -> Any:
        return self.connected[name]

    async def collectors(self) -> Sequence[Any]:
        return tuple(self.connected.values())

    @property
    def workloads(self) -> list[DemoWorkload]:
        """The workloads of the cluster that have more than one revision."""
        found = self.world.clusters[CLUSTER].workloads.values()
        return [one for one in found if len(one.revisions) > 1]

    def ref(self, workload: DemoWorkload) -> Ref:
        local = f"{workload.kind.value}/{workload.name}"
        return Ref("clusters", Kind.DEPLOYMENT, f"{self.cluster}/{workload.namespace}/{local}")

    def change(self, workload: DemoWorkload, revision: DemoRevision, **spec: Any) -> None:
        """Give the pods of *revision* what *spec* says."""
        made = template(workload, revision)
        made["spec"] |= spec
        revision.template = made
        self.world.mark_changed(workload)

    async def checked(self, ref: Ref, **values: str) -> Plan:
        """Return the plan to roll *ref* back, with all that was found."""
        source = await self.connected[ref.source].source()
        plan = await source.plan(Request(action="rollback", ref=ref, values=values))
        return await self.check(plan)

    async def check(self, plan: Plan) -> Plan:
        """Return *plan* once all answers are in."""
        checks = StartChecks(self, lambda: AT)  # type: ignore[arg-type]
        return await checks.after(plan, 10_000)


@asynccontextmanager
async def company(folder: Path) -> AsyncIterator[Company]:
    """Hold the demo's company at a fixed time."""
    world, controllers = create_world(7, AT)
    with serve_in_thread(build_app(world, controllers, lambda: AT)) as url:
        file = write_kubeconfig(folder, f"{url}/clusters/{CLUSTER}")
        settings: dict[str, tuple[Any, Any]] = {
            "clusters": (Kubernetes, KubernetesSettings(kubeconfig=file)),
            "images": (Registry, RegistrySettings.model_validate(
                {"url": f"{url}/registry", "registry_name": REGISTRY}
            )),
            "ml": (MLflow, MLflow.settings.model_validate({"tracking_uri": f"{url}/mlflow"})),
        }  # fmt: skip
        async with AsyncExitStack() as stack:
            connected = {}
            for name, (adapter, given) in settings.items():
                context = adapter.connect(given, FakeContext(name))
                source = await stack.enter_async_context(context)
                connected[name] = _Connected(name, adapter, source)
            found = Company(world, connected)
            action: Any = (await connected["clusters"].source()).action_runner
            found.cluster = action._client.only_cluster()
            yield found
