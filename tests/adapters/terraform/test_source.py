"""What a source of states yields as they change, fail, are locked and are planned."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest

from opsboard.adapter import Condition, Health, Past, Report, Source
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.kinds import RecordKind
from opsboard.records import Record, Status
from opsboard.testing import FakeClock, FakeContext
from opsboard.testing.recorder import Recorder, recording
from opsboard_adapters.terraform import Terraform, TerraformSettings
from opsboard_adapters.terraform.kinds import WORKSPACE as KIND
from opsboard_adapters.terraform.records import (
    Concern,
    ManagedResource,
    PlannedAction,
    Workspace,
)
from tests.adapters.terraform.states import (
    LOCK,
    change,
    plan,
    resource,
    shop,
    workload,
    write_folder,
    write_json,
)

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


class Look:
    """A source under way, and what it has told."""

    def __init__(self, source: Source, context: FakeContext, recorder: Recorder) -> None:
        self.source, self._context, self.recorder = source, context, recorder

    async def settled(self) -> None:
        await self.recorder.until(lambda: self._context.pausing == 1, 10)

    async def again(self) -> None:
        """Wait until all was looked at once more."""
        before = len(self._context.pauses)
        self._context.refresh()
        await self.recorder.until(lambda: len(self._context.pauses) > before, 10)

    def records(self, kind: type[Record]) -> list[Any]:
        found = self.recorder.records.values()
        return sorted((one for one in found if isinstance(one, kind)), key=lambda one: one.id)

    def health(self, scope: str = "workspace default") -> Health:
        """Return what was said last of how *scope* is; an upsert says that all is well."""
        fine = Health(condition=Condition.LIVE)
        health = fine
        for one in self.recorder.changes:
            if getattr(one, "scope", "") == scope and not isinstance(one, Past):
                health = one.health if isinstance(one, Report) else fine
        return health

    def workspace(self, name: str = "default") -> Workspace:
        found: Workspace = next(one for one in self.records(Workspace) if one.name == name)
        return found

    def resource(self, address: str) -> ManagedResource:
        found: ManagedResource = next(
            one for one in self.records(ManagedResource) if one.address == address
        )
        return found


@asynccontextmanager
async def looking(path: Path | None, now: datetime = NOW, **settings: Any) -> AsyncIterator[Look]:
    clock = FakeClock(now)
    context = FakeContext(clock=clock)
    made = TerraformSettings(path=path, **settings)
    async with Terraform.connect(made, context) as source, recording(source) as recorder:
        look = Look(source, context, recorder)
        await look.settled()
        yield look


def dated(file: Path, at: datetime) -> None:
    os.utime(file, (at.timestamp(), at.timestamp()))


async def test_a_folder_has_the_workspaces_of_all_configurations(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "terraform.tfstate.d" / "empty").mkdir()
    async with looking(tmp_path) as look:
        assert [(one.name, one.serial) for one in look.records(Workspace)] == [
            ("default", 7), ("empty", None), ("network/default", 6), ("prod", 12),
        ]  # fmt: skip
        assert look.workspace("prod").environment == "production"
        assert look.workspace("empty").reason == "no state yet"
        assert look.workspace("network/default").reason == "tainted"
        assert len(look.records(ManagedResource)) == 3 + 1 + 1 + 5


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        (("prod",), ["prod"]),
        (("!network/*", "!prod"), ["default"]),
        (("*/*",), ["network/default"]),
    ],
)
async def test_workspaces_are_chosen_by_patterns(
    tmp_path: Path, patterns: tuple[str, ...], names: list[str]
) -> None:
    write_folder(tmp_path)
    async with looking(tmp_path, workspaces=patterns) as look:
        assert [one.name for one in look.records(Workspace)] == names


async def test_an_apply_is_told_with_counts_and_who_held_the_lock(tmp_path: Path) -> None:
    state = tmp_path / "terraform.tfstate"
    write_json(state, shop(7, workload("cart"), workload("old"), workload("same")))
    write_json(tmp_path / ".terraform.tfstate.lock.info", LOCK)
    async with looking(tmp_path) as look:
        assert (look.workspace().added, look.workspace().applied_by) == (None, "")
        prints = look.resource("kubernetes_deployment.same").fingerprint
        changed = workload("cart", instance={"schema_version": 1})
        changed["instances"][0]["attributes"]["replicas"] = 3
        write_json(state, shop(8, changed, workload("same"), workload("new")))
        (tmp_path / ".terraform.tfstate.lock.info").unlink()
        await look.again()
        known = look.workspace()
        assert (known.serial, known.added, known.changed, known.removed) == (8, 1, 1, 1)
        assert known.applied_by == "ana@bastion-7"
        assert known.message == (
            "+kubernetes_deployment.new, ~kubernetes_deployment.cart, -kubernetes_deployment.old"
        )
        assert look.resource("kubernetes_deployment.same").fingerprint == prints
        assert "kubernetes_deployment.old" not in repr(look.records(ManagedResource))


async def test_another_lineage_is_another_state(tmp_path: Path) -> None:
    write_json(tmp_path / "terraform.tfstate", shop(7))
    async with looking(tmp_path) as look:
        write_json(tmp_path / "terraform.tfstate", shop(1, lineage="another"))
        await look.again()
        assert (look.workspace().serial, look.workspace().added) == (1, None)


async def test_a_lock_is_told_and_becomes_a_warning(tmp_path: Path) -> None:
    write_json(tmp_path / "terraform.tfstate", shop())
    write_json(tmp_path / ".terraform.tfstate.lock.info", LOCK)
    since = datetime(2026, 11, 26, 8, 15, 30, 123456, tzinfo=UTC)
    async with looking(tmp_path) as look:
        known = look.workspace()
        assert (known.status, known.reason) == (Status.RUNNING, "apply")
        assert (known.locked_by, known.operation) == ("ana@bastion-7", "apply")
        assert (known.locked_since, known.concern) == (since, Concern.NONE)
    async with looking(tmp_path, since + timedelta(hours=1)) as look:
        known = look.workspace()
        assert (known.status, known.reason) == (Status.WARNING, "locked for long")
        assert _alert(KIND, known) == "locked for long"


async def test_a_lock_file_that_was_left_over_is_told_apart(tmp_path: Path) -> None:
    state = tmp_path / "terraform.tfstate"
    write_json(state, shop())
    own = {**LOCK, "Who": f"ana@{gethostname()}"}
    write_json(tmp_path / ".terraform.tfstate.lock.info", own)
    async with looking(tmp_path) as look:
        assert look.workspace().lock_left_over
        assert look.workspace().concern is Concern.LOCK
    with _locked_by_another_process(state):
        async with looking(tmp_path) as look:
            assert not look.workspace().lock_left_over


@contextmanager
def _locked_by_another_process(file: Path) -> Iterator[None]:
    """A lock is one of a process: this one asks, and would not see its own."""
    code = (
        "import fcntl, sys\n"
        "held = open(sys.argv[1], 'r+b')\n"
        "fcntl.lockf(held, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()"
    )
    words = [sys.executable, "-c", code, str(file)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield
        process.communicate()


def _alert(kind: RecordKind, record: Record) -> str:
    assert kind.alert is not None
    alert = kind.alert.alert(record, NOW)
    return alert.reason if alert is not None else ""


async def test_a_plan_shows_drift_and_what_is_pending(tmp_path: Path) -> None:
    write_folder(tmp_path)
    dated(tmp_path / "terraform.tfstate", NOW - timedelta(hours=1))
    async with looking(tmp_path) as look:
        known = look.workspace()
        assert (known.status, known.reason, known.concern) == (
            Status.WARNING, "drift", Concern.DRIFT,
        )  # fmt: skip
        assert (known.create, known.update, known.delete, known.replace) == (1, 1, 0, 0)
        assert (known.drifted, known.pending) == (1, 2)
        there = look.resource("kubernetes_deployment.checkout")
        assert (there.planned, there.drift) == (PlannedAction.UPDATE, PlannedAction.UPDATE)
        assert look.resource("kubernetes_deployment.cart").planned is PlannedAction.CREATE
        assert _alert(KIND, known) == "drift"
        detail = await look.source.detail(known.ref)
        assert [one.title for one in detail.sections] == [
            "State", "Latest plan", "Planned changes", "Changed outside of Terraform",
            "Resources by type",
        ]  # fmt: skip


async def test_a_plan_that_is_older_than_the_state_says_nothing_of_it(tmp_path: Path) -> None:
    write_json(tmp_path / "terraform.tfstate", shop())
    dated(tmp_path / "terraform.tfstate", NOW)
    made = plan("2026-11-26T08:00:00Z", [change("a.b", "create")], [change("a.c", "update")])
    write_json(tmp_path / "tfplan.json", made)
    async with looking(tmp_path) as look:
        known = look.workspace()
        assert known.plan_outdated
        assert (known.concern, known.pending, known.status) == (Concern.NONE, 0, Status.OK)
        assert not [one for one in look.records(ManagedResource) if one.planned]


async def test_a_plan_that_says_no_time_was_made_when_it_was_written(tmp_path: Path) -> None:
    write_json(tmp_path / "terraform.tfstate", shop())
    made = plan("", [change("a.b", "create")], [change("a.c", "update")])
    del made["timestamp"]
    write_json(tmp_path / "tfplan.json", made)
    for applied, concern in ((1, Concern.DRIFT), (-1, Concern.NONE)):
        dated(tmp_path / "tfplan.json", NOW)
        dated(tmp_path / "terraform.tfstate", NOW - timedelta(hours=applied))
        async with looking(tmp_path) as look:
            assert (look.workspace().planned_at, look.workspace().concern) == (NOW, concern)


async def test_folders_may_be_called_anything(tmp_path: Path) -> None:
    for name in (b"caf\xe9", b"\x1b[31mred", b"a\nb"):
        write_json(tmp_path / os.fsdecode(name) / "terraform.tfstate", shop())
    async with looking(tmp_path) as look:
        known = look.records(Workspace)
        assert [one.name for one in known] == ["a b/default", "caf\ufffd/default", "red/default"]
        for one in known:
            assert (await look.source.detail(one.ref)).record == one
        scopes = {getattr(one, "scope", "") for one in look.recorder.changes}
        assert all(one.isprintable() for one in scopes)


async def test_a_plan_with_an_error_is_an_alert(tmp_path: Path) -> None:
    write_json(tmp_path / "terraform.tfstate", shop())
    dated(tmp_path / "terraform.tfstate", NOW)
    made = plan("2026-11-26T09:30:00Z", [], [], errored=True)
    write_json(tmp_path / "plans" / "default.json", made)
    template = str(tmp_path / "plans" / "{workspace}.json")
    async with looking(tmp_path, plan=template) as look:
        assert (look.workspace().status, look.workspace().reason) == (Status.FAILED, "plan failed")
        assert _alert(KIND, look.workspace()) == "plan failed"


async def test_a_plan_is_of_the_workspace_that_is_selected(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / "environment").write_text("prod")
    async with looking(tmp_path) as look:
        assert look.workspace().planned_at is None
        assert look.workspace("prod").planned_at is not None


async def test_a_state_that_is_being_written_keeps_what_was_known(tmp_path: Path) -> None:
    write_folder(tmp_path)
    whole = (tmp_path / "terraform.tfstate").read_bytes()
    async with looking(tmp_path) as look:
        (tmp_path / "terraform.tfstate").write_bytes(whole[:200])
        await look.again()
        health = look.health()
        assert health.condition is Condition.BROKEN
        assert "no whole JSON" in health.message
        assert look.workspace().serial == 7
        (tmp_path / "terraform.tfstate").write_bytes(whole + b"\n")
        await look.again()
        assert look.health().condition is Condition.LIVE


async def test_what_may_not_be_read_is_forbidden_and_hides_no_other(tmp_path: Path) -> None:
    write_folder(tmp_path)
    file = tmp_path / "network" / "terraform.tfstate"
    file.unlink()
    file.mkdir()
    link = tmp_path / "loop.tfstate"
    link.symlink_to(link)
    fifo = tmp_path / "fifo.tfstate"
    os.mkfifo(fifo)
    async with looking(tmp_path) as look:
        assert {one.name for one in look.records(Workspace)} == {"default", "prod"}


async def test_a_path_that_is_not_there_says_so(tmp_path: Path) -> None:
    context = FakeContext()
    settings = TerraformSettings(path=tmp_path / "nowhere")
    async with Terraform.connect(settings, context) as source, recording(source) as recorder:
        health = await recorder.until_troubled(10)
        checks = [one async for one in source.checks()]
    assert "does not exist" in health.message
    assert checks[0].status is Status.FAILED


async def test_a_folder_without_a_state_has_answered_and_a_later_one_is_found(
    tmp_path: Path,
) -> None:
    """``opsboard status`` waited for it until its time was up."""
    async with looking(tmp_path) as look:
        board = Board()
        board.apply(BoardEvent("infra", one, NOW) for one in look.recorder.changes)
        assert [one.has_answered for one in board.sources()] == [True]
        assert look.health("workspaces").condition is Condition.LIVE
        write_json(tmp_path / "terraform.tfstate", shop())
        await look.again()
        assert [one.name for one in look.records(Workspace)] == ["default"]


async def test_workspaces_beyond_the_most_are_told_until_they_are_shown(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_json(tmp_path / name / "terraform.tfstate", shop())
    async with looking(tmp_path, max_workspaces=1) as look:
        assert "1 more workspaces are not shown" in look.health("workspaces").message
        (tmp_path / "b" / "terraform.tfstate").unlink()
        await look.again()
        assert look.health("workspaces").condition is Condition.LIVE


async def test_a_state_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    write_folder(tmp_path)
    large = shop(1, *(resource("a", f"n{number}", {}) for number in range(900)))
    write_json(tmp_path / "terraform.tfstate", large)
    async with looking(tmp_path, max_object_mib=0.1) as look:
        health = look.health()
        assert "it is not read" in health.message
        assert "max_object_mib" in health.hint
        assert look.workspace("prod").serial == 12


async def test_of_many_resources_the_first_are_shown_and_the_rest_is_told(tmp_path: Path) -> None:
    state = tmp_path / "terraform.tfstate"
    many = [resource("a", f"n{number:03}", {}) for number in range(40)]
    write_json(state, shop(1, *many))
    async with looking(tmp_path, max_resources=10) as look:
        assert len(look.records(ManagedResource)) == 10
        health = look.health()
        assert health.condition is Condition.PARTIAL
        assert "30 more resources" in health.message
        assert look.workspace().resources == 40
        write_json(state, shop(2, resource("a", "first", {}), *many[1:]))
        await look.again()
        shown = {one.address for one in look.records(ManagedResource)}
        assert "a.n000" not in shown
        assert "a.n009" in shown, "it is left out, and not gone"
        assert (look.workspace().added, look.workspace().removed) == (1, 1)


async def test_a_second_look_tells_nothing_new(tmp_path: Path) -> None:
    write_folder(tmp_path)
    async with looking(tmp_path) as look:
        before = dict(look.recorder.records)
        await look.again()
        assert look.recorder.records == before


async def test_when_a_state_was_written_before_anybody_looked_is_told_to_the_history(
    tmp_path: Path,
) -> None:
    state = tmp_path / "terraform.tfstate"
    write_json(state, shop(7))
    dated(state, NOW - timedelta(hours=3))
    async with looking(tmp_path) as look:
        await look.again()
        write_json(state, shop(8))
        dated(state, NOW)
        await look.again()
        told = [
            (past.at, past.record.serial, past.record.is_locked)
            for one in look.recorder.changes
            if isinstance(one, Past)
            for past in one.records
            if isinstance(past.record, Workspace)
        ]
    assert told == [(NOW - timedelta(hours=3), 7, False)]
