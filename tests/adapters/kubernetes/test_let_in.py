"""exec, forward and debug as plans and commands: on the demo's cluster, with a kubectl of ours."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import Difference, Misconfigured, NotPermitted, Plan, Request, Source, Verdict
from opsboard.adapter.permit import issue_permit
from opsboard.adapter.programs import FILE, NoPrograms, Program, ProgramHost, ProgramState
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.access.clusters import ClusterAccess
from opsboard_adapters.kubernetes.actions.exec_in_container import SHELL
from opsboard_adapters.kubernetes.actions.pod_choice import ChosenPod, in_order, pod_input
from opsboard_adapters.kubernetes.actions.specs import DEBUG_SPEC
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import V1Pod, to_struct
from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.test_kubectl import program
from tests.ports import free_port


class Programs(NoPrograms):
    """A host that notes what it is to run, and ends it as it is told."""

    unavailable_reason = ""  # type: ignore[misc]

    def __init__(
        self,
        line: str = "",
        exit_code: int | None = 0,
        seconds: float = 60.0,
        complaint: str = "",
    ) -> None:
        self.ran: list[tuple[str, Program]] = []
        self.told = ProgramState(seconds, exit_code, line, complaint)

    async def run_in_terminal(self, key: str, program: Program) -> None:
        self.ran.append(("terminal", program))

    async def run_beside(self, key: str, program: Program) -> None:
        self.ran.append(("beside", program))

    async def state(self, key: str, seconds: float = 0.0) -> ProgramState | None:
        return self.told if self.ran else None


def version(text: str) -> str:
    return f"echo '{json.dumps({'clientVersion': {'gitVersion': text}})}'"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with scenes.demo_scene(tmp_path) as found:
        yield found


@asynccontextmanager
async def source_with(
    scene: Scene, path: Path, programs: ProgramHost, **settings: Any
) -> AsyncIterator[Source]:
    context = FakeContext("clusters", env={"PATH": f"{path}:/usr/bin:/bin"}, programs=programs)
    used = scene.settings.model_copy(update=settings)
    async with Kubernetes.connect(used, context) as source:
        yield source


Asked = Callable[..., Request]
_TERMINATED = "command terminated with exit code {}"


async def _asked(scene: Scene) -> Asked:
    ground, pod = await scenes.some_pod(scene)

    def request(action: str, **values: str) -> Request:
        return Request(action=action, ref=ground.ref("Pod", pod), values=values)

    return request


async def _sent(source: Source, request: Request) -> Plan:
    plan = await source.plan(request)
    assert not plan.blockers, plan.blockers
    await source.execute(plan, issue_permit(plan))
    return plan


async def test_each_runs_the_words_of_kubectl_and_no_login_is_among_them(
    scene: Scene, tmp_path: Path
) -> None:
    asked, programs = await _asked(scene), Programs("Forwarding from 127.0.0.1:4123 -> 80", 0)
    folder, local = program(tmp_path, version("v1.35.0")), str(free_port())
    async with source_with(scene, folder, programs, debug_image="tools:1") as source:
        for request in (
            asked("exec"),
            asked("exec", command="ls -l '/a b'"),
            asked("forward", port="80"),
            asked("forward", port="80", local=local),
            asked("debug"),
        ):
            await _sent(source, request)
    commands = [one.argv for _, one in programs.ran]
    start = (str(folder / "kubectl"), "--kubeconfig", FILE, "--context", "test")
    assert {words[:5] for words in commands} == {start}
    assert {words[5:7] for words in commands} == {("--namespace", "shop")}
    shell, command, free, named, debug = (words[7:] for words in commands)
    assert shell[:4] == ("exec", "--stdin", "--tty", "--container")
    assert shell[shell.index("--") + 1 :] == SHELL
    assert command[command.index("--") + 1 :] == ("ls", "-l", "/a b")
    assert free[:3] == ("port-forward", "--address", "127.0.0.1")
    assert (free[-1], named[-1]) == (":80", f"{local}:80")
    assert "--image=tools:1" in debug
    assert [where for where, _ in programs.ran] == [
        "terminal", "terminal", "beside", "beside", "terminal",
    ]  # fmt: skip
    assert [one.errors_are_its_own for _, one in programs.ran] == [True, True, False, False, False]
    assert not any("token" in word.lower() for words in commands for word in words)


def _pod(name: str, phase: str, node: str = "n", **state: object) -> ChosenPod:
    item: Any = {
        "metadata": {"name": name},
        "spec": {"nodeName": node, "containers": [{"name": "app"}]},
        "status": {
            "phase": phase,
            "containerStatuses": [{"name": "app", "ready": "running" in state, "state": state}],
        },
    }
    return ChosenPod(item, to_struct(item, V1Pod))


PODS = [
    _pod("a-waits", "Pending", "", waiting={"reason": "ContainerCreating"}),
    _pod("b-crashes", "Running", waiting={"reason": "CrashLoopBackOff"}),
    _pod("c-runs", "Running", running={}),
    _pod("d-pulls", "Pending", waiting={"reason": "ImagePullBackOff"}),
    _pod("e-failed", "Failed", terminated={"exitCode": 1, "reason": "Error"}),
]


def test_the_pod_that_is_meant_unless_one_is_named_is_one_that_runs_well() -> None:
    assert [one.name[0] for one in in_order(PODS)] == ["c", "b", "a", "d", "e"]
    assert pod_input(in_order(PODS)).default == "c-runs"


def test_to_debug_one_that_has_failed_is_meant_and_last_what_nothing_can_begin_in() -> None:
    assert [one.name[0] for one in in_order(PODS, failing_first=True)] == ["b", "d", "c", "e", "a"]


async def test_a_workload_is_debugged_in_a_pod_that_fails_without_what_does_not_run(
    scene: Scene, tmp_path: Path
) -> None:
    """A runtime starts no container that is to see the processes of one that does not run."""
    ground, name = await scene.stuck()
    programs = Programs()
    request = Request(
        action="debug", ref=ground.ref("Deployment", name), values={"image": "tools:1"}
    )
    async with source_with(scene, program(tmp_path, version("v1.35.0")), programs) as source:
        plan = await _sent(source, request)
        [_, pods, _] = (await source.form(request)).inputs
        failing = next(one for one in pods.options if one.value == plan.payload["pod"])
        values = {"image": "tools:1", "container": "another"}
        with pytest.raises(Misconfigured, match="is one of"):
            await source.plan(request.model_copy(update={"values": values}))
    [(_, ran)] = programs.ran
    assert failing.note not in {"Running", ""}
    assert not any(word.startswith("--target") for word in ran.argv)
    assert any("has no processes to see" in one.text for one in plan.findings)
    added = Difference(group="ephemeral containers", name="image", after="tools:1")
    assert plan.changes == (added,)
    assert "trace processes (SYS_PTRACE)" in {one.value for one in plan.facts}
    assert "--profile=general" in ran.argv
    assert DEBUG_SPEC.needs_input, "an image has to be named, unless the config names one"
    assert f"beside {ground.namespace}/{plan.payload['pod']} in test (" in ran.title


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("mysql -psecret-word-of-prod", "holds a secret"),
        ("env PASSWORD=hunter2hunter2 sh", "holds a secret"),
        ("curl -u me:hunter2hunter2 http://x", "holds a secret"),
        ("echo 'open", "no closing quotation"),
    ],
)
async def test_a_command_that_must_not_be_on_record_is_refused(
    scene: Scene, tmp_path: Path, command: str, why: str
) -> None:
    asked = await _asked(scene)
    async with source_with(scene, program(tmp_path, version("v1.35.0")), Programs()) as source:
        with pytest.raises(Misconfigured, match=why):
            await source.plan(asked("exec", command=command))


@pytest.mark.parametrize(
    ("script", "programs", "why"),
    [
        ("", Programs(), "kubectl is not on PATH: install it"),
        ("exit 1", Programs(), "does not say which version"),
        (version("v1.35.0"), NoPrograms(), "programs are run from the board"),
    ],
)
async def test_without_what_it_takes_the_plan_is_blocked_and_says_how_to_have_it(
    scene: Scene,
    tmp_path: Path,
    script: str,
    programs: ProgramHost,
    why: str,
) -> None:
    asked = await _asked(scene)
    folder = program(tmp_path, script) if script else tmp_path
    context = FakeContext("clusters", env={"PATH": str(folder)}, programs=programs)
    async with Kubernetes.connect(scene.settings, context) as source:
        for action, values in (("exec", {}), ("forward", {"port": "80"})):
            plan = await source.plan(asked(action, **values))
            assert any(why in blocker for blocker in plan.blockers), plan.blockers


async def test_a_port_that_another_program_listens_at_blocks_the_plan(
    scene: Scene, tmp_path: Path
) -> None:
    asked = await _asked(scene)
    async with source_with(scene, program(tmp_path, version("v1.35.0")), Programs()) as source:
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = other.getsockname()[1]
            plan = await source.plan(asked("forward", port="80", local=str(taken)))
        said = f"port {taken} of this machine is in use; take another, or 0 for a free one"
        assert plan.blockers == (said,)
        assert not (await source.plan(asked("forward", port="80"))).blockers


async def test_a_kubectl_of_another_time_is_a_warning(scene: Scene, tmp_path: Path) -> None:
    asked = await _asked(scene)
    async with source_with(scene, program(tmp_path, version("v1.11.3")), Programs()) as source:
        plan = await source.plan(asked("exec"))
    assert not plan.blockers
    assert any("kubectl is 1.11, the server" in one.text for one in plan.findings)


async def test_of_a_workload_a_pod_that_runs_is_meant_unless_one_is_chosen(
    scene: Scene, tmp_path: Path
) -> None:
    ground, name = await scene.workload("Deployment")
    programs = Programs()
    request = Request(action="exec", ref=ground.ref("Deployment", name))
    async with source_with(scene, program(tmp_path, version("v1.35.0")), programs) as source:
        pods = (await source.form(request)).inputs[0]
        other = pods.options[-1].value
        first = await source.plan(request)
        chosen = await source.plan(request.model_copy(update={"values": {"pod": other}}))
        assert (first.payload["pod"], chosen.payload["pod"]) == (pods.default, other)
        with pytest.raises(Misconfigured, match="is one of"):
            await source.plan(request.model_copy(update={"values": {"pod": "another-pod"}}))


@pytest.mark.parametrize(
    ("ended", "command", "verdict"),
    [
        ((0, 1.0), "", Verdict.SUCCEEDED),
        ((130, 60.0), "", Verdict.SUCCEEDED),
        ((1, 1.0), "", Verdict.FAILED),
        ((3, 60.0), "make", Verdict.FAILED),
    ],
)
async def test_how_it_ended_is_on_record(
    scene: Scene, tmp_path: Path, ended: tuple[int, float], command: str, verdict: Verdict
) -> None:
    """A shell ends with the code of the last command that was typed in it."""
    exit_code, seconds = ended
    asked, programs = await _asked(scene), Programs("", exit_code, seconds)
    async with source_with(scene, program(tmp_path, version("v1.35.0")), programs) as source:
        plan = await source.plan(asked("exec", command=command))
        receipt = await source.execute(plan, issue_permit(plan))
        [*_, end] = [one async for one in source.observe(plan, receipt)]
    assert end.verdict is verdict
    assert end.message == f"exit code {exit_code} after {'1 s' if seconds == 1 else '1 min 0 s'}"


@pytest.mark.parametrize(
    ("ended", "command", "end"),
    [
        ((1, _TERMINATED.format(1)), "", (Verdict.SUCCEEDED, "exit code 1")),
        ((2, _TERMINATED.format(2)), "", (Verdict.SUCCEEDED, "exit code 2")),
        ((130, _TERMINATED.format(130)), "", (Verdict.SUCCEEDED, "exit code 130")),
        ((143, _TERMINATED.format(143)), "", (Verdict.SUCCEEDED, "exit code 143")),
        ((137, _TERMINATED.format(137)), "", (Verdict.FAILED, "ended by signal 9, exit code 137")),
        ((129, _TERMINATED.format(129)), "", (Verdict.FAILED, "ended by signal 1, exit code 129")),
        ((137, ""), "", (Verdict.FAILED, "ended by signal 9, exit code 137")),
        ((-9, ""), "", (Verdict.FAILED, "ended by signal 9")),
        ((-15, "Warning: deprecated"), "", (Verdict.FAILED, "ended by signal 15")),
        ((1, "error: unexpected EOF"), "", (Verdict.FAILED, "error: unexpected EOF: exit code 1")),
        ((0, "Warning: deprecated"), "", (Verdict.SUCCEEDED, "exit code 0")),
        ((2, _TERMINATED.format(2)), "make", (Verdict.FAILED, "exit code 2")),
        (
            (143, _TERMINATED.format(143)),
            "make",
            (Verdict.FAILED, "ended by signal 15, exit code 143"),
        ),
        ((255, _TERMINATED.format(255)), "make", (Verdict.FAILED, "exit code 255")),
    ],
)
async def test_what_ended_it_is_told_as_what_it_was(
    scene: Scene,
    tmp_path: Path,
    ended: tuple[int, str],
    command: str,
    end: tuple[Verdict, str],
) -> None:
    """By what kubectl says of it, after a minute: what was typed last is no failure of a shell."""
    asked, programs = await _asked(scene), Programs("", ended[0], 60.0, ended[1])
    async with source_with(scene, program(tmp_path, version("v1.35.0")), programs) as source:
        plan = await source.plan(asked("exec", command=command))
        receipt = await source.execute(plan, issue_permit(plan))
        [*_, told] = [one async for one in source.observe(plan, receipt)]
    assert (told.verdict, told.message) == (end[0], f"{end[1]} after 1 min 0 s")


async def test_nothing_is_run_without_a_permit_and_a_later_session_says_what_it_knows(
    scene: Scene, tmp_path: Path
) -> None:
    asked, programs = await _asked(scene), Programs()
    async with source_with(scene, program(tmp_path, version("v1.35.0")), programs) as source:
        plan = await source.plan(asked("exec"))
        other = plan.model_copy(update={"id": "another"})
        with pytest.raises(NotPermitted):
            await source.execute(plan, issue_permit(other))
        assert programs.ran == []
        assert "not known" in (await source.reconcile(plan)).message
        receipt = await source.execute(plan, issue_permit(plan))
        programs.ran.clear()
        [end] = [one async for one in source.observe(plan, receipt)]
    assert end.verdict is Verdict.FAILED
    assert "when, and how, is not known" in end.message


async def test_the_service_account_of_a_pod_is_lent_to_no_program() -> None:
    from opsboard_adapters.kubernetes.kubectl import Kubectl, KubectlError

    async def no_access(_: str) -> ClusterAccess:
        raise AssertionError("nothing is asked")

    settings = KubernetesSettings(in_cluster=True)
    kubectl = Kubectl(settings, FakeContext().host_environ, no_access)
    with pytest.raises(KubectlError, match="service account"):
        await kubectl.version()


class _Unpaused(FakeContext):
    """A context in which no time passes between two looks."""

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(0)


class _Listening(Programs):
    """A host of a kubectl that goes on to listen, whatever becomes of its pod."""

    def __init__(self) -> None:
        super().__init__("Forwarding from 127.0.0.1:4123 -> 80", None)
        self.ended: list[str] = []
        self.looked = self.stopped_at = 0

    async def state(self, key: str, seconds: float = 0.0) -> ProgramState | None:
        self.looked += 1
        if self.looked == self.stopped_at:
            self.told = ProgramState(60.0, 0, self.told.line, is_stopped=True)
        return await super().state(key, seconds)

    async def end(self, key: str) -> None:
        self.ended.append(key)


@pytest.mark.parametrize("other", [{"pod": "gone-by-now"}, {}])
async def test_a_port_of_a_pod_that_is_gone_or_another_by_now_is_closed(
    scene: Scene, tmp_path: Path, other: dict[str, str]
) -> None:
    asked, programs = await _asked(scene), _Listening()
    folder = program(tmp_path, version("v1.35.0"))
    env = {"PATH": f"{folder}:/usr/bin:/bin"}
    context = _Unpaused("clusters", env=env, programs=programs)
    async with Kubernetes.connect(scene.settings, context) as source:
        plan = await source.plan(asked("forward", port="80"))
        receipt = await source.execute(plan, issue_permit(plan))
        programs.looked, programs.stopped_at = 0, 3
        [*_, end] = [one async for one in source.observe(plan, receipt)]
        assert end.verdict is Verdict.SUCCEEDED, "while its pod is there, it goes on"
        assert programs.ended == []
        programs.told = ProgramState(60.0, None, programs.told.line)
        before = {**plan.precondition, **({} if other else {"pod": "another-uid"})}
        gone = plan.model_copy(
            update={"payload": {**plan.payload, **other}, "precondition": before}
        )
        [*_, end] = [one async for one in source.observe(gone, receipt)]
    assert programs.ended == [plan.id]
    assert end.verdict is Verdict.FAILED
    assert f"the pod {gone.payload['pod']} is gone" in end.message
