"""What pods and workloads state that they run, by the digests that the kubelet reports."""

from dataclasses import replace
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.records import Claim, Deployment, Strength
from opsboard.records.claims import IMAGE, IMAGE_TAG
from opsboard_adapters.kubernetes import structs
from opsboard_adapters.kubernetes.parse.images import PAUSED_RULE, PINNED_RULE, TAG_RULE
from opsboard_adapters.kubernetes.parse.pods import parse_pod
from opsboard_adapters.kubernetes.structs import to_struct
from opsboard_adapters.kubernetes.workload_pods import WorkloadPods
from tests.adapters.kubernetes.test_printed import PLACE

A, B, C, D = (f"sha256:{letter * 64}" for letter in "abcd")
HERE: Final = replace(PLACE, server="https://kube.example:6443")
OLD, NEW = "web-111", "web-222"
REFERENCE = "registry.example:5000/shop/web:v1"


def container(name: str = "web", image: str = REFERENCE, **more: Any) -> dict[str, Any]:
    return {"name": name, "image": image, **more}


def pod(
    name: str,
    *image_ids: str,
    template: str = NEW,
    containers: Any = (),
    kind: str = "ReplicaSet",
    init: Any = (),
    init_ids: Any = (),
    **status: Any,
) -> dict[str, Any]:
    """Return a pod whose containers have these image ids, an empty one for none yet."""
    containers = containers or [container()]
    owner = template if kind == "ReplicaSet" else "web"
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "labels": {
                "pod-template-hash": template.rpartition("-")[2],
                "controller-revision-hash": template,
                "pod-template-generation": template,
            },
            "ownerReferences": [{"kind": kind, "name": owner, "controller": True}],
        },
        "spec": {"containers": list(containers), "initContainers": list(init)},
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {"name": one["name"], "imageID": found}
                for one, found in zip(containers, image_ids, strict=False)
            ],
            "initContainerStatuses": [
                {"name": one["name"], "imageID": found}
                for one, found in zip(init, init_ids, strict=False)
            ],
            **status,
        },
    }


def workload(*containers: Any, named: str = NEW, **more: Any) -> dict[str, Any]:
    """Return a Deployment that is rolled out with two pods, whose condition names *named*."""
    status = {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}
    condition = {
        "type": "Progressing",
        "status": "True",
        "reason": "NewReplicaSetAvailable",
        "message": f'ReplicaSet "{named}" has successfully progressed.',
        "lastUpdateTime": "2026-11-20T10:00:00Z",
    }
    return {
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "generation": 2,
            "annotations": {"deprecated.daemonset.template.generation": NEW},
        },
        "spec": {
            "replicas": 2,
            "template": {"spec": {"containers": list(containers) or [container()]}},
            **more.pop("spec", {}),
        },
        "status": {
            **status,
            "updateRevision": NEW,
            "conditions": [condition],
            **more.pop("status", {}),
        },
        **more,
    }


def seen(item: dict[str, Any], *pods: dict[str, Any], kind: str = "Deployment") -> Deployment:
    """Return the record of a workload once it and its pods were seen; in any order it is one."""
    told = [_last(order, kind) for order in permutations([item, *pods])]
    assert len({(one.inputs, one.deployed_at) for one in told}) == 1
    return told[0]


def _last(order: tuple[dict[str, Any], ...], kind: str) -> Deployment:
    problems, told = WorkloadPods(HERE), list[Deployment]()
    for item in order:
        if "phase" in item["status"]:
            found = to_struct(item, structs.V1Pod)
            told += problems.pod(found, parse_pod(HERE, found))
        else:
            told.append(problems.workload(kind, to_struct(item, structs.V1Workload)))
    return told[-1]


def digests(record: Any) -> list[str]:
    return [claim.value for claim in record.inputs if claim.type == "image"]


def tags(record: Any) -> list[tuple[str, str]]:
    return [(claim.scope, claim.value) for claim in record.inputs if claim.type == "image-tag"]


def parsed(item: dict[str, Any]) -> Any:
    return parse_pod(HERE, to_struct(item, structs.V1Pod))


# --- pods ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "image_id",
    [
        f"registry.example:5000/shop/web@{A}",
        f"docker-pullable://registry.example:5000/shop/web@{A}",
        f"docker://{A}",
        f"containerd://{A}",
        A,
        f" {A.upper().replace('SHA', 'sha')} ",
    ],
)
def test_every_form_of_an_image_id_is_the_digest_in_it(image_id: str) -> None:
    record = parsed(pod("web-1", image_id))
    assert record.inputs[0] == Claim("image", "", A, "pod imageID", Strength.DIGEST)
    assert tags(record) == []


@pytest.mark.parametrize("image_id", ["", "web", "sha256:abc", f"md5:{'a' * 32}"])
def test_without_a_digest_the_tag_of_the_spec_is_stated(image_id: str) -> None:
    record = parsed(pod("web-1", image_id))
    assert digests(record) == []
    assert tags(record) == [("registry.example:5000/shop/web", "v1")]
    assert record.inputs[0].rule == TAG_RULE


def test_a_pinned_image_is_known_before_it_runs() -> None:
    spec = [container(image=f"shop/web:v1@{A}")]
    record = parsed(pod("web-1", containers=spec))
    assert record.inputs[0] == Claim("image", "", A, PINNED_RULE, Strength.DIGEST)
    assert tags(record) == []
    config = parsed(pod("web-1", f"docker://{B}", containers=spec))
    assert digests(config) == [B, A]  # the config of the image, and its manifest


def test_init_containers_and_sidecars_are_told_apart_and_ephemeral_ones_are_none() -> None:
    record = parsed(
        pod(
            "web-1",
            A,
            init=[container("migrate", "m:1"), container("proxy", "p:1", restartPolicy="Always")],
            init_ids=[B, C],
            ephemeralContainerStatuses=[{"name": "debugger", "imageID": D}],
        )
    )
    assert [(claim.value, claim.rule) for claim in record.inputs if claim.type == "image"] == [
        (A, "pod imageID"),
        (C, "imageID of a sidecar"),
        (B, "imageID of an init container"),
    ]


def test_a_pod_states_the_workload_that_made_it() -> None:
    record = parsed(pod("web-1", A))
    assert record.inputs[-1][:4] == (
        "workload",
        "https://kube.example:6443",
        "shop/Deployment/web",
        "owner reference",
    )
    assert seen(workload(), pod("web-1", A)).outputs[0].identity == record.inputs[-1].identity


def test_pods_that_are_alike_share_what_they_state() -> None:
    assert parsed(pod("web-1", A)).inputs is parsed(pod("web-2", A)).inputs


@given(st.text(max_size=120))
def test_no_text_of_a_runtime_is_an_error(text: str) -> None:
    for claim in parsed(pod("web-1", text)).inputs:
        assert claim.type in {"image", "image-tag", "workload"}


# --- workloads -----------------------------------------------------------------------------------


def test_a_workload_is_made_of_what_its_pods_run_and_not_of_a_tag() -> None:
    record = seen(workload(), pod("web-1", A), pod("web-2", A))
    assert digests(record) == [A]
    assert tags(record) == []
    assert record.deployed_at is not None


def test_never_of_what_an_old_replica_set_runs() -> None:
    item = workload(status={"replicas": 3, "updatedReplicas": 1})
    old = pod("web-0", B, template=OLD)
    assert digests(seen(item, old, pod("web-1", A))) == [A]
    assert seen(item, old, pod("web-1", A)).deployed_at is None
    pulling = seen(item, old, pod("web-1", ""))
    assert digests(pulling) == []
    assert tags(pulling) == [("registry.example:5000/shop/web", "v1")]


def test_before_the_controller_has_looked_nobody_knows_which_pods_are_new() -> None:
    item = workload(named=OLD)
    item["metadata"]["generation"] = 3
    record = seen(item, pod("web-0", B, template=OLD))
    assert digests(record) == []
    assert record.deployed_at is None


def test_a_tag_that_was_pushed_anew_is_of_two_images() -> None:
    record = seen(workload(), pod("web-1", A), pod("web-2", B))
    assert digests(record) == [A, B]
    assert tags(record) == []


def test_a_rollback_to_an_old_replica_set_is_not_as_old_as_that() -> None:
    """The controller names the ReplicaSet that was rolled out before, until it has begun."""
    begun = workload(named=NEW, status={"replicas": 2, "updatedReplicas": 0})
    before = seen(begun, pod("web-1", A), pod("web-2", A))
    assert (digests(before), before.deployed_at) == ([], None)
    stale = workload(named=NEW)  # with the strategy Recreate, it stays like that
    after = seen(stale, pod("web-3", B, template=OLD), pod("web-4", B, template=OLD))
    assert (digests(after), after.deployed_at) == ([B], None)
    done = workload(named=OLD)
    told = seen(done, pod("web-3", B, template=OLD), pod("web-4", B, template=OLD))
    assert digests(told) == [B]
    assert told.deployed_at is not None


def test_pods_whose_watch_is_behind_are_not_taken_for_the_new_ones() -> None:
    """Of a rollback, the new pods are not seen yet, and as many old ones are left."""
    begun = workload(named=OLD, status={"replicas": 2, "updatedReplicas": 1})
    v2 = [container(image="registry.example:5000/shop/web:v2")]
    assert digests(seen(begun, pod("web-1", A, containers=v2))) == []
    both = seen(begun, pod("web-1", A, containers=v2), pod("web-3", B, template=OLD))
    assert digests(both) == [B]


@pytest.mark.parametrize("kind", ["StatefulSet", "DaemonSet"])
def test_the_other_kinds_tell_their_pods_apart_by_label(kind: str) -> None:
    item = workload()
    record = seen(
        item, pod("web-0", B, template=OLD, kind=kind), pod("web-1", A, kind=kind), kind=kind
    )
    assert digests(record) == [A]
    assert record.deployed_at is None  # they keep no time of their last roll-out


def test_a_container_that_a_webhook_has_added_is_told_apart() -> None:
    both = [container(), container("istio-proxy", "istio/proxy:1")]
    record = seen(workload(), pod("web-1", A, C, containers=both))
    rules = {claim.value: claim.rule for claim in record.inputs if claim.type == "image"}
    assert rules == {A: "pod imageID", C: "imageID of a container that is not in the pod template"}


def test_a_template_that_nobody_rolls_out_is_a_candidate() -> None:
    paused = workload(spec={"paused": True}, status={"replicas": 2, "updatedReplicas": 0})
    record = seen(paused, pod("web-0", B, template=OLD), pod("web-1", B, template=OLD))
    (claim,) = [one for one in record.inputs if one.type in {IMAGE, IMAGE_TAG}]
    assert (claim.type, claim.strength, claim.rule) == (
        "image-tag",
        Strength.CANDIDATE,
        PAUSED_RULE,
    )


def test_pods_that_have_ended_are_no_part_of_it() -> None:
    ended = pod("web-0", B, phase="Failed", reason="Evicted")
    assert digests(seen(workload(), ended, pod("web-1", A), pod("web-2", A))) == [A]


def test_what_a_pod_ran_goes_with_it() -> None:
    problems = WorkloadPods(HERE)
    problems.workload("Deployment", to_struct(workload(), structs.V1Workload))
    first, second = (
        to_struct(pod(name, found), structs.V1Pod) for name, found in (("a", A), ("b", B))
    )
    told = [*problems.pod(first, parsed(pod("a", A))), *problems.pod(second, parsed(pod("b", B)))]
    assert [digests(one) for one in told] == [[A], [A, B]]
    (after,) = problems.pod(second, parsed(pod("b", B)), gone=True)
    assert digests(after) == [A]
    (left,) = problems.retain_pods("", set())
    assert digests(left) == []
    assert tags(left) == [("registry.example:5000/shop/web", "v1")]


def test_a_pod_like_the_others_says_nothing_new() -> None:
    problems = WorkloadPods(HERE)
    problems.workload("Deployment", to_struct(workload(), structs.V1Workload))
    told = [
        list(problems.pod(to_struct(item, structs.V1Pod), parsed(item)))
        for item in (pod(f"web-{number}", A) for number in range(50))
    ]
    assert [len(one) for one in told] == [1, *[0] * 49]
