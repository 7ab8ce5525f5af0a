"""A request that is held up on its way, in each of the APIs: killed, looked at, and then it lands.

Seen over SSH: a PATCH was held up, the program was hung up on, the next one said "refused", and
then the PATCH landed. What is on record in the end has to be what the world shows.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.acting.decision import Consent
from opsboard.acting.in_flight import PAUSES, REQUEST_LIFETIME, SEND_TIMEOUT
from opsboard.adapter import Adapter, Plan, Request, SourceSettings
from opsboard.demo.app import build_app
from opsboard.demo.world.controllers import WorldControllers
from opsboard.demo.world.seed_data import create_world
from opsboard.demo.world.world import DemoWorld
from opsboard.records import ActivityState, Kind, Ref
from opsboard.testing import FakeClock, FakeContext
from opsboard_adapters.github import GitHub
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.mlflow import MLflow, MLflowSettings
from tests.acting.killing import served
from tests.acting.lever import Stand, checked
from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig
from tests.collect import eventually
from tests.fault_injection.delayed_server import DelayedServer

AT = datetime(2026, 1, 15, 9, 10, tzinfo=UTC)
LIFE = SEND_TIMEOUT + REQUEST_LIFETIME
CLUSTER = "production-eu"
OWNER = "harbourside"
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


@dataclass
class Theatre:
    """The demo's world, standing still, behind a server that holds things up."""

    folder: Path
    url: str
    world: DemoWorld
    controllers: WorldControllers
    holding: DelayedServer
    http: httpx.AsyncClient
    clock: FakeClock = field(default_factory=lambda: FakeClock(AT))

    def source(self, name: str) -> tuple[type[Adapter[Any]], SourceSettings]:
        """Return how a source is connected to."""
        if name == "github":
            url = f"{self.url}/api/v3"
            return GitHub, GitHubSettings(api_url=url, organisations=(OWNER,))
        if name == "mlflow":
            return MLflow, MLflowSettings(tracking_uri=f"{self.url}/mlflow")
        kubeconfig = write_kubeconfig(self.folder, f"{self.url}/clusters/{CLUSTER}")
        return Kubernetes, KubernetesSettings(kubeconfig=kubeconfig)

    @asynccontextmanager
    async def session(self, name: str) -> AsyncIterator[Stand]:
        """Hold a program on the one audit trail; it ends as one that is killed does."""
        adapter, settings = self.source(name)
        env = {"GH_ENTERPRISE_TOKEN": "t0ken", "GH_TOKEN": "t0ken"}
        context = FakeContext(name, env=env, home=self.folder, clock=FakeClock(AT))
        async with AsyncExitStack() as stack:
            source = await stack.enter_async_context(adapter.connect(settings, context))
            stand = Stand(self.folder / "state", clock=self.clock)
            stand.engine.sources = {name: source}  # type: ignore[dict-item]
            yield stand
            stand.audit.append = lambda entry: entry  # type: ignore[method-assign]
            for task in tuple(stand.coordinator._tasks):
                task.cancel()
            await eventually(lambda: not stand.coordinator._tasks)

    async def look(self, name: str) -> list[ActivityState]:
        """Let the next program look; return how what was left stands."""
        async with self.session(name) as stand:
            return [left.state for left in await stand.coordinator.reconcile_abandoned()]

    async def told(self, name: str) -> list[tuple[str, str]]:
        async with self.session(name) as stand:
            return stand.told()


@pytest.fixture
async def theatre(tmp_path: Path) -> AsyncIterator[Theatre]:
    world, controllers = create_world(7, AT - timedelta(minutes=10))
    world.advance(AT)
    holding = DelayedServer(build_app(world, controllers, lambda: AT))
    async with served(holding) as url, httpx.AsyncClient(base_url=url) as http:
        yield Theatre(tmp_path, url, world, controllers, holding, http)


# --- what is done --------------------------------------------------------------------------------

Find = Callable[[Theatre], Awaitable[Ref]]


async def _workload(_: Theatre) -> Ref:
    return Ref("clusters", Kind.DEPLOYMENT, f"{_CONTEXT}/shop/Deployment/cart")


async def _cron_job(_: Theatre) -> Ref:
    return Ref("clusters", Kind.CRON_JOB, f"{_CONTEXT}/ml/drift-monitor")


async def _pod(theatre: Theatre) -> Ref:
    answer = await theatre.http.get(f"/clusters/{CLUSTER}/api/v1/namespaces/shop/pods")
    names = [item["metadata"]["name"] for item in answer.json()["items"]]
    name = next(name for name in names if name.startswith("cart-"))
    return Ref("clusters", Kind.POD, f"{_CONTEXT}/shop/{name}")


async def _model(_: Theatre) -> Ref:
    return Ref("mlflow", Kind.MODEL, "fraud-detector")


def _newest(theatre: Theatre, repository: str, workflow: str) -> Any:
    runs = theatre.world.repositories[repository].runs
    ended = [
        run
        for run in runs
        if run.workflow.spec.name == workflow
        and run.created_at <= AT
        and run.status(AT).value == "completed"
        and run.conclusion.value == "success"
    ]
    return max(ended, key=lambda run: (run.created_at, run.id))


async def _run(theatre: Theatre) -> Ref:
    run = _newest(theatre, "storefront", "ci")
    return Ref("github", Kind.BUILD, f"{OWNER}/storefront/{run.id}")


async def _deploying(theatre: Theatre) -> Ref:
    run = _newest(theatre, "catalog", "deploy")
    return Ref("github", Kind.BUILD, f"{OWNER}/catalog/{run.id}")


async def _waiting(theatre: Theatre) -> Ref:
    run = _newest(theatre, "catalog", "deploy")
    run.inputs = {"environment": "production"}
    theatre.controllers.user_actions.rerun(run, "freya")
    return Ref("github", Kind.BUILD, f"{OWNER}/catalog/{run.id}")


_CONTEXT = "test"


@dataclass(frozen=True)
class Case:
    """An act, and the end of the path of the request that is held up."""

    action: str
    find: Find
    at: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "patch": Case("rollback", _workload),
    "scale": Case("scale", _workload, "/scale", {"replicas": "7"}),
    "pause": Case("pause", _workload),
    "suspend": Case("suspend", _cron_job),
    "job": Case("run", _cron_job, "/jobs"),
    "pod": Case("delete", _pod),
    "alias": Case("rollback", _model, "registered-models/alias"),
    "rerun": Case("rerun", _run, "/rerun"),
    "dispatch": Case("dispatch", _deploying, "/dispatches", {"environment": "staging"}),
    "approve": Case("approve", _waiting, "/pending_deployments"),
    "reject": Case("reject", _waiting, "/pending_deployments"),
}
VERSIONED = ("patch", "scale", "pause", "suspend")
REFUSED = {409, 422}
"""For its version: of a merge patch, and of a JSON patch, which tests it."""


async def _killed_while_held(theatre: Theatre, case: Case) -> Plan:
    """Carry *case* out by a program that is killed while its request is held up."""
    ref = await case.find(theatre)
    async with theatre.session(ref.source) as stand:
        request = Request(action=case.action, ref=ref, values=case.values)
        plan = await checked(stand.coordinator, await stand.coordinator.plan(request))
        assert not plan.blockers
        theatre.holding.arm(case.at)
        word = stand.coordinator.decide([plan]).confirmation_text
        consent = Consent(confirmed=True, typed=word, reason="it burns")
        await stand.coordinator.start([plan], consent)
        await theatre.holding.until_held()
    return plan


# --- the tests -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
async def test_it_lands_after_the_next_start_has_looked(theatre: Theatre, name: str) -> None:
    plan = await _killed_while_held(theatre, CASES[name])
    assert await theatre.look(plan.by) == [ActivityState.UNKNOWN]
    assert await theatre.told(plan.by) == [("intent", "")], "nothing is on record that is not so"
    theatre.clock.advance(15)
    assert await theatre.holding.land() < 300
    assert await theatre.look(plan.by) == [ActivityState.FOLLOWING]
    assert await theatre.told(plan.by) == [("intent", ""), ("settled", "done")]


@pytest.mark.parametrize("name", CASES)
async def test_it_never_lands(theatre: Theatre, name: str) -> None:
    plan = await _killed_while_held(theatre, CASES[name])
    assert await theatre.look(plan.by) == [ActivityState.UNKNOWN]
    theatre.holding.lose()
    theatre.clock.advance(LIFE)
    assert await theatre.look(plan.by) == [ActivityState.REFUSED]
    assert await theatre.told(plan.by) == [("intent", ""), ("settled", "not done")]


@pytest.mark.parametrize("name", VERSIONED)
async def test_it_cannot_land_once_its_object_has_moved_on(theatre: Theatre, name: str) -> None:
    """Not a word of the spec changes, and the held request fails for its version all the same."""
    plan = await _killed_while_held(theatre, CASES[name])
    async with theatre.session(plan.by) as stand:
        await stand.coordinator.resume_open_runs()
        await eventually(lambda: theatre.clock.sleeping)
        assert stand.told() == [("intent", "")]
        await _touch(theatre, plan, {"metadata": {"annotations": {"touched": "yes"}}})
        theatre.clock.advance(PAUSES[0])
        await eventually(lambda: ("settled", "not done") in stand.told())
        assert stand.engine.last.state is ActivityState.REFUSED
    assert await theatre.holding.land() in REFUSED, "and so it does"
    assert await theatre.look(plan.by) == []


@pytest.mark.parametrize("name", ["patch", "pause"])
async def test_a_spec_that_somebody_has_changed_tells_at_once(theatre: Theatre, name: str) -> None:
    plan = await _killed_while_held(theatre, CASES[name])
    await _touch(theatre, plan, {"spec": {"replicas": 9}})
    assert await theatre.look(plan.by) == [ActivityState.REFUSED]
    assert await theatre.told(plan.by) == [("intent", ""), ("settled", "not done")]
    assert await theatre.holding.land() in REFUSED


async def _touch(theatre: Theatre, plan: Plan, change: Mapping[str, Any]) -> None:
    """Let somebody else change the target of *plan*."""
    plurals = {
        "Deployment": "apis/apps/v1/namespaces/{}/deployments",
        "CronJob": "apis/batch/v1/namespaces/{}/cronjobs",
        "Pod": "api/v1/namespaces/{}/pods",
    }
    told = plan.payload
    path = plurals[told["resource"]].format(told["namespace"])
    url = f"/clusters/{CLUSTER}/{path}/{told['name']}"
    answer = await theatre.http.patch(url, json=change, headers=MERGE_PATCH)
    assert answer.status_code == 200, answer.text


async def test_an_alias_whose_mark_is_held_up_was_not_moved(theatre: Theatre) -> None:
    """The alias is moved only after the mark: so that much is certain at once."""
    case = Case("rollback", _model, "registered-models/set-tag")
    plan = await _killed_while_held(theatre, case)
    assert await theatre.look(plan.by) == [ActivityState.REFUSED]
    assert await theatre.holding.land() < 300
    assert await theatre.told(plan.by) == [("intent", ""), ("settled", "not done")]


async def test_a_cancellation_that_nobody_tells_of_stays_unknown(theatre: Theatre) -> None:
    """GitHub does not say whether a run that goes on was told to stop."""
    plan = await _killed_while_held(theatre, Case("cancel", _waiting, "/cancel"))
    assert await theatre.look(plan.by) == [ActivityState.UNKNOWN]
    theatre.holding.lose()
    theatre.clock.advance(LIFE)
    assert await theatre.look(plan.by) == [ActivityState.UNKNOWN]
    assert ("settled", "not done") not in await theatre.told(plan.by)


async def test_the_same_is_not_done_twice_unknowingly(theatre: Theatre) -> None:
    case = CASES["rerun"]
    plan = await _killed_while_held(theatre, case)
    async with theatre.session(plan.by) as stand:
        request = Request(action=case.action, ref=plan.ref, values=case.values)
        again = await stand.coordinator.plan(request)
        assert "may still take effect until" in again.findings[-1].text
        assert stand.coordinator.decide([again]).needs_typing
    theatre.holding.lose()
