"""Who will fight what is changed by hand, and what it does not bring back."""

from typing import Any

import pytest

from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.target import TargetObject
from opsboard_adapters.kubernetes.objects import selector_matches
from opsboard_adapters.kubernetes.resources import WORKLOADS
from tests.adapters.kubernetes.workload_setup import NO_CLUSTER


def _target(kind: str = "Deployment", spec: Any = None, **meta: Any) -> TargetObject:
    item = {"metadata": {"name": "web", **meta}, "spec": spec or {}}
    return TargetObject(NO_CLUSTER, WORKLOADS[kind], item)


MANAGED = {
    "Argo CD": {"annotations": {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/web"}},
    "Argo CD ": {"managedFields": [{"manager": "argocd-controller"}]},
    "Flux": {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}},
    "Flux (Helm)": {"labels": {"helm.toolkit.fluxcd.io/name": "web"}},
    "Helm": {"annotations": {"meta.helm.sh/release-name": "web"}},
    "Helm ": {"labels": {"app.kubernetes.io/managed-by": "Helm"}},
    "Operator/web": {"ownerReferences": [{"kind": "Operator", "name": "web", "controller": True}]},
}


@pytest.mark.parametrize(("name", "meta"), MANAGED.items(), ids=MANAGED)
def test_who_manages_it_is_told(name: str, meta: dict[str, Any]) -> None:
    (found,) = findings.managed_by(_target(**meta))
    assert name.strip() in found.text


def test_who_manages_it_is_told_once() -> None:
    labels = {"argocd.argoproj.io/instance": "web"}
    fields = [{"manager": "argocd-controller"}, {"manager": "argocd-controller"}]
    assert len(list(findings.managed_by(_target(labels=labels, managedFields=fields)))) == 1
    assert not list(findings.managed_by(_target(labels={"app": "web"})))


def test_what_a_template_reads_is_not_rolled_back() -> None:
    container = {
        "envFrom": [{"configMapRef": {"name": "settings"}}],
        "env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "p"}}}],
    }
    volumes = [
        {"name": "a", "projected": {"sources": [{"configMap": {"name": "certs"}}]}},
        {"name": "b", "secret": {"secretName": "tls"}},
    ]
    (found,) = findings.not_rolled_back({"spec": {"containers": [container], "volumes": volumes}})
    assert found.text.endswith(": ConfigMap certs, ConfigMap settings, Secret db, Secret tls")
    assert not findings.not_rolled_back({"spec": {"containers": [{}]}})


MANNERS = {
    "Recreate": ("Deployment", {"strategy": {"type": "Recreate"}}),
    "OnDelete": ("DaemonSet", {"updateStrategy": {"type": "OnDelete"}}),
    "partition 2": ("StatefulSet", {"updateStrategy": {"rollingUpdate": {"partition": 2}}}),
}


@pytest.mark.parametrize(("word", "told"), MANNERS.items(), ids=MANNERS)
def test_the_manner_of_a_roll_out_is_told(word: str, told: tuple[str, dict[str, Any]]) -> None:
    kind, spec = told
    (found,) = findings.update_strategy(_target(kind, spec))
    assert word in found.text


def test_a_pod_that_a_stateful_set_waits_for_is_told() -> None:
    ready = [{"type": "Ready", "status": "False"}]
    pods = [{"metadata": {"name": "web-2"}, "status": {"conditions": ready}}]
    (found,) = findings.update_strategy(_target("StatefulSet"), pods)
    assert "web-2" in found.text
    parallel = {"podManagementPolicy": "Parallel"}
    assert not list(findings.update_strategy(_target("StatefulSet", parallel), pods))


@pytest.mark.parametrize(
    ("expression", "chosen"),
    [
        ({"key": "app", "operator": "In", "values": ["web", "db"]}, True),
        ({"key": "app", "operator": "NotIn", "values": ["web"]}, False),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "tier", "operator": "Exists"}, False),
        ({"key": "tier", "operator": "DoesNotExist"}, True),
        ({"key": "tier", "operator": "NotIn", "values": ["web"]}, True),
    ],
)
def test_a_selector_chooses(expression: dict[str, Any], chosen: bool) -> None:
    assert selector_matches({"matchExpressions": [expression]}, {"app": "web"}) is chosen
    assert (
        selector_matches(
            {"matchLabels": {"app": "web"}, "matchExpressions": [expression]}, {"app": "web"}
        )
        is chosen
    )
    assert not selector_matches({"matchLabels": {"app": "db"}}, {"app": "web"})
    assert selector_matches({}, {"app": "web"})
