"""Rolling back: on the demo's clusters and on a real one."""

from pathlib import Path

import pytest

from opsboard.adapter import (
    Permission,
    Plan,
    Request,
    Severity,
    Source,
    SourceError,
    Unsupported,
    Verdict,
)
from opsboard.records import Deployment
from opsboard_adapters.kubernetes.actions.pod_template import template_digest, without_generated
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from opsboard_adapters.kubernetes.protocol import RefusedError
from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.scenes import KINDS, Scene
from tests.adapters.kubernetes.workload_setup import (
    JSON_PATCH,
    execute,
    observed,
    plan,
    release,
    revisions,
    template,
    until,
    verdict,
    workload,
)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_revision_comes_back_and_is_followed(scene: Scene, kind: str) -> None:
    ground, name = await scene.workload(kind)
    before = await revisions(ground, kind, name)
    to, *_, now = before
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref(kind, name), to=str(to))
        assert not planned.blockers
        assert planned.permission is Permission.ALLOWED
        assert planned.dry_run == "accepted by the server"
        assert (planned.before, planned.after) == (f"revision {now}", f"revision {to}")
        assert "images" in {change.group for change in planned.changes}
        receipt = await execute(source, planned)
        item = await ground.get(kind, name)
        assert template_digest(item["spec"]["template"]) == template_digest(before[to])
        assert item["metadata"]["annotations"][PLAN_ANNOTATION] == planned.id
        ended = await verdict(source, planned, receipt)
        assert ended.verdict is Verdict.SUCCEEDED, ended
    after = await revisions(ground, kind, name)
    assert list(after) == [*list(before)[1:], now + 1], "it has the number of a new revision"
    assert after[now + 1] == before[to]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_revision_is_known_again_after_it_came_back(scene: Scene, kind: str) -> None:
    """What comes back has a new number: by it alone, nobody would know what was left, and why."""
    ground, name = await scene.workload(kind)
    to, *_, now = await revisions(ground, kind, name)
    ref = ground.ref(kind, name)
    async with scene.source() as source:
        back = await plan(source, "rollback", ref, to=str(to))
        assert (back.origin[0], back.destination[0]) == (str(now), str(to))
        assert set(back.origin).isdisjoint(back.destination)
        item = await ground.get(kind, name)
        assert back.target_id == item["metadata"]["uid"]
        record = (await source.detail(ref)).record
        assert isinstance(record, Deployment)
        if kind != "DaemonSet":  # whose objects tell a number of their own
            assert record.revision in back.origin
        ended = await verdict(source, back, await execute(source, back))
        assert ended.verdict is Verdict.SUCCEEDED, ended
        forth = await plan(source, "rollback", ref, to=str(now))
    assert set(forth.origin) & set(back.destination)
    assert set(forth.destination) & set(back.origin)


async def test_by_default_it_is_the_last_healthy_one(scene: Scene) -> None:
    ground, name = await scene.stuck()
    *_, healthy, bad = await revisions(ground, "Deployment", name)
    ref = ground.ref("Deployment", name)
    async with scene.source() as source:
        form = await source.form(Request(action="rollback", ref=ref))
        (to,) = form.inputs
        assert to.default == str(healthy)
        notes = {option.value: option.note for option in to.options}
        assert "was healthy" in notes[str(healthy)]
        assert notes[str(bad)].startswith("current")
        planned = await plan(source, "rollback", ref)
        assert planned.after == f"revision {healthy}"
        assert any("ends the roll-out that is in progress" in one.text for one in planned.findings)
        ended = await verdict(source, planned, await execute(source, planned))
    assert ended.verdict is Verdict.SUCCEEDED, ended


async def test_one_that_never_served_is_not_the_default(scene: Scene) -> None:
    ground, name = await scene.stuck()
    *_, healthy, bad = await revisions(ground, "Deployment", name)
    worse = {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": scenes.BAD}
    await ground.patch("Deployment", name, [{**worse, "value": f"{scenes.BAD}2"}], JSON_PATCH)
    await until(lambda: revisions(ground, "Deployment", name), lambda seen: bad + 1 in seen)
    ref = ground.ref("Deployment", name)
    async with scene.source() as source:
        (to,) = (await source.form(Request(action="rollback", ref=ref))).inputs
        assert to.default == str(healthy)
        planned = await plan(source, "rollback", ref, to=str(bad))
    warnings = [one.text for one in planned.findings if one.severity is Severity.WARNING]
    assert set(planned.about_destination) <= set(warnings)
    assert any("never became healthy" in text for text in warnings)


async def test_a_roll_out_that_cannot_end_is_followed_to_its_reason(scene: Scene) -> None:
    ground, name = await scene.stuck()
    *_, bad = await revisions(ground, "Deployment", name)
    deadline = {"spec": {"progressDeadlineSeconds": 3}}
    if scene.real:
        await ground.patch("Deployment", name, deadline)
    async with scene.source() as source:
        ref = ground.ref("Deployment", name)
        back = await plan(source, "rollback", ref)
        assert (await verdict(source, back, await execute(source, back))).verdict
        forth = await plan(source, "rollback", ref, to=str(bad))
        ended = await verdict(source, forth, await execute(source, forth))
    assert ended.verdict is Verdict.FAILED
    assert "timed out progressing" in ended.message
    assert ("ImagePullBackOff" if scene.real else "CrashLoopBackOff") in ended.message


async def test_who_may_not_is_told_before(scene: Scene, tmp_path: Path) -> None:
    ground, name = await scene.workload("Deployment")
    to, *_, now = await revisions(ground, "Deployment", name)
    viewer = await scenes.as_viewer(scene, tmp_path)
    async with scene.source(viewer) as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to=str(to))
        assert planned.permission is Permission.DENIED
        assert "ask for patch deployments.apps" in planned.permission_note
        assert planned.blockers
        with pytest.raises(RefusedError, match="forbidden") as refused:
            await execute(source, planned)
        assert refused.value.code == 403
    assert max(await revisions(ground, "Deployment", name)) == now


async def test_what_may_not_be_listed_is_told(scene: Scene, tmp_path: Path) -> None:
    if not scene.real:
        pytest.skip("who may read in the demo may read everything")
    ground, name = await scene.workload("Deployment")
    viewer = await scenes.as_viewer(scene, tmp_path)
    async with scene.source(viewer) as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to="1")
    told = [one.text for one in planned.findings]
    assert "whether horizontalpodautoscalers are concerned is not known: may not list them" in told
    assert "whether poddisruptionbudgets are concerned is not known: may not list them" in told


async def test_a_paused_one_is_refused(scene: Scene) -> None:
    ground, name = await scene.workload("Deployment")
    to = next(iter(await revisions(ground, "Deployment", name)))
    await ground.patch("Deployment", name, {"spec": {"paused": True}})
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to=str(to))
    assert planned.blockers == ("it is paused: resume it first",)


async def test_a_revision_that_is_not_there_is_no_choice(scene: Scene) -> None:
    ground, name = await scene.workload("Deployment")
    async with scene.source() as source:
        with pytest.raises(SourceError, match="is one of"):
            await plan(source, "rollback", ground.ref("Deployment", name), to="9999")


async def test_another_who_changes_it_while_it_is_followed_is_told(scene: Scene) -> None:
    ground, name = await scene.workload("Deployment")
    to, *_, now = before = await revisions(ground, "Deployment", name)
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to=str(to))
        receipt = await execute(source, planned)
        await ground.template("Deployment", name, without_generated(before[now]))
        ended = await verdict(source, planned, receipt)
    assert ended.verdict is Verdict.FAILED
    assert "changed again by somebody else" in ended.message


async def test_a_plan_holds_no_secret(scene: Scene) -> None:
    if not scene.real:
        pytest.skip("the demo's templates have no secrets")
    ground, name = await scene.workload("Deployment")
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to="2")
    changes = {(one.group, one.name): (one.before, one.after) for one in planned.changes}
    assert changes["env", "main API_TOKEN"] == ("(not shown)", None)
    assert "canary" not in planned.model_dump_json()


async def test_what_the_server_would_refuse_is_a_blocker(scene: Scene) -> None:
    if not scene.real:
        pytest.skip("the demo has no admission")
    ground, name = await scene.workload("Deployment")
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"]}
    root = "/apis/admissionregistration.k8s.io/v1"
    policy = {
        "metadata": {"name": ground.namespace},
        "spec": {
            "matchConstraints": {"resourceRules": [{**rule, "operations": ["UPDATE"]}]},
            "validations": [{"expression": "false", "message": "frozen for the audit"}],
        },
    }
    chosen = {"matchLabels": {"kubernetes.io/metadata.name": ground.namespace}}
    binding = {
        "metadata": {"name": ground.namespace},
        "spec": {
            "policyName": ground.namespace,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": chosen},
        },
    }
    policies = f"{root}/validatingadmissionpolicies"
    bindings = f"{root}/validatingadmissionpolicybindings"
    try:
        for path, body in ((policies, policy), (bindings, binding)):
            assert (await ground.client.post(path, json=body)).status_code == 201
        async with scene.source() as source:
            ref = ground.ref("Deployment", name)
            planned = await until(
                lambda: plan(source, "rollback", ref, to="1"), lambda seen: seen.blockers
            )
    finally:
        for path in (policies, bindings):
            await ground.client.delete(f"{path}/{ground.namespace}")
    assert "frozen for the audit" in planned.blockers[0]
    assert "frozen for the audit" in planned.dry_run


async def test_without_another_revision_there_is_nothing_to_plan(scene: Scene) -> None:
    ground = scene.ground
    if not scene.real:
        pytest.skip("every workload of the demo has a past")
    await ground.create("Deployment", workload("Deployment"))
    await observed(ground, "Deployment", [1])
    async with scene.source() as source:
        with pytest.raises(Unsupported, match="has no other revision"):
            await plan(source, "rollback", ground.ref("Deployment", "web"))


async def start_blockers(source: Source, planned: Plan) -> list[str]:
    """Return why it will not start."""
    found = [one async for report in source.start_checks(planned) for one in report.findings]
    return [one.text for one in found if one.severity is Severity.BLOCKER]


async def test_what_its_pods_would_not_start_without_is_told(scene: Scene) -> None:
    if not scene.real:
        pytest.skip("the demo's templates read no ConfigMap")
    ground, name = await scene.workload("Deployment")
    ref = ground.ref("Deployment", name)
    gone = "Secret db is needed by it, and not there"
    secrets = f"api/v1/namespaces/{ground.namespace}/secrets"
    async with scene.source() as source:
        planned = await plan(source, "rollback", ref, to="2")
        assert gone in await start_blockers(source, planned)
        told = [one.text for one in planned.findings]
        assert "not rolled back, but read as it is now: Secret db" in told
        made = {"metadata": {"name": "db"}, "stringData": {"password": "canary-3"}}
        assert (await ground.client.post(secrets, json=made)).status_code == 201
        planned = await plan(source, "rollback", ref, to="2")
        assert gone not in await start_blockers(source, planned)
    assert "canary" not in planned.model_dump_json()


async def test_a_stateful_set_goes_back_out_of_a_bad_roll_out(scene: Scene) -> None:
    if not scene.real:
        pytest.skip("no StatefulSet of the demo is stuck")
    ground, name = await scene.workload("StatefulSet")
    await release(ground, "StatefulSet", template(4, image=scenes.BAD), "bad one")
    await observed(ground, "StatefulSet", [1, 2, 3, 4])

    async def images() -> set[str]:
        await scene.pass_time(1)
        return {one["spec"]["containers"][0]["image"] for one in await ground.list("Pod")}

    await until(images, lambda seen: scenes.BAD in seen)
    ref = ground.ref("StatefulSet", name)
    async with scene.source() as source:
        planned = await plan(source, "rollback", ref)
        assert (planned.before, planned.after) == ("revision 4", "revision 3")
        ended = await verdict(source, planned, await execute(source, planned))
    assert ended.verdict is Verdict.SUCCEEDED, ended
    assert scenes.BAD not in await images()
