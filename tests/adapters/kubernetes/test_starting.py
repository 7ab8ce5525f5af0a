"""Whether a revision will start: what stops it is found, and what does not is not called so."""

import asyncio
import json
from typing import Any

import pytest

from opsboard.adapter import Forbidden, NotFound, Severity, StartFinding, Unreachable
from opsboard.adapter.actions.start_checks import run_checks
from opsboard.adapter.start_findings import StartCheck, StartReport
from opsboard.records.claims import IMAGE, IMAGE_TAG
from opsboard.testing.fakes import EPOCH
from opsboard_adapters.kubernetes.starting.checks import replacement_of
from opsboard_adapters.kubernetes.starting.images import image_needs
from opsboard_adapters.kubernetes.starting.nodes import check_nodes, unfit_reason
from opsboard_adapters.kubernetes.starting.quota import (
    PodReplacement,
    check_limit_ranges,
    check_quotas,
)
from opsboard_adapters.kubernetes.starting.references import config_needs
from opsboard_adapters.kubernetes.starting.schema import SCHEMA_KEY, schema_findings
from tests.adapters.kubernetes.starting_worlds import (
    CORE,
    FAULTS,
    World,
    broken,
    node,
    quota,
    sound,
)

pytestmark = pytest.mark.asyncio

BAD, GOOD = 50, 200
PASSWORD = {"name": "P", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
DIGEST = f"sha256:{'a' * 64}"


async def _findings(world: World) -> list[StartFinding]:
    return [one for report in await world.reports() for one in report.findings]


async def _blockers(world: World) -> list[str]:
    return [one.text for one in await _findings(world) if one.severity is Severity.BLOCKER]


async def test_every_seeded_fault_is_caught_and_named() -> None:
    seen = set()
    for seed in range(BAD):
        expected, world = broken(seed)
        blockers = await _blockers(world)
        assert any(expected in one for one in blockers), (seed, expected, blockers)
        seen.add(expected)
    assert len(seen) == len(FAULTS)


async def test_of_the_sound_ones_none_is_blocked() -> None:
    blocked = {seed: found for seed in range(GOOD) if (found := await _blockers(sound(seed)))}
    assert not blocked


async def test_what_may_not_be_read_could_not_be_told_and_is_no_blocker() -> None:
    world = sound(1)
    hint = "ask for get on secrets"
    world.failing[f"{CORE}/secrets/db"] = Forbidden("GET secrets: 403", hint)
    found = await _findings(world)
    assert not [one for one in found if one.severity is Severity.BLOCKER]
    (unknown,) = [one for one in found if not one.known]
    assert unknown.text == f"whether Secret db is there: could not be told: {hint}"
    assert unknown.subject == "Secret shop/db"


async def test_keys_that_the_server_does_not_track_could_not_be_told() -> None:
    world = World(spec={"containers": [{"env": [PASSWORD]}]})
    world.put("serviceaccounts", "default")
    world.objects[f"{CORE}/secrets/db"] = {"metadata": {}}
    world.lists["/api/v1/nodes"] = [node("a")]
    (found,) = [one for one in await _findings(world) if not one.known]
    why = "the server keeps no names of its fields"
    assert found.text == f"whether Secret db has password: could not be told: {why}"


async def test_no_value_of_a_secret_or_config_is_in_a_finding() -> None:
    world = sound(3)
    world.objects[f"{CORE}/configmaps/settings"]["data"] = {"OTHER": "canary-value"}
    world.objects[f"{CORE}/secrets/db"]["data"] = {"password": "canary-secret"}
    assert "canary" not in json.dumps([one.model_dump_json() for one in await _findings(world)])


async def test_a_kind_that_is_not_served_could_not_be_told() -> None:

    world = sound(2)
    world.spec["runtimeClassName"] = "gvisor"
    path = "/apis/node.k8s.io/v1/runtimeclasses/gvisor"
    world.failing[path] = NotFound("the server could not find the requested resource")
    found = await _findings(world)
    assert not [one for one in found if one.severity is Severity.BLOCKER]
    assert any("RuntimeClass gvisor" in one.text and not one.known for one in found)


async def test_a_pull_secret_that_is_gone_is_a_warning() -> None:
    world = sound(4)
    del world.objects[f"{CORE}/secrets/pull"]
    found = [one for one in await _findings(world) if one.severity is Severity.WARNING]
    assert [one.text for one in found] == [
        "pull secret pull is not there: images are pulled without it"
    ]


# --- what a pod needs ----------------------------------------------------------------------------


async def test_keys_of_one_object_are_told_together_and_optional_ones_left_out() -> None:
    def of(name: str, key: str, **more: Any) -> dict[str, Any]:
        return {"valueFrom": {"secretKeyRef": {"name": name, "key": key, **more}}}

    container = {"env": [of("db", "a"), of("db", "b"), of("db", "c", optional=True), of("x", "y")]}
    found = config_needs({"initContainers": [container], "containers": []})
    assert [(str(one), sorted(one.keys)) for one in found] == [
        ("Secret db", ["a", "b"]),
        ("Secret x", ["y"]),
    ]


# --- quotas --------------------------------------------------------------------------------------

POD = {"containers": [{"name": "w", "resources": {"requests": {"cpu": "1"}}}]}


def _replacement(count: int, live: int, *, surge: bool) -> PodReplacement:
    pods = [{"spec": POD, "status": {"phase": "Running"}} for _ in range(live)]
    return PodReplacement("shop", POD, count, pods, surge)


async def _quota_blocks(roll_out: PodReplacement, hard: str, used: str, **spec: Any) -> bool:
    world = World()
    found = quota({"requests.cpu": hard}, {"requests.cpu": used}, **spec)
    world.lists[f"{CORE}/resourcequotas"] = [found]
    report = await check_quotas(world, roll_out)  # type: ignore[arg-type]
    return any(one.severity is Severity.BLOCKER for one in report.findings)


async def test_pods_that_are_replaced_give_back_what_they_take() -> None:
    assert not await _quota_blocks(_replacement(3, 3, surge=False), "3", "3")
    assert await _quota_blocks(_replacement(3, 3, surge=True), "3", "3")
    assert await _quota_blocks(_replacement(4, 3, surge=False), "3", "3")
    assert not await _quota_blocks(_replacement(3, 3, surge=True), "4", "3")


async def test_a_quota_of_another_scope_does_not_count() -> None:
    assert not await _quota_blocks(_replacement(9, 0, surge=False), "1", "0", scopes=["BestEffort"])
    assert await _quota_blocks(_replacement(9, 0, surge=False), "1", "0", scopes=["NotBestEffort"])
    selector = {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In",
                                      "values": ["high"]}]}  # fmt: skip
    assert not await _quota_blocks(
        _replacement(9, 0, surge=False), "1", "0", scopeSelector=selector
    )


async def test_the_scope_is_of_what_a_limit_range_makes_of_the_pods() -> None:
    bare = {"containers": [{"name": "w"}]}
    limits = [{"type": "Container", "defaultRequest": {"cpu": "1"}}]
    for scope, used_up, blocked in (
        ("NotBestEffort", {"requests.cpu": "1"}, True),
        ("BestEffort", {"pods": "0"}, False),
    ):
        world: Any = World()
        world.lists[f"{CORE}/resourcequotas"] = [quota(used_up, {}, scopes=[scope])]
        world.lists[f"{CORE}/limitranges"] = [{"metadata": {}, "spec": {"limits": limits}}]
        report = await check_quotas(world, PodReplacement("shop", bare, 9, [], surge=False))
        assert any(one.severity is Severity.BLOCKER for one in report.findings) is blocked


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"type": "Pod", "max": {"memory": "1Gi"}}, "a pod has no limit of memory"),
        ({"type": "Pod", "min": {"memory": "1Mi"}}, "a pod requests no memory"),
        ({"type": "Container", "max": {"cpu": "2"}, "default": {"cpu": "2"}}, ""),
        ({"type": "Pod", "min": {"cpu": "1"}}, ""),
    ],
)
async def test_what_a_limit_range_bounds_has_to_be_said(limits: dict[str, Any], said: str) -> None:
    world: Any = World()
    world.lists[f"{CORE}/limitranges"] = [{"metadata": {}, "spec": {"limits": [limits]}}]
    found = (await check_limit_ranges(world, "shop", POD)).findings
    assert [said in one.text for one in found] == ([True] if said else [])


async def test_what_the_pod_says_for_its_containers_counts_for_them() -> None:
    whole = {"containers": [{"name": "w"}], "resources": {"requests": {"cpu": "2"}}}
    for hard, blocked in (("4", False), ("3", True)):
        world: Any = World()
        world.lists[f"{CORE}/resourcequotas"] = [quota({"requests.cpu": hard}, {})]
        report = await check_quotas(world, PodReplacement("shop", whole, 2, [], surge=False))
        assert any(one.severity is Severity.BLOCKER for one in report.findings) is blocked


@pytest.mark.parametrize(
    ("replicas", "rolling", "surges"),
    [
        (2, {}, True),
        (8, {}, False),
        (2, {"maxSurge": 1, "maxUnavailable": 0}, True),
        (2, {"maxSurge": 0, "maxUnavailable": "25%"}, False),
        (2, {"maxSurge": "0%", "maxUnavailable": 1}, False),
        (0, {"maxUnavailable": 0}, False),
    ],
)
async def test_a_pod_more_is_wanted_only_where_none_may_end_first(
    replicas: int, rolling: dict[str, Any], surges: bool
) -> None:
    world = World(replicas=replicas)
    target = world.target({"strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}})
    assert (await replacement_of(target, POD)).surge is surges


# --- nodes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ({"key": "disk", "operator": "In", "values": ["ssd", "nvme"]}, True),
        ({"key": "disk", "operator": "NotIn", "values": ["ssd"]}, False),
        ({"key": "gpu", "operator": "Exists"}, False),
        ({"key": "gpu", "operator": "DoesNotExist"}, True),
        ({"key": "size", "operator": "Gt", "values": ["3"]}, True),
        ({"key": "size", "operator": "Lt", "values": ["3"]}, False),
        ({"key": "disk", "operator": "Gt", "values": ["3"]}, False),
    ],
)
async def test_node_affinity_is_as_the_scheduler_reads_it(
    expression: dict[str, Any], fits: bool
) -> None:
    terms = [{"matchExpressions": [expression]}]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    spec = {"affinity": {"nodeAffinity": required}}
    assert (unfit_reason(node("a", labels={"size": "4"}), spec) == "") is fits


async def test_pods_of_a_daemon_set_tolerate_what_the_cluster_sets_itself() -> None:
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    cordoned = node("a", unschedulable=True, taints=[taint])
    assert unfit_reason(cordoned, {}) == "cordoned"
    assert unfit_reason(cordoned, {}, everywhere=True) == ""


async def test_a_pod_that_tolerates_a_cordon_is_not_kept_away_by_it() -> None:
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    cordoned = node("a", unschedulable=True, taints=[taint])
    for toleration in ({"operator": "Exists"}, {"key": taint["key"], "operator": "Exists"}):
        assert unfit_reason(cordoned, {"tolerations": [toleration]}) == ""


async def test_where_nodes_come_from_a_pool_none_that_fits_is_no_certain_no() -> None:
    wants = {"nodeSelector": {"disk": "nvme"}}
    for labels, severity in (
        ({}, Severity.BLOCKER),
        ({"karpenter.sh/nodepool": "general"}, Severity.WARNING),
    ):
        world: Any = World()
        world.lists["/api/v1/nodes"] = [node("a", labels=labels)]
        (found,) = (await check_nodes(world, wants)).findings
        assert found.severity is severity
        assert "1 without disk=nvme" in found.text


# --- images --------------------------------------------------------------------------------------


def _spec(reference: str, policy: str = "IfNotPresent") -> dict[str, Any]:
    return {"containers": [{"name": "w", "image": reference, "imagePullPolicy": policy}]}


async def test_an_image_is_needed_by_its_digest_or_by_its_tag() -> None:
    world: Any = World()
    (by_tag,) = (await image_needs(world, _spec("r.example/shop/web:1"), ())).needs
    assert by_tag.identity == (IMAGE_TAG, "r.example/shop/web", "1")
    (pinned,) = (await image_needs(world, _spec(f"r.example/shop/web@{DIGEST}"), ())).needs
    assert (pinned.identity, pinned.place) == ((IMAGE, "", DIGEST), "r.example/shop/web")
    assert pinned.severity is Severity.BLOCKER
    assert not (await image_needs(world, _spec("r.example/shop/web:1", "Never"), ())).needs


async def test_a_pod_that_lives_tells_what_its_tag_led_to() -> None:
    world: Any = World()
    spec = _spec("r.example/shop/web:1")
    status = {"containerStatuses": [{"name": "w", "imageID": f"r.example/shop/web@{DIGEST}"}]}
    (need,) = (await image_needs(world, spec, [{"spec": spec, "status": status}])).needs
    assert need.pinned == DIGEST


async def test_where_all_nodes_have_a_copy_a_lost_image_is_a_warning() -> None:
    world = World()
    holding = node("a")
    holding["status"]["images"] = [{"names": ["r.example/shop/web:1"]}]
    world.lists["/api/v1/nodes"] = [holding]
    api: Any = world
    (need,) = (await image_needs(api, _spec("r.example/shop/web:1"), ())).needs
    assert need.severity is Severity.WARNING
    assert need.besides == "all 1 nodes that could take it have a copy"
    (need,) = (await image_needs(api, _spec("r.example/shop/web:1", "Always"), ())).needs
    assert need.severity is Severity.BLOCKER


# --- the schema, and how checks are run ----------------------------------------------------------


async def test_another_schema_revision_is_a_warning() -> None:
    def of(revision: str) -> dict[str, Any]:
        return {"metadata": {"annotations": {SCHEMA_KEY: revision}}} if revision else {}

    assert not schema_findings(of(""), of(""))
    assert schema_findings(of("7"), of("7"))[0].severity is Severity.NOTE
    for before, after in (("8", "7"), ("8", ""), ("", "7")):
        (found,) = schema_findings(of(before), of(after))
        assert found.severity is Severity.WARNING


async def test_a_check_that_fails_or_takes_long_could_not_be_told() -> None:

    async def fails() -> StartReport:
        raise Unreachable("no route to it")

    async def faulty() -> StartReport:
        raise KeyError("x")

    async def hangs() -> StartReport:
        await asyncio.Event().wait()
        raise AssertionError

    checks = [StartCheck("a", fails), StartCheck("b", faulty), StartCheck("c", hangs, 0.05)]
    found = [
        one async for report in run_checks(checks, "k8s", lambda: EPOCH) for one in report.findings
    ]
    assert sorted(one.text for one in found) == [
        "a: could not be told: no route to it",
        "b: could not be told: KeyError: 'x'",
        "c: could not be told: no answer within 0.05 s",
    ]
    assert {(one.source, one.at, one.known) for one in found} == {("k8s", EPOCH, False)}
