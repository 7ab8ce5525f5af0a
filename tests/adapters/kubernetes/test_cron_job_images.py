"""What a CronJob runs: the digest that its last Job ran, else the tag in its template."""

from itertools import permutations
from typing import Any

from opsboard.records import CronJob, Job
from opsboard.testing.recorder import recording
from opsboard_adapters.kubernetes.batch_structs import V1CronJob, V1Job
from opsboard_adapters.kubernetes.cron_job_pods import CronJobPods
from opsboard_adapters.kubernetes.parse.batch import parse_job
from opsboard_adapters.kubernetes.parse.images import pod_images
from opsboard_adapters.kubernetes.structs import V1Pod, to_struct
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.test_pod_images import HERE, A, B, digests, pod, tags
from tests.adapters.kubernetes.workload_setup import STRATEGIC_PATCH, Ground, source_of, until

IMAGE = "registry.example:5000/shop/train:v1"


def cron_job(image: str = IMAGE, name: str = "train", **container: Any) -> V1CronJob:
    spec = {"containers": [{"name": "web", "image": image, **container}]}
    body = {
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": spec}}}},
    }
    return to_struct(body, V1CronJob)


def job(name: str, created: str, owner: str = "train") -> Job:
    body = {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "creationTimestamp": created,
            "ownerReferences": [{"kind": "CronJob", "name": owner, "controller": True}],
        }
    }
    return parse_job(HERE, to_struct(body, V1Job))


def run(known: CronJobPods, of: str, digest: str, image: str = IMAGE, name: str = "") -> None:
    """Note a pod of the Job *of* that has ended, or with ``""`` as its digest has not begun."""
    item = pod("x", digest, containers=[{"name": "web", "image": image}], phase="Succeeded")
    known.note_pod("shop", of, name or f"{of}-1", pod_images(to_struct(item, V1Pod)))


OLDER, NEWER = job("train-1", "2026-11-26T00:00:00Z"), job("train-2", "2026-11-27T00:00:00Z")


def test_in_any_order_it_is_what_the_last_job_ran() -> None:
    steps: list[Any] = [
        lambda known: [known.record(HERE, cron_job())],
        lambda known: known.note_job(OLDER),
        lambda known: known.note_job(NEWER),
        lambda known: run(known, "train-1", A),
        lambda known: run(known, "train-2", B),
    ]
    for order in permutations(steps):
        known, told = CronJobPods(), list[CronJob]()
        for step in order:
            told += step(known) or ()
            told += known.changed(HERE)
        assert digests(told[-1]) == [B]
        assert tags(told[-1]) == []


def test_until_the_new_job_has_begun_it_is_what_the_one_before_ran() -> None:
    known = CronJobPods()
    for one in (OLDER, NEWER):
        known.note_job(one)
    run(known, "train-1", A)
    run(known, "train-2", "")
    assert digests(known.record(HERE, cron_job())) == [A]


def test_a_template_that_was_changed_since_is_its_tag() -> None:
    known = CronJobPods()
    known.note_job(OLDER)
    run(known, "train-1", A)
    later = known.record(HERE, cron_job(IMAGE.replace("v1", "v2")))
    assert digests(later) == []
    assert tags(later) == [("registry.example:5000/shop/train", "v2")]


def test_a_job_of_another_owner_that_is_only_called_like_one_says_nothing() -> None:
    known = CronJobPods()
    run(known, "train-1", A)
    known.note_job(job("train-1", "2026-11-26T00:00:00Z", owner="other"))
    assert digests(known.record(HERE, cron_job())) == []
    assert digests(known.record(HERE, cron_job(name="other"))) == [A]


def test_what_is_gone_says_nothing_any_more() -> None:
    known = CronJobPods()
    known.record(HERE, cron_job())
    for one in (OLDER, NEWER):
        known.note_job(one)
    run(known, "train-1", A)
    run(known, "train-2", B)
    assert [digests(one) for one in known.changed(HERE)] == [[B]]
    known.note_pod("shop", "train-2", "train-2-1", None)
    assert [digests(one) for one in known.changed(HERE)] == [[A]]
    known.retain("Job", "", {("shop", "train-2")})
    assert [digests(one) for one in known.changed(HERE)] == [[]]
    known.retain("Pod", "shop", set())
    known.retain("CronJob", "shop", set())
    assert not list(known.changed(HERE))


def test_it_states_the_config_and_the_model_that_it_reads() -> None:
    item = cron_job(
        envFrom=[{"configMapRef": {"name": "limits"}}],
        env=[{"name": "MODEL_URI", "value": "models:/fraud/5"}],
    )
    record = CronJobPods().record(HERE, item)
    found = {one.type: one.value for one in record.inputs}
    assert found["resource"] == "shop/ConfigMap/limits"
    assert found["model-version"] == "fraud/5"


# --- on clusters ---------------------------------------------------------------------------------


async def test_its_record_has_the_digest_of_its_last_run(scene: Scene) -> None:
    ground, name = await scene.cron_job()
    if scene.real:
        await _run_once(ground, name)
    ref = ground.ref("CronJob", name)
    async with source_of(ground) as source, recording(source) as recorder:
        await recorder.until(
            lambda: ref in recorder.records and bool(digests(recorder.records[ref]))
        )
        assert tags(recorder.records[ref]) == []


async def _run_once(ground: Ground, name: str) -> None:
    """Make a Job as the controller does, and let its pod end."""
    owner = await ground.get("CronJob", name)
    body = {
        "metadata": {
            "name": f"{name}-1",
            "ownerReferences": [
                {"apiVersion": "batch/v1", "kind": "CronJob", "name": name, "controller": True,
                 "uid": owner["metadata"]["uid"]}
            ],
        },
        "spec": owner["spec"]["jobTemplate"]["spec"],
    }  # fmt: skip
    await ground.create("Job", body)
    (made,) = await until(lambda: ground.list("Pod"), lambda seen: len(seen) == 1)
    container = made["spec"]["containers"][0]
    state = {"terminated": {"exitCode": 0, "reason": "Completed"}}
    told = {"name": container["name"], "image": "x", "imageID": f"registry.example/x@{A}"}
    status = {
        "phase": "Succeeded",
        "containerStatuses": [{**told, "ready": False, "restartCount": 0, "state": state}],
    }
    answer = await ground.client.patch(
        f"{ground.path('Pod', made['metadata']['name'])}/status",
        json={"status": status},
        headers={"Content-Type": STRATEGIC_PATCH},
    )
    assert answer.status_code == 200, answer.text
