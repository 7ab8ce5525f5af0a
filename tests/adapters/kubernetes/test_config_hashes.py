"""With ``config_changes = "hash"`` values are read, and only keyed hashes of them are kept."""

import json
import logging
import stat
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import HostEnviron
from opsboard.demo.world.configs import SECRET_VALUE
from opsboard.history.change_summary import summarize
from opsboard.records import Kind, Ref, Status
from opsboard.records.codec import to_plain
from opsboard.testing.fakes import FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.kubernetes import Kubernetes
from opsboard_adapters.kubernetes.config_hashes import HashKey, key_file, load_hash_key
from opsboard_adapters.kubernetes.parse.configs import (
    V1ConfigObject,
    V1SecretObject,
    parse_config_map,
    parse_secret,
)
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import to_struct
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, event, page, stream
from tests.adapters.kubernetes.test_configs import MAPS, SECRETS, config, found
from tests.adapters.kubernetes.test_pod_images import HERE
from tests.adapters.kubernetes.workload_setup import Ground, source_of

CANARY = "canary-of-a-value"
ENCODED = b64encode(CANARY.encode()).decode()
KEYED = replace(HERE, hash_key=HashKey(bytes(32)))


def host(folder: Path) -> HostEnviron:
    return HostEnviron(env={"XDG_STATE_HOME": str(folder)}, home=folder, cwd=folder)


def hashed(kind: str = "ConfigMap", key: bytes = bytes(32), **content: Any) -> dict[str, str]:
    """Return the hashes of an object of that content, by entry."""
    body = {**config(), **content}
    here = replace(HERE, hash_key=HashKey(key))
    if kind == "Secret":
        return dict(parse_secret(here, to_struct(body, V1SecretObject)).hashes)
    return dict(parse_config_map(here, to_struct(body, V1ConfigObject)).hashes)


# --- hashes --------------------------------------------------------------------------------------


def test_equal_values_have_equal_hashes_in_one_place_alone() -> None:
    one = hashed(data={"A": "x", "B": "x"})
    assert one == hashed(data={"B": "x", "A": "x"})
    assert one["A"] != one["B"]
    assert one["A"] != hashed(data={"A": "y"})["A"]
    assert one["A"] != hashed("Secret", data={"A": b64encode(b"x").decode()})["A"]
    assert one["A"] != hashed(key=b"k" * 32, data={"A": "x"})["A"]
    other = hashed(data={"A": "x"}, metadata={**config()["metadata"], "name": "other"})
    assert one["A"] != other["A"]


def test_binary_data_is_hashed_too_and_the_same_bytes_are_the_same_value() -> None:
    assert hashed(binaryData={"A": ENCODED}) == hashed(data={"A": CANARY})
    assert hashed(binaryData={"A": "/w=="})["A"] != hashed(binaryData={"A": "/g=="})["A"]
    assert set(hashed(data={"A": "1"}, binaryData={"B": "not base64"})) == {"A", "B"}
    assert hashed(data=None, binaryData=None) == {}


def test_entries_are_told_by_the_content_where_no_manager_is() -> None:
    body = {"metadata": {"name": "web", "namespace": "shop"}, "data": {"A": "1"}}
    record = parse_config_map(KEYED, to_struct(body, V1ConfigObject))
    assert (record.keys, record.manager, record.message) == (("A",), "", "1 entry")
    later = to_struct({**body, "data": {"A": "2"}}, V1ConfigObject)
    assert summarize(record, parse_config_map(KEYED, later)).text == "1 key changed: A"


def test_a_value_is_in_no_text_that_is_made_of_an_object_or_its_record() -> None:
    body = {**config(), "data": {"A": CANARY}, "binaryData": {"B": ENCODED}}
    item = to_struct(body, V1ConfigObject)
    record = parse_config_map(KEYED, item)
    said = f"{item!r} {item} {record!r} {json.dumps(to_plain(record))} {KEYED!r}"
    assert CANARY not in said
    assert ENCODED not in said
    assert repr(bytes(32)) not in said


# --- the key -------------------------------------------------------------------------------------


def test_the_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    first = load_hash_key(host(tmp_path))
    file = key_file(host(tmp_path))
    assert (first.problem, len(first.secret)) == ("", 32)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    file.chmod(0o644)
    assert load_hash_key(host(tmp_path)) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_hash_key(host(tmp_path / "other")).secret != first.secret


@pytest.mark.parametrize("damage", ["short", "long", "folder", "link", "no folder"])
def test_a_key_that_cannot_be_kept_is_for_one_run_and_said(tmp_path: Path, damage: str) -> None:
    file = key_file(host(tmp_path))
    if damage == "no folder":
        tmp_path.joinpath("opsboard").write_text("")
    else:
        file.parent.mkdir(parents=True)
        if damage in {"short", "long"}:
            file.write_bytes(b"x" * (5 if damage == "short" else 99))
        elif damage == "folder":
            file.mkdir()
        else:
            file.symlink_to(tmp_path / "elsewhere")
    made = load_hash_key(host(tmp_path))
    assert len(made.secret) == 32
    assert str(file) in made.problem
    assert made.hint
    assert not (tmp_path / "elsewhere").exists()


# --- on clusters ---------------------------------------------------------------------------------


def _entry(recorder: Recorder, id_: str, key: str) -> str:
    record = found(recorder).get(id_)
    return dict(record.hashes).get(key, "") if record else ""


async def test_they_are_read_whole_in_small_pages_and_what_is_odd_is_skipped_without_its_value(
    cluster: ScriptedCluster, settings: KubernetesSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    large = {**config("large"), "data": {"A": CANARY * 60_000}}
    odd = {**config("odd"), "data": {"A": [CANARY]}}
    cluster.script[f"list {MAPS}"] = [page(large, more="2"), page(odd, config("last"))]
    secret = {**config("login"), "data": {"P": ENCODED}}
    cluster.script[f"list {SECRETS}"] = [page(secret)]
    later = {**secret, "data": {"P": b64encode(b"new").decode()}}
    cluster.script[f"watch {SECRETS}"] = [stream(event("MODIFIED", later), ends=False)]
    hashing = settings.model_copy(update={"config_changes": "hash"})
    async with (
        Kubernetes.connect(hashing, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        await recorder.until(
            lambda: (
                "test/shop/ConfigMap/last" in found(recorder)
                and any("shop/odd" in repr(one) for one in recorder.changes)
            )
        )
        assert len(found(recorder)["test/shop/ConfigMap/large"].hashes[0][1]) == 21
        assert {one["limit"] for one in cluster.asked[f"list {MAPS}"]} == {"12"}
        told = f"{recorder.changes!r} {recorder.troubles!r} {caplog.text}"
    assert CANARY not in told
    assert ENCODED not in told


async def test_five_thousand_in_small_pages_are_no_list_without_an_end(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    pages = [page(config(f"c{n}"), more=f"{n + 1}") for n in range(250)]
    cluster.script[f"list {MAPS}"] = [*pages, page(config("last"))]
    hashing = settings.model_copy(update={"config_changes": "hash"})
    async with (
        Kubernetes.connect(hashing, FakeContext("clusters")) as source,
        recording(source) as recorder,
    ):
        await recorder.until(lambda: len(found(recorder)) == 251)


async def _place(scene: Scene) -> tuple[Ground, str, str, str, str]:
    """Return where a ConfigMap and a Secret with the canary are, their names, and entries."""
    if not scene.real:
        ground = Ground(scene.settings, scene.ground.client, scene.ground.cluster, "payments")
        return ground, "payments-config", "TIMEOUT_MS", "payments-credentials", "PASSWORD"
    ground = scene.ground
    root = f"/api/v1/namespaces/{ground.namespace}"
    for plural, body in (
        ("configmaps", {"metadata": {"name": "web"}, "data": {"A": CANARY, "B": "1"}}),
        ("secrets", {"metadata": {"name": "login"}, "stringData": {"P": CANARY}}),
    ):
        answer = await ground.client.post(f"{root}/{plural}?fieldManager=first", json=body)
        assert answer.status_code == 201, answer.text
    return ground, "web", "A", "login", "P"


async def test_hashes_are_told_and_no_value(scene: Scene) -> None:
    ground, name, key, secret, entry = await _place(scene)
    settings = ground.settings.model_copy(update={"config_changes": "hash"})
    ground = Ground(settings, ground.client, ground.cluster, ground.namespace)
    prefix = f"{ground.cluster}/{ground.namespace}"
    ids = (f"{prefix}/ConfigMap/{name}", f"{prefix}/Secret/{secret}")
    async with source_of(ground) as source, recording(source) as recorder:
        await recorder.until(
            lambda: bool(_entry(recorder, ids[0], key) and _entry(recorder, ids[1], entry))
        )
        for id_ in ids:
            ref = Ref("clusters", Kind.CONFIG, id_)
            told = f"{await source.detail(ref)!r} {await source.raw(ref)!r}"
            assert CANARY not in told
            assert SECRET_VALUE not in told
        if scene.real:
            await _change(recorder, ground, ids[0])
        checks = [one async for one in source.checks()]
        assert {one.status for one in checks if "hash" in one.subject} == {Status.OK}
        told = repr(recorder.changes)
    for value in (CANARY, ENCODED, SECRET_VALUE):
        assert value not in told


async def _change(recorder: Recorder, ground: Ground, id_: str) -> None:
    """Change a label, then an entry: the true server tells who has set which."""
    before = found(recorder)[id_]
    path = f"/api/v1/namespaces/{ground.namespace}/configmaps/web?fieldManager=second"
    headers = {"Content-Type": "application/merge-patch+json"}
    label = {"metadata": {"labels": {"x": "y"}}}
    for body in (label, {"data": {"B": CANARY * 2}}):
        answer = await ground.client.patch(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
    await recorder.until(lambda: _entry(recorder, id_, "B") != dict(before.hashes)["B"])
    after = found(recorder)[id_]
    assert summarize(before, after).text == "1 key changed: B by second"
    assert dict(after.owners) == {"A": "first", "B": "second"}
    was, now = (replace(one, hashes=()) for one in (before, after))
    assert summarize(was, now).text == "B set by second"
