"""The real kubectl in the terminal of the board: on the demo, which lets nobody into a pod.

It is led there by the copy of the kubeconfig that it is given, whatever the preferences of the user
say, and what it says of being refused is read. ``OPSBOARD_TEST_KUBECTL`` names the kubectl; the
ways in are tried on a true cluster (:mod:`.test_shell_in_a_pod`).
"""

import os
import re
from pathlib import Path

import pytest

from tests.adapters.kubernetes.access.test_as_kubectl import KUBECTL
from tests.terminal.test_hand_over import stage

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(not KUBECTL, reason="OPSBOARD_TEST_KUBECTL names no kubectl"),
]
ELSEWHERE = """\
apiVersion: kubectl.config.k8s.io/v1beta1
kind: Preference
defaults:
- {command: exec, options: [{name: server, default: "http://127.0.0.1:9"}]}
- {command: port-forward, options: [{name: server, default: "http://127.0.0.1:9"}]}
- {command: debug, options: [{name: server, default: "http://127.0.0.1:9"}]}
"""
"""Preferences by which kubectl asks another server."""


TOOL = """#!/bin/sh
{kubectl} "$@" 2> {said}.now
code=$?
cat {said}.now >&2
cat {said}.now >> {said}
exit $code
"""
"""kubectl, which leaves what it complains of in a file too."""
REFUSED = "the demo does not serve"


def test_it_is_led_to_the_server_of_the_board_and_what_it_says_is_read(tmp_path: Path) -> None:
    (runtime := tmp_path / "runtime").mkdir(mode=0o700)
    (tools := tmp_path / "tools").mkdir()
    said, tool = tmp_path / "complaints", tools / "kubectl"
    tool.write_text(TOOL.format(kubectl=KUBECTL, said=said))
    tool.chmod(0o755)
    (preferences := tmp_path / "home" / ".kube" / "kuberc").parent.mkdir(parents=True)
    preferences.write_text(ELSEWHERE)
    env = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "XDG_RUNTIME_DIR": str(runtime),
    }
    with stage(tmp_path, **env) as on:

        def is_refused(times: int) -> None:
            """What it says is left standing until Enter, if it was quick; it is refused *times*."""
            on.it.until(
                lambda _: said.exists() and said.read_text().count(REFUSED) >= times, "a refusal"
            )

        def is_back() -> None:
            on.it.until(lambda screen: "Press Enter" in screen or "Pods" in screen, "its end")
            if "Press Enter" in on.it.screen():
                on.it.press("Enter")
            on.is_back()

        on.open()
        on.shell()
        is_refused(1)
        is_back()
        on.it.packet(":debug\r")
        on.it.shows("debug_image of the source")
        on.it.packet("tools:1")
        on.it.press("C-s")
        on.it.shows("a shell in a container of tools:1")
        on.confirm()
        is_refused(2)
        is_back()
        on.it.packet(":forward\r")
        on.it.shows("port of this machine")
        on.it.press("C-s")
        on.confirm()
        is_refused(3)
        on.it.packet("\x1b:activity\r")
        on.it.until(lambda screen: re.search(r"forward .*cart-", screen) is not None, "it")
        on.it.packet("qq")
        on.it.until(lambda screen: "ended-with=0" in screen, "the board to end")
        told = on.audit()
        assert len(re.findall(r"exit code 1 after", told)) >= 2, told
        assert not any(runtime.iterdir())
