"""``kill -9`` between intent and outcome: the next program finds out, and nothing is done twice.

On the demo's servers, on a real API server of Kubernetes and on real MLflow servers.
"""

import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.acting.in_flight import REQUEST_LIFETIME, SEND_TIMEOUT
from opsboard.demo.folder import write_config
from opsboard.demo.options import DemoOptions
from opsboard.demo.serve import create_demo
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.acting.killing import Deadly, Program, When, passing_on, served
from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.workload_setup import Ground, grounds, observed, released
from tests.adapters.mlflow.acts import make_model
from tests.adapters.mlflow.environments import RELEASES
from tests.adapters.mlflow.seeding import Writer
from tests.adapters.mlflow.servers import running
from tests.demo_sources import with_sources
from tests.fault_injection.delayed_server import DelayedServer
from tests.patience import PATIENCE

PATIENT = ("--wait-fresh", str(PATIENCE))
SAID = ("--yes", "--reason", "it burns", *PATIENT)
PLAN = ("--plan", *PATIENT)
MOVED = "registered-models/alias"
BOTH = pytest.mark.parametrize("when", ["before", "after"])


@dataclass
class Scene:
    """A program, who kills it, and the words after ``act`` that name what it is to do."""

    program: Program
    deadly: Deadly
    words: tuple[str, ...]

    async def plan(self) -> tuple[dict[str, Any], str]:
        """Return a new plan of the same, and what is complained of on the way."""
        code, out, err = await self.program("act", *self.words, *PLAN, "--json")
        assert code == 0, (out, err)
        (plan,) = json.loads(out)["plans"]
        return plan, err


async def _killed_and_settled(scene: Scene, when: When) -> None:
    before, _ = await scene.plan()
    code, _, _ = await scene.program("act", *scene.words, *SAID, prey_of=scene.deadly)
    assert code == -signal.SIGKILL
    _, out, _ = await scene.program("audit")
    assert "outcome unknown" in out

    if when == "before":
        _, complaints = await scene.plan()
        assert "may still take effect until" in complaints, "what is held up may land"
        _, out, _ = await scene.program("audit")
        assert "refused" not in out
        scene.program.grow_older(SEND_TIMEOUT + REQUEST_LIFETIME)
    after, complaints = await scene.plan()
    assert "left by a program that was ended" in complaints
    assert (after["before"] == before["before"]) is (when == "before")
    _, out, _ = await scene.program("audit", "--json")
    (act,) = json.loads(out)["runs"]
    settled = "not done" if when == "before" else "done"
    told = [(entry["event"], entry["result"]) for entry in act["entries"]]
    assert told == [("intent", None), ("settled", settled)]
    code, out, _ = await scene.program("audit", "verify")
    assert (code, "2 entries, whole" in out) == (0, True)
    again, complaints = await scene.plan()
    assert "left by" not in complaints
    assert again["before"] == after["before"]


# --- the demo ------------------------------------------------------------------------------------

ON_THE_DEMO = {
    "kubernetes": ("rollback", "shop/checkout", "--environment", "production"),
    "mlflow": ("rollback", "fraud-detector"),
}
SOURCE_OF = {"kubernetes": "clusters", "mlflow": "mlflow"}


def _standing_still() -> DemoOptions:
    """What the world does by itself may be done to what is acted on: a request that was held up
    would be refused (409), and a state differ from the one before, by chance.
    """
    return DemoOptions(at=datetime.now(UTC))


@BOTH
@pytest.mark.parametrize("api", ON_THE_DEMO)
async def test_on_the_demo(api: str, when: When, tmp_path: Path) -> None:
    world, app = create_demo(_standing_still())
    deadly = Deadly(app, when, MOVED if api == "mlflow" else "")
    async with served(deadly) as url:
        config = with_sources(write_config(tmp_path, url, world), SOURCE_OF[api])
        program = Program(config, tmp_path)
        await _killed_and_settled(Scene(program, deadly, ON_THE_DEMO[api]), when)


@pytest.mark.parametrize("ending", [signal.SIGHUP, signal.SIGKILL])
async def test_what_lands_after_the_next_start_is_on_record_as_done(
    ending: signal.Signals, tmp_path: Path
) -> None:
    """As it was seen over SSH: hung up on while the PATCH was held up in a proxy."""
    world, app = create_demo(_standing_still())
    holding = DelayedServer(app)
    async with served(holding) as url:
        program = Program(with_sources(write_config(tmp_path, url, world), "clusters"), tmp_path)
        words = ("act", "pause", "shop/cart", "--environment", "production")
        holding.arm()
        process = await program.start(*words, *SAID)
        await holding.until_held()
        process.send_signal(ending)
        await process.communicate()

        _, _, complaints = await program(*words, *PLAN)
        assert "may still take effect until" in complaints
        _, out, _ = await program("audit")
        assert "refused" not in out
        assert await holding.land() == 200

        await program(*words, *PLAN)
        _, out, _ = await program("audit", "--json")
        (act,) = json.loads(out)["runs"]
        results = [entry["result"] for entry in act["entries"]]
        assert results[-1] == "done"
        assert "not done" not in results


# --- a real API server ---------------------------------------------------------------------------


@asynccontextmanager
async def _real_ground() -> AsyncIterator[Ground]:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    async with grounds(KubernetesSettings(kubeconfig=Path(REAL)), "") as (ground,):
        yield ground


@BOTH
@pytest.mark.cluster
async def test_on_a_real_api_server(when: When, tmp_path: Path) -> None:
    async with _real_ground() as ground:
        await released(ground, "Deployment", 3)
        deadly = Deadly(passing_on(ground.client), when)
        async with served(deadly) as url:
            kubeconfig = write_kubeconfig(tmp_path, url)
            config = tmp_path / "config.toml"
            config.write_text(
                '[sources.clusters]\nadapter = "kubernetes"\n'
                f'kubeconfig = "{kubeconfig}"\nnamespaces = ["{ground.namespace}"]\n'
            )
            program = Program(config, tmp_path)
            # On a bare control plane a plan may say that nothing would start: it is told to go on.
            words = ("rollback", f"{ground.namespace}/web", "--anyway", "--to", "1")
            if when == "before":
                await _killed_and_settled(Scene(program, deadly, words), when)
                await observed(ground, "Deployment", [1, 2, 3])
            else:
                await _killed_and_settled(Scene(program, deadly, words[:3]), when)
                await observed(ground, "Deployment", [1, 3, 4])


# --- real MLflow servers -------------------------------------------------------------------------


@pytest.fixture(scope="module", params=RELEASES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a real server: one for all kills, since to start it takes longer than they do."""
    with running(RELEASES[request.param], tmp_path_factory.mktemp(request.param)) as url:
        yield url


@BOTH
@pytest.mark.mlflow
async def test_on_a_real_mlflow_server(server: str, when: When, tmp_path: Path) -> None:
    with Writer(server) as writer:
        model = make_model(writer, 3, champion=3)
        async with httpx.AsyncClient(base_url=server) as client:
            deadly = Deadly(passing_on(client), when, MOVED)
            async with served(deadly) as url:
                config = tmp_path / "config.toml"
                config.write_text(f'[sources.ml]\nadapter = "mlflow"\ntracking_uri = "{url}"\n')
                # none of its versions has a file, which is why it would not start
                words = ("rollback", model, "--anyway")
                scene = Scene(Program(config, tmp_path), deadly, words)
                await _killed_and_settled(scene, when)
        assert writer.aliases(model) == {"champion": "3" if when == "before" else "2"}
