"""What a context is pointed at later changes neither the board nor its kubectl."""

import json
import shlex
from collections.abc import AsyncIterator, Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from opsboard.adapter import PreconditionFailed, Request, Source, Verdict
from opsboard.adapter.permit import issue_permit
from opsboard.adapter.programs import ProgramHost
from opsboard.collect.program_runner import ProgramRunner, TerminalPort
from opsboard.demo.server import serve_in_thread
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.source import KubernetesSource
from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster
from tests.adapters.kubernetes.test_kubectl import program
from tests.adapters.kubernetes.test_let_in import Programs, version

ELSEWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scenes.demo_scene(tmp_path) as found:
        yield found


def _rewrite(scene: Scene, change: Callable[[dict[str, Any]], object]) -> None:
    file = scene.settings.kubeconfig
    assert file is not None
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


def _points_elsewhere(document: dict[str, Any]) -> None:
    document["clusters"][0]["cluster"]["server"] = ELSEWHERE


def _has_another_user(document: dict[str, Any]) -> None:
    document["users"].append({"name": "bob", "user": {}})
    document["contexts"][0]["context"]["user"] = "bob"


def _acts_as_another(document: dict[str, Any]) -> None:
    document["users"][0]["user"] = {"as": "bob"}


def _is_renewed(document: dict[str, Any]) -> None:
    document["contexts"][0]["context"]["namespace"] = "payments"
    document["users"][0]["user"] = {"token": "a-new-one"}


def _source(scene: Scene, path: Path, programs: ProgramHost) -> Any:
    context = FakeContext("clusters", env={"PATH": f"{path}:/usr/bin:/bin"}, programs=programs)
    return Kubernetes.connect(scene.settings, context)


@pytest.mark.parametrize(
    ("change", "how"),
    [
        (_points_elsewhere, f"leads to {ELSEWHERE} as "),
        (_has_another_user, " as bob by now"),
    ],
)
async def test_nobody_is_let_in_by_a_context_that_leads_elsewhere_by_now(
    scene: Scene, tmp_path: Path, change: Callable[[dict[str, Any]], None], how: str
) -> None:
    ground, pod = await scenes.some_pod(scene)
    programs = Programs()
    request = Request(action="exec", ref=ground.ref("Pod", pod))
    async with _source(scene, program(tmp_path, version("v1.35.0")), programs) as source:
        plan = await source.plan(request)
        assert not plan.blockers
        _rewrite(scene, change)
        with pytest.raises(PreconditionFailed, match="the board is connected to") as refused:
            await source.execute(plan, issue_permit(plan))
        assert how in refused.value.message
        assert "start opsboard again" in refused.value.hint
        [said] = (await source.plan(request)).blockers
        assert how in said
    assert programs.ran == []


async def test_who_acts_as_another_since_the_plan_is_not_let_in_by_it(
    scene: Scene, tmp_path: Path
) -> None:
    ground, pod = await scenes.some_pod(scene)
    programs = Programs()
    request = Request(action="exec", ref=ground.ref("Pod", pod))
    async with _source(scene, program(tmp_path, version("v1.35.0")), programs) as source:
        plan = await source.plan(request)
        _rewrite(scene, _acts_as_another)
        with pytest.raises(PreconditionFailed, match="acting as bob now"):
            await source.execute(plan, issue_permit(plan))
    assert programs.ran == []


async def test_what_is_changed_once_it_was_checked_leads_kubectl_nowhere_else(
    scene: Scene, tmp_path: Path
) -> None:
    """A login that was renewed, or another namespace, is no reason to refuse anything. What kubectl
    is given is a file of this user alone, which is gone once it has ended."""
    ground, pod = await scenes.some_pod(scene)
    runner = ProgramRunner()
    runner.attach(cast("TerminalPort", object()))  # no program here has the terminal
    seen, original = tmp_path / "seen", scene.settings.kubeconfig
    assert original is not None
    script = "\n".join(
        (
            f'if [ "$1" = version ]; then {version("v1.35.0")}; exit; fi',
            f"echo '{{}}' > {shlex.quote(str(original))}",
            f'stat -c %a "$2" > {seen}; echo "$@" "$KUBERC" >> {seen}; cat "$2" >> {seen}',
            "echo 'Forwarding from 127.0.0.1:4123 -> 80'",
        )
    )
    values = {"port": "80"}
    request = Request(action="forward", ref=ground.ref("Pod", pod), values=values)
    async with _source(scene, program(tmp_path, script), runner) as source:
        plan = await source.plan(request)
        _rewrite(scene, _is_renewed)
        receipt = await source.execute(plan, issue_permit(plan))
        [*_, end] = [one async for one in source.observe(plan, receipt)]
        assert end.verdict is Verdict.FAILED, "a forward never ends by itself"
    mode, words, copy = seen.read_text().split("\n", 2)
    assert mode == "600"
    file = Path(words.split()[1])
    assert words.split()[2:4] == ["--context", "test"]
    assert words.split()[-1] == "off", "preferences may name another server"
    assert not file.parent.exists()
    [cluster] = json.loads(copy)["clusters"]
    assert str(ground.client.base_url).startswith(cluster["cluster"]["server"])
    assert "a-new-one" not in copy, "over plain HTTP, no login is sent"


@contextmanager
def _two_clusters(folder: Path) -> Any:
    prod, dev = ScriptedCluster(), ScriptedCluster()
    with serve_in_thread(prod.app) as at_prod, serve_in_thread(dev.app) as at_dev:
        config = {
            "current-context": "work",
            "clusters": [
                {"name": "prod-eu", "cluster": {"server": at_prod}},
                {"name": "dev", "cluster": {"server": at_dev}},
            ],
            "contexts": [
                {"name": "work", "context": {"cluster": "prod-eu"}},
                {"name": "play", "context": {"cluster": "dev"}},
            ],
        }
        file = folder / "kubeconfig"
        file.write_text(json.dumps(config))
        yield file, config, prod, dev


async def _types(source: Source) -> None:
    await source.listing_types()


async def test_a_current_context_that_is_switched_elsewhere_changes_nothing_here(
    tmp_path: Path,
) -> None:
    with _two_clusters(tmp_path) as (file, config, prod, dev):
        async with Kubernetes.connect(KubernetesSettings(kubeconfig=file), FakeContext()) as source:
            file.write_text(json.dumps({**config, "current-context": "play"}))
            await _types(source)
            assert isinstance(source, KubernetesSource)
            assert source._clusters.names() == ["work"]
    assert prod.asked
    assert not dev.asked


async def test_the_environment_is_that_of_the_cluster_that_is_asked(tmp_path: Path) -> None:
    """A context that leads to ``dev`` by now makes nothing in ``prod-eu`` less protected."""
    with _two_clusters(tmp_path) as (file, config, _, dev):
        async with Kubernetes.connect(KubernetesSettings(kubeconfig=file), FakeContext()) as source:
            assert isinstance(source, KubernetesSource)
            _, before = await source._clusters.connect("work")
            config["contexts"][0]["context"]["cluster"] = "dev"
            file.write_text(json.dumps(config))
            client, cluster = await source._clusters.connect("work")
            await client.get("/version")
    assert (cluster.cluster_name, cluster.server) == (before.cluster_name, before.server)
    assert cluster.cluster_name == "prod-eu"
    assert not dev.asked
