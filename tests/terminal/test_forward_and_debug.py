"""A forwarded port, a debug container, and what is denied: on a true cluster, by the real kubectl.

Each goes its whole way in a terminal: the plan is read and confirmed, the terminal is handed over
and comes back whole, and all of it is on record.
"""

import asyncio
import re
import socket
from pathlib import Path

from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.kubelet.node import node
from tests.adapters.kubernetes.kubelet.test_through_the_server import (
    echo_server,
    start_ephemeral_containers,
)
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.workload_setup import grounds
from tests.terminal.bastion import ON_A_TRUE_CLUSTER, PROMPT, Bastion, carry_out, is_back
from tests.terminal.tmux import Terminal, terminal

pytestmark = ON_A_TRUE_CLUSTER

DENIED = '[policy.staging]\n"*" = "deny"'


async def test_a_port_is_forwarded_on_the_loopback_interface_until_the_board_is_left(
    tmp_path: Path,
) -> None:
    def drive(bastion: Bastion) -> None:
        with terminal(tmp_path, **bastion.env) as it:
            bastion.open(it)
            it.packet(":forward\r")
            it.shows("port of this machine")
            it.press("Tab")  # past the pod
            it.packet("8080")
            it.press("C-s")
            it.shows("belongs to every user of this machine")
            carry_out(it)
            it.shows("1 forward")
            it.packet(":forwards\r")
            told = re.search(r"127\.0\.0\.1:(\d+) → port 8080", it.shows("→ port 8080"))
            assert told is not None
            local = int(told[1])
            assert _listeners(local) == {"127.0.0.1"}
            with socket.create_connection(("127.0.0.1", local), timeout=60) as made:
                made.sendall(b"hello")
                assert made.recv(100) == b"echo hello"
            it.press("Escape")
            bastion.close(it)
            assert not _listeners(local)

    settings = KubernetesSettings(kubeconfig=Path(REAL))
    async with (
        grounds(settings, "") as (ground,),
        node(ground, tmp_path) as on,
        echo_server() as port,
    ):
        served = await on.pod("web", "app")
        served.ports[8080] = port
        bastion = Bastion(tmp_path, ground.namespace)
        await asyncio.to_thread(drive, bastion)
        told = await asyncio.to_thread(bastion.audit)
        assert re.search(r"(?s)succeeded forward", told), told
        assert any("/portForward/" in line for line in on.kubelet.asked)


def _listeners(port: int) -> set[str]:
    """Return the addresses of this machine at which somebody listens on *port*."""
    found = set[str]()
    for table, empty in (("tcp", "00000000"), ("tcp6", "0" * 32)):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, number = local.partition(":")
            if state == "0A" and int(number, 16) == port:
                is_loopback = table == "tcp" and address == "0100007F"
                found.add("127.0.0.1" if is_loopback else "any" if address == empty else address)
    return found


async def test_a_shell_in_a_debug_container(tmp_path: Path) -> None:
    def drive(bastion: Bastion) -> None:
        with terminal(tmp_path, **bastion.env) as it:
            bastion.open(it)
            it.packet(":debug\r")
            it.shows("debug_image of the source")
            it.press("C-s")
            it.shows("none can be removed")
            assert "a shell in a container of registry.example/tools:1" in it.screen()
            carry_out(it)
            it.until(lambda screen: PROMPT.search(screen) is not None, "the prompt in the pod")
            it.type("stty size; echo secret-word-$((41 + 1))")
            it.shows("secret-word-42")
            assert re.search(r"^36 120$", it.screen(), re.MULTILINE)
            it.type("stty raw -echo; exit")
            is_back(it)
            it.packet(":activity\r")
            it.shows("exit code 0")
            bastion.close(it)

    settings = KubernetesSettings(kubeconfig=Path(REAL))
    async with grounds(settings, "") as (ground,), node(ground, tmp_path) as on:
        served = await on.pod("web", "app")
        image = 'debug_image = "registry.example/tools:1"'
        bastion = Bastion(tmp_path, ground.namespace, image)
        starting = asyncio.create_task(start_ephemeral_containers(on, served))
        await asyncio.to_thread(drive, bastion)
        starting.cancel()
        told = await asyncio.to_thread(bastion.audit)
        assert re.search(r"(?s)succeeded debug", told), told
        assert "secret-word" not in told
        pod = await on.ground.get("Pod", "web")
        [put] = pod["spec"]["ephemeralContainers"]
        assert (put["image"], put["targetContainerName"]) == ("registry.example/tools:1", "app")


async def test_what_the_policy_denies_reaches_no_pod(tmp_path: Path) -> None:
    def drive(bastion: Bastion) -> None:
        with terminal(tmp_path, **bastion.env) as it:
            bastion.open(it)
            for action in ("exec", "forward", "debug", "edit"):
                it.packet(f":{action}\r")
                _is_denied(it)
                it.press("Escape")
            bastion.close(it)

    settings = KubernetesSettings(kubeconfig=Path(REAL))
    async with grounds(settings, "") as (ground,), node(ground, tmp_path) as on:
        await on.pod("web", "app")
        bastion = Bastion(tmp_path, ground.namespace, tables=DENIED, VISUAL="/bin/false")
        await asyncio.to_thread(drive, bastion)
        assert not on.kubelet.asked


def _is_denied(it: Terminal) -> None:
    it.until(lambda screen: "the policy" in re.sub(r"\s+", " ", screen), "the refusal")
