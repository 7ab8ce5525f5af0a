"""A service account with exactly the roles of docs/permissions.md, and with each verb missing.

On a true API server. Each case takes one verb of one resource away: what needs it says so by its
name, and nothing else is troubled.
"""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from docs.permissions import ACT_ROLE, EXEC_ROLE, VIEW, VIEW_CONFIGS, roles

from opsboard.adapter import (
    RETRAIN,
    Forbidden,
    LogQuery,
    Permission,
    Plan,
    Report,
    Request,
    Source,
    SourceError,
)
from opsboard.adapter.rights import RightLevel
from opsboard.records import Kind, Ref
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.access.clusters import usable_clusters
from opsboard_adapters.kubernetes.resources import CONFIGS, WATCHED
from opsboard_adapters.kubernetes.rights import ClusterRight, cluster_rights
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.source import ACTIONS, PROGRAM_ACTIONS
from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.scenes import Scene, real_scene
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.test_every_action import ACTION_IDS
from tests.adapters.kubernetes.workload_setup import until, workload

pytestmark = pytest.mark.cluster

ROOT = "/apis/rbac.authorization.k8s.io/v1"
_GROUP = "rbac.authorization.k8s.io"
SCOPES = len(WATCHED) + len(CONFIGS)


@dataclass
class ServiceAccount:
    """A service account of its own, whose role can be changed, and the scene that it looks at."""

    scene: Scene
    settings: KubernetesSettings
    name: str
    path: str

    async def permit(self, rules: Sequence[dict[str, Any]]) -> None:
        """Give it exactly *rules*, and wait until the server knows."""
        before = (await self.scene.ground.client.get(self.path)).json()
        body = {**before, "rules": [*rules, self._mark(before)]}
        answer = await self.scene.ground.client.put(self.path, json=body)
        assert answer.status_code == 200, answer.text
        await until(lambda: self._may(body["rules"][-1]["resources"][0]), lambda known: known)

    def _mark(self, before: dict[str, Any]) -> dict[str, Any]:
        """Return a rule for nothing there is, by which the server is seen to know this role."""
        version = before["metadata"]["resourceVersion"]
        return {"apiGroups": ["test"], "resources": [f"v{version}"], "verbs": ["get"]}

    async def _may(self, resource: str) -> bool:
        spec = {
            "user": f"system:serviceaccount:{self.scene.ground.namespace}:{self.name}",
            "resourceAttributes": {"verb": "get", "group": "test", "resource": resource},
        }
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        answer = await self.scene.ground.client.post(path, json={"spec": spec})
        return bool(answer.json()["status"]["allowed"])


@pytest.fixture
async def account(tmp_path: Path) -> AsyncIterator[ServiceAccount]:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    async with real_scene() as scene, _service_account(scene, tmp_path) as account:
        yield account


@asynccontextmanager
async def _service_account(scene: Scene, folder: Path) -> AsyncIterator[ServiceAccount]:
    ground, name = scene.ground, "board"
    client, unique = ground.client, f"opsboard-rights-{ground.namespace}"
    accounts = f"/api/v1/namespaces/{ground.namespace}/serviceaccounts"
    binding = {
        "metadata": {"name": unique},
        "roleRef": {"apiGroup": _GROUP, "kind": "ClusterRole", "name": unique},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": ground.namespace}],
    }
    for path, item in (
        (accounts, {"metadata": {"name": name}}),
        (f"{ROOT}/clusterroles", {"metadata": {"name": unique}, "rules": []}),
        (f"{ROOT}/clusterrolebindings", binding),
    ):
        answer = await client.post(path, json=item)
        assert answer.status_code == 201, answer.text
    try:
        answer = await client.post(f"{accounts}/{name}/token", json={"spec": {}})
        token = answer.json()["status"]["token"]
        (access,) = usable_clusters(scene.settings, FakeContext().host_environ)
        config = {
            "current-context": access.name,
            "clusters": [{"name": "c", "cluster": {**access.cluster, "server": access.server}}],
            "contexts": [{"name": access.name, "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {"token": token}}],
        }
        file = folder / "account"
        file.write_text(json.dumps(config))
        path = f"{ROOT}/clusterroles/{unique}"
        yield ServiceAccount(scene, KubernetesSettings(kubeconfig=file), name, path)
    finally:
        await client.delete(f"{ROOT}/clusterrolebindings/{unique}")
        await client.delete(f"{ROOT}/clusterroles/{unique}")


def rules_without(
    rights: Sequence[ClusterRight], verb: str = "", missing: ClusterRight | None = None
) -> list[dict[str, Any]]:
    """Return the rules for *rights*, without *verb* on the resource that is *missing*."""
    same = missing and (missing.group, missing.resource)
    kept = [
        replace(one, verbs=tuple(it for it in one.verbs if it != verb))
        if (one.group, one.resource) == same
        else one
        for one in rights
    ]
    return [
        {"apiGroups": [one.group], "resources": [one.resource], "verbs": [*one.verbs]}
        for one in kept
        if one.verbs
    ]


READING = [one for one in cluster_rights() if one.level is RightLevel.READ]
LET_IN_VALUES = {"forward": {"port": "8080"}, "debug": {"image": "registry.example/tools:1"}}
NOT_SERVED = {"serving.kserve.io", "metrics.k8s.io"}
"""Groups that a bare API server does not have."""


def _each(rights: Sequence[ClusterRight]) -> Iterator[tuple[ClusterRight, str]]:
    for one in rights:
        if one.group not in NOT_SERVED:
            yield from ((one, verb) for verb in one.verbs)


# --- to read -------------------------------------------------------------------------------------


async def _furnish(scene: Scene) -> dict[str, Ref]:
    """Make one object of each resource that has a page; return their records by resource."""
    ground, pod = await scenes.some_pod(scene)
    for kind in ("StatefulSet", "DaemonSet"):
        await ground.create(kind, workload(kind))
    cron_job = scenes.cron_job()
    await ground.create("CronJob", cron_job)
    job = {"metadata": {"name": "once"}, "spec": cron_job["spec"]["jobTemplate"]["spec"]}
    await ground.create("Job", job)
    return {
        "deployments": ground.ref("Deployment", "web"),
        "statefulsets": ground.ref("StatefulSet", "web"),
        "daemonsets": ground.ref("DaemonSet", "web"),
        "pods": ground.ref("Pod", pod),
        "cronjobs": ground.ref("CronJob", "train"),
        "jobs": ground.ref("Job", "once"),
    }


def _rules_of(*names: str) -> list[dict[str, Any]]:
    """Return the rules of the cluster roles of the page that are called *names*."""
    found = roles()
    return [rule for name in names for rule in found[name]["rules"]]


async def test_to_read_is_enough_and_each_verb_is_named_where_it_is_missing(
    account: ServiceAccount,
) -> None:
    pages = await _furnish(account.scene)
    await account.permit(_rules_of(VIEW, VIEW_CONFIGS))
    async with _reading(account) as (source, recorder):
        assert _said(recorder) == {}
        assert recorder.troubles == []
        assert {Kind.DEPLOYMENT, Kind.POD, Kind.JOB, Kind.CRON_JOB} <= {
            ref.kind for ref in recorder.records
        }
        assert await _refused(source, pages) == {}
    ran = 0
    for right, verb in _each(READING):
        await account.permit(rules_without(READING, verb, right))
        async with _reading(account) as (source, recorder):
            _told(right, verb, recorder, await _refused(source, pages))
        ran += 1
    assert ran >= 3 * SCOPES + 3


@asynccontextmanager
async def _reading(account: ServiceAccount) -> AsyncIterator[tuple[Source, Recorder]]:
    """Yield a source that has said what there is to say of each scope."""
    async with (
        Kubernetes.connect(account.settings, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        await recorder.until(lambda: len(recorder.streaming | set(_said(recorder))) >= SCOPES)
        yield source, recorder


def _said(recorder: Recorder) -> dict[str, str]:
    """Return what is said of each scope last, if anything; this server measures nothing."""
    said = {
        change.scope: f"{change.health.message} {change.health.hint}".strip()
        for change in recorder.changes
        if isinstance(change, Report) and change.scope
    }
    return {scope: text for scope, text in said.items() if text and "metrics" not in scope}


async def _refused(source: Source, pages: dict[str, Ref]) -> dict[str, str]:
    """Return what pages and logs say that they may not, by their resource."""
    found: dict[str, str] = {}
    for plural, ref in pages.items():
        try:
            detail = await source.detail(ref)
        except Forbidden as error:
            found[plural] = f"{error.message} {error.hint}"
        else:
            text = detail.model_dump_json()
            found |= {plural: text} if "may not" in text or "forbidden" in text else {}
    try:
        query = LogQuery(follow=False, tail=10, since=None, parts=(), previous=False, init=False)
        found["log"] = " ".join([line.text async for line in source.logs(pages["pods"], query)])
    except SourceError as error:  # there is no kubelet
        found["log"] = f"{error.message} {error.hint}"
    if "orbidden" not in found["log"]:
        del found["log"]
    return found


TOLD_BY = {"pods": "pods", "pods/log": "log", "replicasets": "deployments"} | {
    "controllerrevisions": "statefulsets"
}
"""What tells that a resource may not be read, where that is not its own page."""


def _told(right: ClusterRight, verb: str, recorder: Recorder, refused: dict[str, str]) -> None:
    """Check that what *right* is for says that *verb* is missing, and nothing else does."""
    where = f"{verb} {right.full_name}: {_said(recorder)} {refused}"
    sentence = f'cannot {verb} resource "{right.resource}"'
    watched = right.resource in {one.plural for one in (*WATCHED, *CONFIGS)}
    said = _said(recorder)
    if watched and verb != "get":
        ((scope, text),) = said.items()
        assert scope.endswith(f"/{right.resource}"), where
        assert sentence in text, where
        said = {}
    assert said == {}, where
    teller = TOLD_BY.get(right.resource, right.resource)
    has_page = teller in {"deployments", "statefulsets", "daemonsets", "pods", "jobs", "cronjobs"}
    if not watched or (verb == "get" and has_page):
        assert sentence in refused[teller].replace('\\"', '"'), where
    assert all(sentence in text.replace('\\"', '"') for text in refused.values()), where


# --- to act --------------------------------------------------------------------------------------


Act = tuple[str, str]
"""An action, and the kind of the object that it is done to."""
ACTS: set[Act] = {(action.spec.id, one.kind) for action in ACTIONS for one in action.acts_on}
CREATED = {"run": "jobs", RETRAIN: "jobs"}
"""What those actions make that do not change the object that they are done to."""


async def _requests(scene: Scene) -> dict[Act, Request]:
    """Return a request of each act; what has to be so for it is made so."""
    _, pod = await scenes.some_pod(scene)
    for kind in ("StatefulSet", "DaemonSet"):
        await scene.workload(kind)
    ground, train = await scene.cron_job()
    spec = scenes.cron_job()["spec"]["jobTemplate"]["spec"]
    await ground.create("Job", {"metadata": {"name": "once"}, "spec": spec})
    made: dict[Act, Request] = {
        (RETRAIN, "CronJob"): scenes.retraining(ground, {"cronjob": train}),
        (RETRAIN, "Job"): scenes.retraining(ground, {"job": "once"}),
    }
    names = {"Pod": pod, "CronJob": train}
    for action, kind in sorted(ACTS - made.keys()):
        ref = ground.ref(kind, names.get(kind, "web"))
        values = {"replicas": "7"} if action == "scale" else {}
        if action == "edit":
            values = await scenes.noted(scene, ref)
        made[action, kind] = Request(action=action, ref=ref, values=values)
    last = {"resume", "unsuspend"}  # they are planned of what is made to stand still for them
    return dict(sorted(made.items(), key=lambda item: item[0][0] in last))


def _needing(right: ClusterRight) -> set[Act]:
    """Return the acts that *right* is said to be for, on objects of its own resource."""
    plural = right.resource.partition("/")[0]
    return {
        (action, kind)
        for action, kind in ACTS
        if f"`{action}`" in right.purpose and plural == CREATED.get(action, f"{kind.lower()}s")
    }


async def _plans(account: ServiceAccount, requests: Mapping[Act, Request]) -> dict[Act, Plan | str]:
    """Return the plan of each act, or why there is none."""
    found: dict[Act, Plan | str] = {}
    ground = account.scene.ground
    async with Kubernetes.connect(account.settings, FakeContext("clusters")) as source:
        for act, request in requests.items():
            if request.action in {"resume", "unsuspend"}:
                kind, spec = (
                    ("Deployment", {"paused": True})
                    if request.action == "resume"
                    else ("CronJob", {"suspend": True})
                )
                name = request.ref.id.rpartition("/")[2]
                await ground.patch(kind, name, {"spec": spec})
            try:
                found[act] = await source.plan(request)
            except SourceError as error:
                found[act] = f"{error.message} {error.hint}"
    await ground.patch("Deployment", "web", {"spec": {"paused": False}})
    await ground.patch("CronJob", "train", {"spec": {"suspend": False}})
    return found


async def test_to_act_is_enough_and_each_verb_is_named_where_it_is_missing(
    account: ServiceAccount,
) -> None:
    requests = await _requests(account.scene)
    assert requests.keys() == ACTS
    assert {action for action, _ in ACTS} == ACTION_IDS
    await account.permit(_rules_of(VIEW, ACT_ROLE))
    for act, plan in (await _plans(account, requests)).items():
        assert isinstance(plan, Plan), (act, plan)
        assert plan.permission is Permission.ALLOWED, (act, plan.permission_note)
    view = [one for one in READING if not one.configs]
    acting = [one for one in cluster_rights() if one.level is RightLevel.ACT]
    assert set().union(*map(_needing, acting)) == ACTS
    for right, verb in _each(acting):
        await account.permit(rules_without([*view, *acting], verb, right))
        plans = await _plans(account, requests)
        denied = {
            act: plan.permission_note if isinstance(plan, Plan) else plan
            for act, plan in plans.items()
            if not isinstance(plan, Plan) or plan.permission is not Permission.ALLOWED
        }
        assert denied.keys() == _needing(right), (verb, right.full_name, denied)
        assert all(f"ask for {verb} {right.full_name}" in said for said in denied.values()), denied


async def test_without_anything_every_action_says_what_it_needs(account: ServiceAccount) -> None:
    requests = await _requests(account.scene)
    await account.permit(_rules_of(VIEW))
    plans = await _plans(account, requests)
    notes = {act: plan.permission_note for act, plan in plans.items() if isinstance(plan, Plan)}
    assert notes.keys() == ACTS
    assert all(note.startswith("ask for") for note in notes.values())


async def test_to_be_let_in_is_enough_and_each_verb_is_named_where_it_is_missing(
    account: ServiceAccount,
) -> None:
    """Without any right to act: who may open a shell need not be able to change anything else."""
    ground, pod = await scenes.some_pod(account.scene)
    needs = {action.spec.id: set(map(str, action.needs)) for action in PROGRAM_ACTIONS}
    requests = [
        Request(action=action, ref=ground.ref("Pod", pod), values=LET_IN_VALUES.get(action, {}))
        for action in needs
    ]
    view = [one for one in READING if not one.configs]
    rights = [one for one in cluster_rights() if one.level is RightLevel.EXEC]
    await account.permit(_rules_of(VIEW, EXEC_ROLE))
    for action, plan in (await _let_in(account, requests)).items():
        assert plan.permission is Permission.ALLOWED, (action, plan.permission_note)
    for right, verb in _each(rights):
        await account.permit(rules_without([*view, *rights], verb, right))
        missing = f"{verb} {right.full_name}"
        for action, plan in (await _let_in(account, requests)).items():
            wanted = Permission.DENIED if missing in needs[action] else Permission.ALLOWED
            assert plan.permission is wanted, (action, missing, plan.permission_note)
            assert (f"ask for {missing}" in plan.permission_note) is (missing in needs[action])


async def _let_in(account: ServiceAccount, requests: Sequence[Request]) -> dict[str, Plan]:
    async with Kubernetes.connect(account.settings, FakeContext("clusters")) as source:
        return {request.action: await source.plan(request) for request in requests}
