"""An apply in the time line, and among what changed before a workload went red."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import HostEnviron
from opsboard.history.change_kind import ChangeKind
from opsboard.history.change_summary import summarize
from opsboard.history.meaning import differs
from opsboard.history.relations import relations_of
from opsboard.kinds.registry import KINDS
from opsboard.lineage.index import LineageIndex
from opsboard.records import Deployment, Record, Status, stated
from opsboard.records.identity import workload
from opsboard_adapters.installation_key import load_installation_key
from opsboard_adapters.terraform import Terraform
from opsboard_adapters.terraform.fingerprints import Fingerprints, key_file
from opsboard_adapters.terraform.records import ManagedResource, PlannedAction, Workspace

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
SERVER = "https://10.0.0.1:6443"


@pytest.fixture(autouse=True, scope="module")
def loaded() -> None:
    """Have the kinds of the adapter as when it is in the config."""
    KINDS.add(Terraform.own_kinds(), Terraform.name)


def workspace(serial: int, **more: Any) -> Workspace:
    fields = {"lineage": "x", "backend": "s3", "location": "s3://a/b", **more}
    return Workspace(source="tf", id="prod", name="prod", serial=serial, **fields)


def managed(fingerprint: str, serial: int, **more: Any) -> ManagedResource:
    fields = {"workspace": "prod", "address": "a.b", "resource_type": "a", **more}
    return ManagedResource(
        source="tf", id="prod:a.b", name="a.b", fingerprint=fingerprint, serial=serial, **fields
    )


def test_a_new_serial_is_an_apply_with_its_counts() -> None:
    before, after = workspace(41), workspace(42, added=3, changed=1, removed=2)
    told = summarize(before, after)
    assert (told.kind, told.text, told.alters) == (
        ChangeKind.APPLY, "serial 41 → 42 +3 ~1 -2", True,
    )  # fmt: skip
    assert summarize(before, workspace(42)).text == "serial 41 → 42"


def test_a_state_that_comes_is_an_apply_and_one_that_is_empty_is_none() -> None:
    told = summarize(None, workspace(41))
    assert (told.kind, told.text, told.alters) == (ChangeKind.APPLY, "serial 41", True)
    empty = Workspace(source="tf", id="prod", name="prod", backend="s3", location="s3://a/b")
    assert summarize(None, empty).minor


def test_what_is_only_planned_comes_and_goes_unnoted() -> None:
    planned = managed("", 41, planned=PlannedAction.CREATE)
    assert summarize(None, planned).minor
    assert summarize(planned, None).minor
    assert summarize(planned, managed("abc", 42)).text == "created by serial 42"


def test_a_lock_and_drift_only_tell_how_it_is_doing() -> None:
    locked = workspace(41, status=Status.RUNNING, reason="apply", locked_by="ana@ci")
    assert not summarize(workspace(41), locked).alters
    drift = workspace(41, status=Status.WARNING, reason="drift", drifted=3)
    assert summarize(workspace(41, status=Status.OK), drift).kind is ChangeKind.STATUS


def test_what_a_restart_has_not_seen_is_no_change() -> None:
    seen = workspace(42, added=3, changed=1, removed=2, applied_by="ana@ci", applied_at=AT)
    assert not differs(seen, workspace(42))
    assert differs(seen, workspace(43))
    assert not differs(managed("abc", 41, applied_at=AT), managed("abc", 42))
    assert differs(managed("abc", 41), managed("abd", 42))


def test_a_resource_with_other_attributes_is_changed_by_the_apply() -> None:
    told = summarize(managed("abc", 41), managed("abd", 42))
    assert (told.kind, told.text, told.alters) == (ChangeKind.APPLY, "changed by serial 42", True)
    assert summarize(None, managed("abc", 42)).text == "created"
    assert summarize(managed("abc", 42), None).text == "removed"


def test_a_fingerprint_is_the_same_after_a_restart(tmp_path: Path) -> None:
    host = HostEnviron(env={"XDG_STATE_HOME": str(tmp_path)}, home=tmp_path, cwd=tmp_path)
    keys = [load_installation_key(key_file(host)) for _ in range(2)]
    assert not keys[0].problem
    assert len({Fingerprints(key.secret).of("a.b", b"{}") for key in keys}) == 1
    assert key_file(host).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("cluster", [SERVER, ""])
def test_a_workload_is_joined_with_its_resource_and_that_with_the_workspace(cluster: str) -> None:
    from opsboard_adapters.terraform.attributes import Found
    from opsboard_adapters.terraform.backends.backend import StateAddress
    from opsboard_adapters.terraform.records import Mode
    from opsboard_adapters.terraform.state import State, StateInstanceRead
    from opsboard_adapters.terraform.translate import Translator, WorkspaceState

    found = Found({"name": ("checkout",), "namespace": ("shop",)})
    instance = StateInstanceRead(
        "kubernetes_deployment.checkout", "kubernetes_deployment", "", "", Mode.MANAGED, found=found
    )
    state = State(4, 7, "lineage", "1.11.4", instances=(instance,))
    known = WorkspaceState(StateAddress("prod", "prod", "prod", "s3://a/b"), state)
    translator = Translator(
        "tf", "s3", lambda *_: "", lock_warning=timedelta(hours=1), cluster=cluster
    )
    records: list[Record] = [translator.workspace(known, AT), *translator.resources(known)]
    made = workload(SERVER, "shop", "Deployment", "checkout", "Deployment")
    deployment = Deployment(
        source="k8s",
        id="c/shop/checkout",
        name="checkout",
        workload="Deployment",
        outputs=stated(made),
    )
    index = LineageIndex()
    index.update([deployment, *records])
    related = relations_of(index, deployment.ref)
    assert (related[records[1].ref].steps, related[records[1].ref].candidate) == (1, False)
    assert related[records[0].ref].steps == 2
