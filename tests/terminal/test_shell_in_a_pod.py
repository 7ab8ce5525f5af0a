"""A shell in a pod of a true cluster: the real kubectl, the real API server, a kubelet of ours.

``OPSBOARD_TEST_KUBECTL`` names the kubectl, unless PATH has one.
"""

import asyncio
import re
from pathlib import Path

from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.kubelet.node import node
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.workload_setup import grounds
from tests.terminal.bastion import ON_A_TRUE_CLUSTER, PROMPT, Bastion, carry_out
from tests.terminal.tmux import terminal

pytestmark = ON_A_TRUE_CLUSTER


async def test_a_shell_by_the_real_kubectl(tmp_path: Path) -> None:
    """Its size, its Ctrl-C and its end are those of the terminal; what is typed is on no record.

    One that is killed in the pod has failed, whenever that was.
    """

    def drive(bastion: Bastion) -> None:
        with terminal(tmp_path, **bastion.env) as it:
            bastion.open(it)
            it.packet("X")
            it.shows("a shell in app")
            carry_out(it)
            it.until(lambda screen: PROMPT.search(screen) is not None, "the prompt in the pod")
            it.type("stty size; echo secret-word-$((41 + 1))")
            it.shows("secret-word-42")
            assert re.search(r"^36 120$", it.screen(), re.MULTILINE)
            it.resize(100, 30)
            it.type("sleep 0.1; clear; stty size")
            it.until(
                lambda screen: re.search(r"^30 100$", screen, re.MULTILINE) is not None, "its size"
            )
            it.type("clear; echo slee''ping; sleep 1000")
            it.shows("sleeping")
            it.press("C-c")
            it.until(lambda screen: PROMPT.search(screen) is not None, "the prompt again")
            it.type("true; exit")
            it.until(lambda screen: "Pods" in screen, "the board")
            it.packet(":activity\r")
            it.shows("exit code 0")
            it.packet("\x1b:pods\r")
            it.until(lambda screen: re.search(r"web\s.*Running", screen) is not None, "the pod")
            it.packet("X")
            it.shows("a shell in app")
            carry_out(it)
            it.until(lambda screen: PROMPT.search(screen) is not None, "the prompt in the pod")
            it.type("kill -9 $$")
            it.until(lambda screen: "Pods" in screen or "Press Enter" in screen, "its end")
            if "Press Enter" in it.screen():
                it.press("Enter")
                it.until(lambda screen: "Pods" in screen, "the board")
            it.packet(":activity\r")
            it.shows("ended by signal 9, ")
            it.packet("qq")
            assert it.ended() == 0
            it.until(lambda _: it.is_clean, "the terminal to be as it was")

    settings = KubernetesSettings(kubeconfig=Path(REAL))
    async with grounds(settings, "") as (ground,), node(ground, tmp_path) as on:
        await on.pod("web", "app", "proxy")
        bastion = Bastion(tmp_path, ground.namespace)
        await asyncio.to_thread(drive, bastion)
        told = await asyncio.to_thread(bastion.audit)
        assert re.search(r"exec .*web", told), told
        assert "exit code 0" in told
        assert re.search(r"(?s)failed\s.*ended by signal 9, exit code 137 after", told), told
        assert "secret-word" not in told
        assert len(on.kubelet.pods[ground.namespace, "web"].containers["app"].ran) == 2
