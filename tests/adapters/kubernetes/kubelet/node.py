"""A node of a true cluster that is served by our kubelet, and pods that are bound to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.adapters.kubernetes.kubelet.containers import ServedPod
from tests.adapters.kubernetes.kubelet.server import Kubelet
from tests.adapters.kubernetes.workload_setup import STRATEGIC_PATCH, Ground


@dataclass
class Node:
    """A node called *name*, in whose pods a test is."""

    ground: Ground
    kubelet: Kubelet
    name: str

    async def pod(
        self,
        name: str,
        *containers: str,
        init: tuple[str, ...] = (),
        restarts: int = 0,
        labels: Mapping[str, str] | None = None,
    ) -> ServedPod:
        """Make a pod that runs here, each of its containers with an empty log."""

        def made(names: tuple[str, ...]) -> list[dict[str, Any]]:
            return [{"name": one, "image": f"registry.example/{one}:1"} for one in names]

        spec = {
            "nodeName": self.name,
            "containers": made(containers),
            "initContainers": made(init),
            "tolerations": [{"operator": "Exists"}],
            "automountServiceAccountToken": False,
        }
        metadata = {"name": name, "labels": dict(labels or {})}
        await self.ground.create("Pod", {"metadata": metadata, "spec": spec})
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        running = {"running": {"startedAt": now}}
        ended = {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": now}}
        crashed = {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": now}}
        status = {
            "phase": "Running",
            "conditions": [{"type": kind, "status": "True"} for kind in ("Initialized", "Ready")],
            "containerStatuses": [
                self._status(one, running, restarts, crashed if restarts else {})
                for one in containers
            ],
            "initContainerStatuses": [self._status(one, ended, 0, {}) for one in init],
        }
        path = f"{self.ground.path('Pod', name)}/status"
        headers = {"Content-Type": STRATEGIC_PATCH}
        answer = await self.ground.client.patch(path, json={"status": status}, headers=headers)
        assert answer.status_code == 200, answer.text
        return self.kubelet.add(self.ground.namespace, name, *containers, *init)

    def _status(
        self, name: str, state: dict[str, Any], restarts: int, last: dict[str, Any]
    ) -> dict[str, Any]:
        return {
            "name": name,
            "image": f"registry.example/{name}:1",
            "imageID": "",
            "containerID": f"containerd://{name}",
            "ready": "running" in state,
            "started": "running" in state,
            "restartCount": restarts,
            "state": state,
            "lastState": last,
        }


@asynccontextmanager
async def node(ground: Ground, folder: Path) -> AsyncIterator[Node]:
    """Make a node whose kubelet is ours; it is gone afterwards, with the pods that are on it."""
    name = f"opsboard-test-{uuid4().hex[:8]}"
    async with Kubelet().serving(folder) as kubelet:
        client = ground.client
        answer = await client.post("api/v1/nodes", json={"metadata": {"name": name}})
        assert answer.status_code == 201, answer.text
        try:
            status = {
                "addresses": [
                    {"type": "InternalIP", "address": "127.0.0.1"},
                    {"type": "Hostname", "address": "127.0.0.1"},
                ],
                "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet.port}},
                "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            }
            headers = {"Content-Type": STRATEGIC_PATCH}
            path = f"api/v1/nodes/{name}/status"
            answer = await client.patch(path, json={"status": status}, headers=headers)
            assert answer.status_code == 200, answer.text
            yield Node(ground, kubelet, name)
        finally:
            for pod in await ground.list("Pod"):
                if pod["spec"].get("nodeName") == name:
                    path = ground.path("Pod", pod["metadata"]["name"])
                    await client.request("DELETE", path, json={"gracePeriodSeconds": 0})
            await client.delete(f"api/v1/nodes/{name}")
