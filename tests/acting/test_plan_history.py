"""What was seen, and what was done, is told by the plans that come after."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from opsboard.acting import plan_history
from opsboard.acting.actor import current_actor
from opsboard.acting.decision import Consent
from opsboard.acting.plan_history import change_of
from opsboard.adapter import Plan, Request, Severity, Upsert, Verdict
from opsboard.board.state import Board
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import Settings
from opsboard.records import ActivityState, Status
from tests.acting.lever import NOT_KNOWN, REF, Stand
from tests.board import MINUTE, NOW, deployment, events
from tests.collect import eventually

YES = Consent(confirmed=True, typed="web", reason="it burns")
CRASH: Any = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}


def _shows(board: Board, revision: int, status: Status, minutes: int = 0, **more: str) -> None:
    at = NOW + minutes * MINUTE
    told: dict[str, Any] = {"revision": str(revision), "updated_at": at, **more}
    record = deployment(status=status, **told)
    board.apply(events("k8s", Upsert("all", [record]), at=at))


def _stand(folder: Path, board: Board | None = None, **more: object) -> Stand:
    stand = Stand(folder, board=board, **more)  # type: ignore[arg-type]
    stand.lever.numbered = True
    return stand


async def _act(stand: Stand, to: int, action: str = "rollback") -> ActivityState:
    stand.clock.time += MINUTE
    plan = await stand.plan(action, to=str(to))
    await stand.coordinator.start([plan], YES)
    await eventually(lambda: stand.engine.told and stand.engine.last.finished_at)
    state = stand.engine.last.state
    stand.engine.told.clear()
    return state


async def _told(stand: Stand, to: int, action: str = "rollback") -> list[str]:
    plan = await stand.plan(action, to=str(to))
    return [f"{one.severity}: {one.text}" for one in plan.findings]


FAILED = "warning: revision 7 failed here at 09:00 UTC, CrashLoopBackOff (back-off 5m0s)"
UNDOES = "warning: this undoes your act of 09:01 UTC: 7 → 6 (it burns)"
UNKNOWN = f"note: {NOT_KNOWN}"


async def test_what_the_board_saw_crash_is_a_warning_and_no_note(tmp_path: Path) -> None:
    """56 crashes, 56 → 55; then back to 56."""
    board = Board()
    stand = _stand(tmp_path, board)
    _shows(board, 7, Status.FAILED, **CRASH)
    assert await _told(stand, 6) == [UNKNOWN], "of another revision, nothing was seen"
    assert await _act(stand, 6) is ActivityState.SUCCEEDED
    _shows(board, 6, Status.OK, 2)
    assert await _told(stand, 7) == [FAILED, UNDOES]
    assert await _told(stand, 5) == [UNKNOWN]


async def test_who_chooses_is_told_which_one_crashed(tmp_path: Path) -> None:
    board = Board()
    stand = _stand(tmp_path, board)
    stand.lever.options = (7, 6, 5)
    asked = Request(action="rollback", ref=REF)

    async def notes(of: Stand) -> list[str]:
        (to,) = (await of.coordinator.form(asked)).inputs
        return [option.note for option in to.options]

    assert await notes(stand) == ["lever 7", "lever 6", "lever 5"]
    _shows(board, 7, Status.FAILED, **CRASH)
    failed = "failed here at 09:00 UTC, CrashLoopBackOff, lever 7"
    assert await notes(stand) == [failed, "lever 6", "lever 5"]
    await _act(stand, 6)
    _shows(board, 6, Status.OK, 2)
    assert await notes(_stand(tmp_path, lever=stand.lever)) == [failed, "lever 6", "lever 5"]
    await _act(stand, 7)
    _shows(board, 7, Status.OK, 5)
    assert await notes(stand) == ["lever 7", "lever 6", "lever 5"]


async def test_it_is_remembered_by_the_audit_trail_over_restarts(tmp_path: Path) -> None:
    """``opsboard act`` looks once, and so does a board that starts tomorrow."""
    board = Board()
    first = _stand(tmp_path, board)
    _shows(board, 7, Status.FAILED, **CRASH)
    await _act(first, 6)
    later = _stand(tmp_path, lever=first.lever)
    assert await _told(later, 7) == [FAILED, UNDOES]
    later.clock.time += timedelta(days=1)
    told = await _told(later, 7)
    assert told[0].startswith("warning: revision 7 failed here at 2026-01-15 09:00 UTC, Crash")


async def test_what_was_well_again_is_no_warning(tmp_path: Path) -> None:
    board = Board()
    stand = _stand(tmp_path, board)
    _shows(board, 7, Status.FAILED, **CRASH)
    await _act(stand, 6)
    _shows(board, 6, Status.OK, 2)
    await _act(stand, 7)
    _shows(board, 7, Status.OK, 4)
    await _act(stand, 6)
    assert [one for one in await _told(stand, 7) if "failed" in one] == []
    _shows(board, 7, Status.FAILED, 10, reason="OOMKilled")
    _shows(board, 6, Status.OK, 11)
    assert (await _told(stand, 7))[0] == "warning: revision 7 failed here at 09:10 UTC, OOMKilled"


async def test_an_act_that_failed_is_told_by_the_next_one_to_the_same(tmp_path: Path) -> None:
    stand = _stand(tmp_path)
    stand.lever.verdict = Verdict.FAILED
    assert await _act(stand, 6) is ActivityState.FAILED
    stand.lever.stands = 7  # somebody has gone back
    me = current_actor({}).summary
    failed = f"warning: rollback (7 → 6) by {me} at 09:01 UTC failed: arrived"
    assert (await _told(stand, 6))[0] == failed
    assert "failed" not in " ".join(await _told(stand, 5))
    stand.lever.verdict = Verdict.SUCCEEDED
    await _act(stand, 6)
    stand.lever.stands = 7
    assert [one for one in await _told(stand, 6) if "failed" in one] == []


async def test_whose_act_is_undone_is_told(tmp_path: Path) -> None:
    alice = current_actor({"SUDO_USER": "alice"})
    stand = _stand(tmp_path, actor=alice)
    await _act(stand, 6)
    me = _stand(tmp_path, lever=stand.lever)
    me.clock.time = stand.clock.time
    undoes = f"warning: this undoes {alice.summary}'s act of 09:01 UTC: 7 → 6 (it burns)"
    assert await _told(me, 7) == [UNKNOWN, undoes]
    await _act(me, 5)
    left = f"warning: revision 7 was left by {alice.summary}'s act of 09:01 UTC: 7 → 6 (it burns)"
    assert await _told(me, 7) == [UNKNOWN, left]
    assert (await _told(me, 6))[1].startswith("warning: this undoes your act of 09:02 UTC: 6 → 5")


async def test_words_alone_tell_where_an_adapter_has_no_numbers(tmp_path: Path) -> None:
    """As those of an older trail, and of what has no versions: replicas, switches."""
    stand = Stand(tmp_path)
    await _act(stand, 6)
    plan = await stand.plan(to="7")
    assert [one.text for one in plan.findings] == [UNDOES.removeprefix("warning: ")]


async def test_what_was_made_anew_has_no_past(tmp_path: Path) -> None:
    stand = _stand(tmp_path)
    stand.lever.uid = "one"
    await _act(stand, 6)
    stand.lever.uid = "another"
    assert await _told(stand, 7) == [UNKNOWN]
    stand.lever.uid = "one"
    assert await _told(stand, 7) == [UNKNOWN, UNDOES]


async def test_what_was_refused_leaves_nothing_to_undo(tmp_path: Path) -> None:
    stand = _stand(tmp_path)
    plan = await stand.plan(to="6")
    stand.lever.stands = 8
    await stand.coordinator.start([plan], YES)
    await eventually(lambda: stand.engine.told and stand.engine.last.finished_at)
    stand.lever.stands = 6
    assert await _told(stand, 7) == [UNKNOWN]


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.BLOCKER])
async def test_as_grave_a_word_of_the_adapter_is_joined(tmp_path: Path, severity: Severity) -> None:
    board = Board()
    stand = _stand(tmp_path, board)
    _shows(board, 7, Status.FAILED, **CRASH)
    _shows(board, 8, Status.OK, 1)
    stand.lever.stands, stand.lever.severity = 8, severity
    failed = FAILED.removeprefix("warning: ")
    assert await _told(stand, 7) == [f"{severity}: {failed}; {NOT_KNOWN}"]


async def test_it_counts_as_a_warning_for_the_policy(tmp_path: Path) -> None:
    board = Board()
    settings = Settings(policy={"production": {"*": PolicyDecision.ALLOW}})
    stand = _stand(tmp_path, board, settings=settings)
    _shows(board, 8, Status.FAILED, **CRASH)
    _shows(board, 9, Status.OK, 1)
    safe, seen = await stand.plan(to="6"), await stand.plan(to="8")
    assert stand.coordinator.decide([safe]).decision is PolicyDecision.ALLOW
    assert stand.coordinator.decide([seen]).decision is PolicyDecision.CONFIRM


async def test_how_far_was_looked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_history, "MAX_RUNS", 2)
    stand = _stand(tmp_path)
    for to in (6, 5, 4):
        await _act(stand, to)
    horizon = "note: only the latest 2 actions done from here were compared: since 09:02 UTC"
    assert await _told(stand, 7) == [UNKNOWN, horizon], "7 → 6 is further back"
    assert (await _told(stand, 6))[1].startswith("warning: revision 6 was left by your act")


async def test_what_is_masked_is_never_the_same(tmp_path: Path) -> None:
    stand = _stand(tmp_path)
    stand.redactor.register_secret("6666")
    stand.redactor.register_secret("7777")
    stand.lever.stands = 7777
    await _act(stand, 6666)
    plan = await stand.plan(to="8888")
    kept = stand.audit.entries()[0].plan
    assert kept is not None
    assert set(kept.origin) == set(kept.destination) == {"***"}
    assert [one.text for one in plan.findings] == [NOT_KNOWN]


def _changes(before: str, after: str) -> str:
    return change_of(Plan(
        made_at=NOW, action="a", title="A", ref=REF, target="t", name="n",
        before=before, after=after,
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("revision 56", "revision 55", "56 → 55"),
        ("3 replicas", "5 replicas", "3 → 5 replicas"),
        ("not paused", "paused", "not paused → paused"),
        ("", "a new version", "a new version"),
        ("attempt 1, failure", "attempt 2", "attempt 1, failure → attempt 2"),
        ("no version", "version 3", "no version → version 3"),
    ],
)
def test_a_change_in_few_words(before: str, after: str, told: str) -> None:
    assert _changes(before, after) == told
