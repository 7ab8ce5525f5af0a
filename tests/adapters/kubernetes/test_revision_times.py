"""Since when StatefulSets and DaemonSets run what they run: told where their revision tells it."""

import asyncio
from contextlib import suppress

import pytest

from opsboard.records import Deployment, Ref, Status
from opsboard.system.async_cleanup import first_of
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes.parse.workloads import TEMPLATE_GENERATION_ANNOTATION
from opsboard_adapters.kubernetes.revision_times import RevisionTimes, places_of
from opsboard_adapters.kubernetes.structs import V1RevisionMetadata, to_struct
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.workload_setup import (
    JSON_PATCH,
    Ground,
    source_of,
    template,
    workload,
)
from tests.patience import PATIENCE

FIRST, LATER = "2026-11-20T10:00:00Z", "2026-11-22T10:00:00Z"


def revision(kind: str, name: str, *numbered: str, generation: str = "") -> V1RevisionMetadata:
    annotations = {"deprecated.daemonset.template.generation": generation} if generation else {}
    return to_struct(
        {
            "metadata": {
                "name": name,
                "namespace": "shop",
                "creationTimestamp": FIRST,
                "annotations": annotations,
                "ownerReferences": [{"kind": kind, "name": "web", "controller": True}],
                "managedFields": [
                    {"manager": "m", "time": at, "fieldsV1": {"f:revision": {}}} for at in numbered
                ],
            }
        },
        V1RevisionMetadata,
    )


@pytest.mark.parametrize(
    ("item", "key", "since"),
    [
        (revision("StatefulSet", "web-abc", FIRST), ("StatefulSet/web", "abc"), FIRST),
        (revision("DaemonSet", "web-abc", FIRST, generation="4"), ("DaemonSet/web", "4"), FIRST),
        # it was used again by a rollback: it has another number since
        (revision("StatefulSet", "web-abc", LATER), ("StatefulSet/web", "abc"), ""),
        (revision("StatefulSet", "web-abc", FIRST, LATER), ("StatefulSet/web", "abc"), ""),
        # the server does not keep who has set it
        (revision("StatefulSet", "web-abc"), ("StatefulSet/web", "abc"), ""),
        (revision("Rollout", "web-abc", FIRST), ("Rollout/web", "abc"), ""),
    ],
)
async def test_the_creation_of_a_revision_counts_where_it_was_never_used_again(
    item: V1RevisionMetadata, key: tuple[str, str], since: str
) -> None:
    times = RevisionTimes()
    assert times.since("shop", *key, 1) == ""
    assert await times.next_wanted() == [("shop", *key)]
    times.note(item)
    assert times.since("shop", *key, 1) == since
    # the spec was changed: it is asked again, since a rollback may have used it again
    assert times.since("shop", *key, 2) == since
    assert await times.next_wanted() == [("shop", *key)]


async def test_what_was_known_of_a_revision_is_not_known_after_a_rollback_to_it() -> None:
    times = RevisionTimes()
    times.since("shop", "StatefulSet/web", "abc", 1)
    times.note(revision("StatefulSet", "web-abc", FIRST))
    assert times.since("shop", "StatefulSet/web", "abc", 1) == FIRST
    assert times.since("shop", "StatefulSet/web", "def", 2) == ""
    assert times.since("shop", "StatefulSet/web", "abc", 3) == ""
    times.note(revision("StatefulSet", "web-abc", LATER))
    assert times.since("shop", "StatefulSet/web", "abc", 3) == ""


def test_without_a_number_no_revision_is_taken_for_the_present_one() -> None:
    times = RevisionTimes()
    times.note(revision("DaemonSet", "web-abc", FIRST))
    assert times.since("shop", "DaemonSet/web", "", 1) == ""
    times.note(revision("DaemonSet", "web-abc", FIRST))
    assert times.since("shop", "DaemonSet/web", "", 2) == ""


async def test_what_no_answer_had_is_asked_for_again() -> None:
    times, key = RevisionTimes(), ("shop", "StatefulSet/web", "abc")
    times.since(*key, 1)
    wanted = await times.next_wanted()
    assert wanted == [key]
    assert times.is_lacking(wanted)
    times.ask_again(wanted)
    assert await times.next_wanted() == [key]
    times.note(revision("StatefulSet", "web-abc", LATER))
    assert not times.is_lacking(wanted), "there is nothing that it could say"
    times.since("shop", "StatefulSet/web", "def", 2)
    assert not times.is_lacking([key]), "nobody asks for it any more"


async def test_what_takes_longer_is_ended_by_what_comes_first() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def short() -> None:
        await began.wait()

    await first_of(long(), short())
    await asyncio.wait_for(ended.wait(), PATIENCE)


def test_all_namespaces_are_listed_at_once_where_they_are_many_and_none_is_configured() -> None:
    wanted = [(f"n{number}", "StatefulSet/web", "1") for number in range(5)]
    assert places_of(wanted, ()) == [""]
    assert places_of(wanted, ("n0",)) == [f"n{number}" for number in range(5)]
    assert places_of(wanted[:2], ()) == ["n0", "n1"]


# --- on clusters ---------------------------------------------------------------------------------


def _found(recorder: Recorder, ref: Ref) -> Deployment | None:
    record = recorder.records.get(ref)
    assert record is None or isinstance(record, Deployment)
    return record


async def _created(ground: Ground, record: Deployment) -> str:
    """Return when the revision was created that *record* is of."""
    for one in await ground.list("ControllerRevision"):
        meta = one["metadata"]
        generation = (meta.get("annotations") or {}).get(TEMPLATE_GENERATION_ANNOTATION)
        if meta["name"] == f"{record.name}-{record.revision}" or generation == record.revision:
            return str(meta["creationTimestamp"])
    raise AssertionError(record.revision)


async def test_it_is_told_until_a_rollback(scene: Scene) -> None:
    ground = scene.ground
    if not scene.real:
        ground = Ground(scene.settings, ground.client, ground.cluster, "payments")
        ref = ground.ref("StatefulSet", "ledger")
        async with source_of(ground) as source, recording(source) as recorder:
            await recorder.until(lambda: bool((one := _found(recorder, ref)) and one.deployed_at))
        return
    await ground.create("StatefulSet", workload("StatefulSet"))
    agent = workload("DaemonSet")
    agent["metadata"]["name"] = "agent"
    await ground.create("DaemonSet", agent)
    refs = [ground.ref("StatefulSet", "web"), ground.ref("DaemonSet", "agent")]
    async with source_of(ground) as source, recording(source) as recorder:
        before = ["", ""]
        for number in (1, 2):
            await _release(ground, number)
            found = await _until_other(scene, recorder, refs, before, told=True)
            for one in found:
                assert one.deployed_at is not None
                assert f"{one.deployed_at:%Y-%m-%dT%H:%M:%SZ}" == await _created(ground, one)
            before = [one.revision for one in found]
        await _release(ground, 1)
        await _until_other(scene, recorder, refs, before, told=False)


async def _until_other(
    scene: Scene, recorder: Recorder, refs: list[Ref], before: list[str], *, told: bool
) -> list[Deployment]:
    """Let pods run until all *refs* have other revisions than *before*, and are rolled out."""

    def done() -> bool:
        found = [_found(recorder, ref) for ref in refs]
        return all(
            one
            and one.revision not in {"", was}
            and _is_through(one)
            and bool(one.deployed_at) == told
            for one, was in zip(found, before, strict=True)
        )

    for _ in range(100):
        await scene.pass_time(1)
        with suppress(TimeoutError):
            await recorder.until(done, 0.3)
            return [one for ref in refs if (one := _found(recorder, ref))]
    raise AssertionError([_found(recorder, ref) for ref in refs])


def _is_through(record: Deployment) -> bool:
    return record.status is Status.OK and record.updated == record.desired


async def _release(ground: Ground, number: int) -> None:
    body = [{"op": "replace", "path": "/spec/template", "value": template(number)}]
    for kind, name in (("StatefulSet", "web"), ("DaemonSet", "agent")):
        await ground.patch(kind, name, body, JSON_PATCH)
