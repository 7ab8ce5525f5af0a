"""The real kubectl works with the demo, or is told plainly what the demo does not do.

``OPSBOARD_TEST_KUBECTL`` names the one that is tried.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.adapters.kubernetes.scripted_cluster import write_kubeconfig
from tests.demo.kubernetes.cluster_client import ClusterClock
from tests.patience import PATIENCE

KUBECTL = os.environ.get("OPSBOARD_TEST_KUBECTL", "")

pytestmark = pytest.mark.skipif(not KUBECTL, reason="OPSBOARD_TEST_KUBECTL names no kubectl")


class Kubectl:
    """A kubectl with a home of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._environment = {
            "HOME": str(folder),
            "KUBECONFIG": str(write_kubeconfig(folder, url)),
            "EDITOR": "true",
            "PATH": os.environ["PATH"],
        }

    def __call__(self, words: str) -> tuple[int, str]:
        """Return the exit code of *words*, and all that was said."""
        done = subprocess.run(
            [KUBECTL, *words.split()],
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def manifest(self, name: str, body: dict[str, Any]) -> None:
        (self.folder / name).write_text(json.dumps(body))


@pytest.fixture
def kubectl(tmp_path: Path, url: str) -> Kubectl:
    return Kubectl(tmp_path, url)


WORKS = {
    "version": "Server Version: v1",
    "auth whoami": "demo",
    "auth can-i create jobs.batch -n ml": "yes",
    "auth can-i --list -n shop": "[*]",
    "api-resources": "deployments",
    "get pods -n shop": "CrashLoopBackOff",
    "get pods -n shop -o wide": "production-eu-node-1",
    "get deploy cart -n shop": "UP-TO-DATE",
    "get deploy cart -n shop -o yaml": "kind: Deployment",
    "get rs,sts,ds,jobs,cronjobs,hpa,pdb,events -A": "drift-monitor",
    "get nodes,ns": "production-eu-node-1",
    "get svc,ing,pvc,cert -A": "data-ledger-0",
    "get svc storefront -n shop -o wide": "SELECTOR",
    "get crd": "certificates.cert-manager.io",
    "describe ing storefront -n shop": "Ingress Class:",
    "describe deploy cart -n shop": "MinimumReplicasAvailable",
    "describe pod -n shop -l app.kubernetes.io/name=cart": "Container ID",
    "describe cronjob drift-monitor -n ml": "Schedule:",
    "logs deploy/cart -n shop --tail=2": "trace=",
    "rollout status deploy/cart -n shop --timeout=5s": "successfully rolled out",
    "rollout status sts/ledger -n payments --timeout=5s": "roll out complete",
    "rollout history deploy/cart -n shop": "CHANGE-CAUSE",
    "rollout undo deploy/cart -n shop": "rolled back",
    "rollout restart deploy/cart -n shop": "restarted",
    "rollout pause deploy/cart -n shop": "paused",
    "scale deploy/cart -n shop --replicas=4": "scaled",
    "set image deploy/cart cart=registry.example/cart:9 -n shop": "image updated",
    "annotate deploy/cart -n shop note=hi": "annotated",
    "label deploy/cart -n shop tier=front": "labeled",
    "create job again --from=cronjob/drift-monitor -n ml": "job.batch/again created",
    "create job once --image=example:1 -n ml -- echo hi": "job.batch/once created",
    "create job dry --from=cronjob/drift-monitor -n ml --dry-run=server": "server dry run",
    "edit deploy/cart -n shop": "no changes made",
    "events -n shop": "BackOff",
    "top nodes": "production-eu-node-1",
    "top nodes --sort-by=cpu --no-headers": "%",
    "top node production-eu-node-2": "MEMORY(%)",
    "top pods -A --sort-by=memory": "NAMESPACE",
    "top pods -n shop -l app.kubernetes.io/name=cart --containers": "cart",
    "top pods -n shop": "MEMORY(bytes)",
    "wait deploy/cart -n shop --for=condition=Available --timeout=5s": "condition met",
}

SAYS_NO = {
    "auth can-i delete pods --as=viewer -n shop": "no - viewer may only read",
    "create deployment web --image=example:1 -n shop": "the demo does not create deployments",
    "delete deploy/cart -n shop": "the demo does not delete deployments",
    "explain deployment.spec": "couldn't find resource",
    "get leases -A": "doesn't have a resource type",
}


@pytest.mark.parametrize(("words", "said"), WORKS.items(), ids=WORKS)
def test_kubectl_works(kubectl: Kubectl, words: str, said: str) -> None:
    code, told = kubectl(words)
    assert code == 0, told
    assert said in told


@pytest.mark.parametrize(("words", "said"), SAYS_NO.items(), ids=SAYS_NO)
def test_kubectl_is_told_no(kubectl: Kubectl, words: str, said: str) -> None:
    code, told = kubectl(words)
    assert code == 1
    assert said in told


def test_a_pod_has_no_shell(kubectl: Kubectl) -> None:
    _, names = kubectl("get pods -n shop -o name")
    code, told = kubectl(f"exec -n shop {names.split()[0]} -- ls")
    assert code == 1
    assert "the demo does not serve POST" in told
    assert kubectl(f"delete -n shop {names.split()[0]} --wait=false")[0] == 0


async def test_a_manifest_is_applied(
    kubectl: Kubectl, api: httpx.AsyncClient, clock: ClusterClock
) -> None:
    path = "apis/apps/v1/namespaces/shop/deployments/cart"
    found = (await api.get(path)).json()
    metadata = {name: found["metadata"][name] for name in ("name", "namespace", "labels")}
    template = found["spec"]["template"]
    del template["metadata"]["creationTimestamp"]  # with it, kubectl finds a difference for ever
    template["spec"]["containers"][0]["env"] = [{"name": "LOG_LEVEL", "value": "debug"}]
    body = {**found, "metadata": metadata, "spec": {**found["spec"], "replicas": 2}}
    del body["status"]
    kubectl.manifest("cart.json", body)
    assert kubectl("diff -f cart.json")[0] == 1
    code, told = kubectl("apply -f cart.json")
    assert (code, "deployment.apps/cart configured" in told) == (0, True), told
    clock.forward(120)
    made = (await api.get(path)).json()
    assert made["spec"]["replicas"] == made["status"]["updatedReplicas"] == 2
    assert made["spec"]["template"]["spec"]["containers"] == template["spec"]["containers"]
    assert kubectl("apply -f cart.json")[1] == "deployment.apps/cart unchanged\n"
    kubectl.manifest("cart.json", {**body, "spec": {**body["spec"], "revisionHistoryLimit": 3}})
    for dry in ("", " --dry-run=server"):
        code, told = kubectl(f"apply -f cart.json{dry}")
        assert code == 1
        assert "the demo changes only paused, replicas, template" in told
    assert "has no server-side apply" in kubectl("apply --server-side -f cart.json")[1]
    assert "does not serve PUT" in kubectl("replace -f cart.json")[1]


def test_a_job_is_applied(kubectl: Kubectl) -> None:
    container = {"name": "once", "image": "example:1"}
    pod = {"restartPolicy": "Never", "containers": [container]}
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "once", "namespace": "ml"},
        "spec": {"template": {"spec": pod}},
    }
    kubectl.manifest("job.json", job)
    assert kubectl("apply -f job.json") == (0, "job.batch/once created\n")
    assert kubectl("apply -f job.json") == (0, "job.batch/once unchanged\n")
    kubectl.manifest("job.json", {**job, "metadata": {"generateName": "x-", "namespace": "ml"}})
    code, told = kubectl("create -f job.json")
    assert code == 1
    assert "the demo makes up no names" in told


def test_a_kind_that_is_not_served_is_not_known(kubectl: Kubectl) -> None:
    kubectl.manifest("sa.json", {"apiVersion": "v1", "kind": "Sonnet", "metadata": {"name": "c"}})
    code, told = kubectl("apply -f sa.json")
    assert code == 1
    assert 'no matches for kind "Sonnet"' in told
