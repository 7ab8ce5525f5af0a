"""kubectl and the board reach our kubelet through a true API server, each by its own protocol."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from opsboard.adapter import LogQuery, Request, Verdict
from opsboard.adapter.permit import issue_permit
from opsboard.adapter.programs import Program
from opsboard.collect.program_runner import ProgramRunner, TerminalPort
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.kubelet import log_contract
from tests.adapters.kubernetes.kubelet.containers import Container, ServedPod
from tests.adapters.kubernetes.kubelet.node import Node, node
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.workload_setup import STRATEGIC_PATCH, grounds
from tests.patience import PATIENCE

KUBECTL = os.environ.get("OPSBOARD_TEST_KUBECTL") or shutil.which("kubectl") or ""

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not REAL, reason="OPSBOARD_TEST_KUBECONFIG names no cluster"),
]


@asynccontextmanager
async def _node(folder: Path) -> AsyncIterator[Node]:
    settings = KubernetesSettings(kubeconfig=Path(REAL))
    async with grounds(settings, "") as (ground,), node(ground, folder) as found:
        yield found


async def kubectl(on: Node, *words: str, stdin: bytes = b"") -> tuple[int, str]:
    if not KUBECTL:
        pytest.skip("OPSBOARD_TEST_KUBECTL names no kubectl")
    process = await asyncio.create_subprocess_exec(
        KUBECTL, "--kubeconfig", REAL, "--namespace", on.ground.namespace, *words,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await asyncio.wait_for(process.communicate(stdin), PATIENCE)
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_kubectl_reads_logs_and_runs_commands(tmp_path: Path) -> None:
    async with _node(tmp_path) as on:
        served = await on.pod("web", "app", "proxy", init=("setup",), restarts=2)
        served.containers["app"].log.write("one", "two")
        assert await kubectl(on, "logs", "web", "-c", "app", "--tail=1") == (0, "two\n")
        said = await kubectl(on, "exec", "web", "-c", "proxy", "--", "sh", "-c", "echo hi; exit 3")
        assert said[0] == 3, (said, on.kubelet.asked)
        assert "hi" in said[1]
        assert served.containers["proxy"].ran == [("sh", "-c", "echo hi; exit 3")]
        upgrades = {line.rsplit(" ", 1)[1] for line in on.kubelet.asked if "/exec/" in line}
        assert upgrades == {"SPDY/3.1"}, "what kubectl asks by websockets is translated"
        missing = await kubectl(on, "logs", "web", "-c", "nothing")
        assert missing[0] == 1


async def test_the_board_reads_the_same_logs(tmp_path: Path) -> None:
    async with _node(tmp_path) as on:
        served = await on.pod("web", "app", init=("setup",), restarts=1)
        app = served.containers["app"]
        app.log.write("one", at=datetime(2026, 11, 27, 9, 0, 1, tzinfo=UTC))
        app.log.write("two", at=datetime(2026, 11, 27, 9, 0, 2, tzinfo=UTC))
        app.previous = type(app.log)()
        app.previous.write("it crashed")
        served.containers["setup"].log.write("set up")
        served.containers["setup"].log.end()
        ref = on.ground.ref("Pod", "web")
        async with Kubernetes.connect(on.ground.settings, FakeContext("clusters")) as source:

            async def texts(query: LogQuery) -> list[str]:
                return [line.text async for line in source.logs(ref, query)]

            assert await texts(LogQuery()) == await texts(LogQuery(parts=("app",)))
            crash, end, *now = await texts(LogQuery())
            assert (crash, now) == ("it crashed", ["one", "two"])
            assert "exit code 1" in end
            assert (await texts(LogQuery(tail=1)))[-1] == "two"
            since = datetime(2026, 11, 27, 9, 0, 2, tzinfo=UTC)
            later = await texts(LogQuery(since=since))
            assert "two" in later
            assert "one" not in later
            previous = await texts(LogQuery(previous=True))
            assert previous[0] == "it crashed"
            assert "one" not in previous
            assert "set up" in await texts(LogQuery(init=True))
            following = source.logs(ref, LogQuery(follow=True))
            seen = ""
            async with asyncio.timeout(PATIENCE):
                while seen != "two":
                    seen = (await anext(following)).text
                app.log.write("three")
                assert (await anext(following)).text == "three"
            await following.aclose()  # type: ignore[attr-defined]


async def test_logs_are_answered_as_the_demo_answers_them(tmp_path: Path) -> None:
    async with _node(tmp_path) as on:
        several = await on.pod("web", "app", "proxy", init=("setup",), restarts=1)
        start = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
        for seconds in (0, 1, 2):
            several.containers["app"].log.write("line", at=start + timedelta(seconds=seconds))
        several.containers["app"].previous = type(several.containers["app"].log)()
        several.containers["app"].previous.write("it crashed")
        several.containers["app"].previous.end()
        single = await on.pod("job", "task", init=("setup",))
        single.containers["task"].log.write("one", "two", "three")

        def reader(pod: str) -> log_contract.Read:
            async def read(parameters: dict[str, str]) -> tuple[int, str]:
                path = f"{on.ground.path('Pod', pod)}/log"
                answer = await on.ground.client.get(path, params=parameters)
                told = answer.text if answer.is_success else answer.json()["message"]
                return answer.status_code, told

            return read

        await log_contract.check_choice_of_containers(
            reader("web"), "web", ["setup"], ["app", "proxy"]
        )
        await log_contract.check_since(reader("web"), "app")
        await log_contract.check_there_is_a_previous(reader("web"), "app")
        await log_contract.check_the_only_container_need_not_be_named(reader("job"), "task")
        await log_contract.check_there_is_no_previous(reader("job"), "job", "task")


async def test_what_kubectl_needs_to_be_let_in(tmp_path: Path) -> None:
    """Measured on this server: which verbs ``kubectl exec`` and ``port-forward`` ask for."""
    async with _node(tmp_path) as on, echo_server() as port:
        served = await on.pod("web", "app")
        served.ports[8080] = port
        for verbs, exit_code in (({"create", "get"}, 0), ({"create"}, 0), ({"get"}, 1)):
            who = f"--as=somebody-{'-'.join(sorted(verbs))}"
            await allow(on, who.removeprefix("--as="), verbs)
            done = await kubectl(on, "exec", "web", who, "--", "true")
            assert done[0] == exit_code, (verbs, done)


@asynccontextmanager
async def echo_server() -> AsyncIterator[int]:
    """Serve on a port of this host what a container of the pod would."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1_024):
            writer.write(b"echo " + data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def allow(on: Node, user: str, verbs: set[str]) -> None:
    """Let *user* do *verbs* on what leads into pods, and get the pods."""
    root = f"apis/rbac.authorization.k8s.io/v1/namespaces/{on.ground.namespace}"
    inside = ["pods/exec", "pods/portforward", "pods/attach"]
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": inside, "verbs": sorted(verbs)},
    ]
    role = {"metadata": {"name": user}, "rules": rules}
    binding = {
        "metadata": {"name": user},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": user},
        "subjects": [{"kind": "User", "name": user, "apiGroup": "rbac.authorization.k8s.io"}],
    }
    for plural, item in (("roles", role), ("rolebindings", binding)):
        answer = await on.ground.client.post(f"{root}/{plural}", json=item)
        assert answer.status_code == 201, answer.text


async def test_the_board_forwards_a_port(tmp_path: Path) -> None:
    """kubectl takes a free port of the loopback interface, and bytes go both ways."""
    async with _node(tmp_path) as on, echo_server() as port:
        served = await on.pod("web", "app")
        served.ports[8080] = port
        runner = ProgramRunner()
        runner.attach(cast("TerminalPort", object()))
        env = {"PATH": os.pathsep.join((str(Path(KUBECTL).parent), os.defpath))}
        context = FakeContext("clusters", env=env, programs=runner)
        request = Request(
            action="forward", ref=on.ground.ref("Pod", "web"), values={"port": "8080"}
        )
        async with Kubernetes.connect(on.ground.settings, context) as source:
            plan = await source.plan(request)
            assert not plan.blockers
            assert any("belongs to every user" in finding.text for finding in plan.findings)
            receipt = await source.execute(plan, issue_permit(plan))
            host, _, local = receipt.reference.rpartition(":")
            assert host == "127.0.0.1"
            reader, writer = await asyncio.open_connection(host, int(local))
            writer.write(b"hello")
            assert await asyncio.wait_for(reader.readexactly(10), PATIENCE) == b"echo hello"
            writer.close()
            await runner.end(plan.id)
            ended = [one async for one in source.observe(plan, receipt)]
            assert ended[-1].verdict is Verdict.SUCCEEDED
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(host, int(local))
        assert any("/portForward/" in line for line in on.kubelet.asked)


class PipedTerminal:
    """Runs a program with *typed* as its input in the place of a terminal; keeps its output."""

    def __init__(self, typed: bytes) -> None:
        self._typed = typed
        self.loop = asyncio.get_running_loop()
        self.output = b""
        self.argv: tuple[str, ...] = ()

    async def run(
        self, program: Program, begun: Callable[[], None], complained: Callable[[str], None]
    ) -> int:
        self.argv = program.argv
        process = await asyncio.create_subprocess_exec(
            *program.argv,
            env=dict(program.env),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        begun()
        self.output, _ = await process.communicate(self._typed)
        return await process.wait()


async def start_ephemeral_containers(on: Node, served: ServedPod) -> None:
    """Start what is put into the pod, as a kubelet does."""
    while True:
        pod = await on.ground.get("Pod", "web")
        new = [one["name"] for one in pod["spec"].get("ephemeralContainers") or ()]
        if set(new) - served.containers.keys():
            served.containers.update({name: Container() for name in new})
            running = [
                {"name": name, "image": "t", "imageID": "", "ready": False, "restartCount": 0,
                 "state": {"running": {"startedAt": datetime.now(UTC).isoformat()}}}
                for name in new
            ]  # fmt: skip
            path = f"{on.ground.path('Pod', 'web')}/status"
            headers = {"Content-Type": STRATEGIC_PATCH}
            status = {"status": {"ephemeralContainerStatuses": running}}
            answer = await on.ground.client.patch(path, json=status, headers=headers)
            assert answer.status_code == 200, answer.text
        await asyncio.sleep(0.2)


async def test_the_board_debugs_a_pod(tmp_path: Path) -> None:
    """kubectl puts the container of the config's image into the pod, and attaches to it."""
    async with _node(tmp_path) as on:
        served = await on.pod("web", "app")
        terminal = PipedTerminal(b"echo in-$((41 + 1))\nexit\n")
        runner = ProgramRunner()
        runner.attach(terminal)
        env = {"PATH": os.pathsep.join((str(Path(KUBECTL).parent), os.defpath))}
        context = FakeContext("clusters", env=env, programs=runner)
        settings = on.ground.settings.model_copy(update={"debug_image": "registry.example/tools:1"})
        request = Request(action="debug", ref=on.ground.ref("Pod", "web"))
        starting = asyncio.create_task(start_ephemeral_containers(on, served))
        async with Kubernetes.connect(settings, context) as source:
            plan = await source.plan(request)
            assert not plan.blockers
            assert any("none can be removed" in finding.text for finding in plan.findings)
            receipt = await source.execute(plan, issue_permit(plan))
            async with asyncio.timeout(PATIENCE):
                ended = [one async for one in source.observe(plan, receipt)]
        starting.cancel()
        assert ended[-1].verdict is Verdict.SUCCEEDED, (ended, terminal.output)
        assert b"in-42" in terminal.output
        pod = await on.ground.get("Pod", "web")
        [put] = pod["spec"]["ephemeralContainers"]
        assert (put["image"], put["targetContainerName"]) == ("registry.example/tools:1", "app")
