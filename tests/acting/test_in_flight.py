"""What was sent and held up may still land: it is "unknown", and never "refused", until it cannot.

On a lever whose requests are held up on their way: each session, each look, each moment at which
the request lands or is lost.
"""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.acting.audit.action_history import ActionRun
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.follower import START, NewEntries, ReadPosition
from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.acting.in_flight import PAUSES, REQUEST_LIFETIME, SEND_TIMEOUT, deadline
from opsboard.adapter import (
    Finding,
    OutcomeUnknown,
    Permit,
    Plan,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Severity,
)
from opsboard.adapter.permit import require_permit
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import Settings
from opsboard.records import ActivityState, Kind, Ref
from opsboard.testing import FakeClock
from tests.acting.lever import LeverSource, Stand
from tests.board import NOW
from tests.collect import eventually

YES = Consent(confirmed=True, typed="web", reason="it burns")
LIFE = SEND_TIMEOUT + REQUEST_LIFETIME
TURNS = 10


class HeldLever(LeverSource):
    """What is sent to it is held up, until it is let land or is lost.

    With *versioned*, each request names the version that it is for.
    """

    def __init__(self, *, versioned: bool) -> None:
        super().__init__()
        self.versioned = versioned
        self.version = 1
        self.held: tuple[Plan, int] | None = None
        self.silent = True

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        with permit.used_for(plan):
            require_permit(permit, "pulling the lever")
            self.held = plan, self.version
            if not self.silent:
                raise OutcomeUnknown("cut")
            await asyncio.Event().wait()
        raise AssertionError("nobody answers")

    def land(self) -> None:
        """Let what is held up arrive."""
        plan, version = self.held or (None, 0)
        self.held = None
        if plan is not None and (not self.versioned or version == self.version):
            self.pulled.append(plan.id)
            self.version += 1

    def move(self) -> None:
        """Let somebody else change it."""
        self.version += 1

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        version = str(self.version) if self.versioned else ""
        fate = ReconcileOutcome.DONE if plan.id in self.pulled else ReconcileOutcome.NOT_DONE
        return ReconcileResult(outcome=fate, message=f"it is {fate}", version=version)


class Hours:
    """Sessions on one trail and one lever, one after the other, with a clock that is told."""

    def __init__(self, folder: Path, lever: HeldLever) -> None:
        self.folder = folder
        self.lever = lever
        self.clock = FakeClock(NOW)
        self.board: Stand | None = None

    def session(self) -> Stand:
        return Stand(self.folder, clock=self.clock, lever=self.lever)

    async def killed_while_sending(self) -> Plan:
        """Send it by a program that is killed before an answer comes."""
        dying = self.session()
        plan = await dying.plan()
        permit, _ = dying.coordinator._guard.admit(plan, [plan], YES)
        sending = asyncio.create_task(self.lever.execute(plan, permit))
        await eventually(lambda: self.lever.held)
        sending.cancel()
        return plan

    async def look(self) -> list[ActivityState]:
        """Let a program without a board look."""
        return [left.state for left in await self.session().coordinator.reconcile_abandoned()]

    async def open_board(self) -> None:
        await self.close_board()
        self.board = self.session()
        await self.board.coordinator.resume_open_runs()
        await self.tick(0)

    async def close_board(self) -> None:
        for task in tuple(self.board.coordinator._tasks) if self.board else ():
            task.cancel()
        self.board = None
        await self.tick(0)

    async def tick(self, seconds: float) -> None:
        """Let *seconds* pass at once, and the board do what it has to do then."""
        self.clock.advance(seconds)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        if self.board is not None:
            tasks = self.board.coordinator._tasks
            await eventually(lambda: not tasks or self.clock.sleeping)

    async def pass_time(self, seconds: float) -> None:
        """Let every second be lived through."""
        for _ in range(int(seconds)):
            await self.tick(1)

    async def play(self, step: str | int) -> None:
        """Let happen what *step* names, or so many seconds pass."""
        if isinstance(step, int):
            await self.tick(step)
        elif step in {"look", "open_board", "close_board"}:
            await getattr(self, step)()
        else:
            getattr(self.lever, step)()

    def told(self) -> list[tuple[str, str]]:
        return self.session().told()


@pytest.fixture(params=[False, True], ids=["no version", "versions"])
def hours(request: pytest.FixtureRequest, tmp_path: Path) -> Hours:
    return Hours(tmp_path, HeldLever(versioned=request.param))


async def test_what_is_held_up_is_unknown_and_lands_as_done(hours: Hours) -> None:
    """As seen over SSH: the next start looks at once, and the PATCH lands after that."""
    await hours.killed_while_sending()
    assert await hours.look() == [ActivityState.UNKNOWN]
    await hours.tick(8)
    assert await hours.look() == [ActivityState.UNKNOWN]
    assert hours.told() == [("intent", "")]
    await hours.tick(7)
    hours.lever.land()
    assert await hours.look() == [ActivityState.FOLLOWING]
    assert hours.told() == [("intent", ""), ("settled", "done")]


async def test_what_is_lost_is_not_done_once_it_cannot_land(hours: Hours) -> None:
    await hours.killed_while_sending()
    await hours.tick(LIFE - 1)
    assert await hours.look() == [ActivityState.UNKNOWN]
    await hours.tick(1)
    assert await hours.look() == [ActivityState.REFUSED]
    assert hours.told() == [("intent", ""), ("settled", "not done")]
    assert await hours.look() == []


async def test_a_board_looks_again_by_itself(hours: Hours) -> None:
    await hours.killed_while_sending()
    await hours.open_board()
    board = hours.board
    assert board is not None
    shown = board.engine.last
    assert (shown.state, shown.finished_at) == (ActivityState.UNKNOWN, None), "under way still"
    until = NOW + timedelta(seconds=LIFE)
    assert f"may still take effect until {until:%H:%M:%S} UTC" in board.engine.last.message
    await hours.pass_time(LIFE)
    assert board.engine.last.state is ActivityState.REFUSED
    assert hours.told() == [("intent", ""), ("settled", "not done")]


async def test_a_board_sees_it_land(hours: Hours) -> None:
    await hours.killed_while_sending()
    await hours.open_board()
    await hours.tick(PAUSES[0])
    hours.lever.land()
    for _ in range(5):
        await hours.tick(max(PAUSES))
    assert hours.told()[1:] == [("settled", "done"), ("verdict", "succeeded")]


async def test_the_same_where_the_answer_is_lost_in_this_session(hours: Hours) -> None:
    hours.lever.silent = False
    stand = hours.board = hours.session()
    await stand.coordinator.start([await stand.plan()], YES)
    await hours.tick(0)
    assert stand.told() == [("intent", ""), ("outcome", "unknown")]
    assert stand.engine.last.finished_at is None
    assert stand.coordinator.sending_count == 0, "nobody has to wait to leave"
    await hours.pass_time(REQUEST_LIFETIME - 1)
    assert stand.told()[-1] == ("outcome", "unknown")
    await hours.pass_time(1)
    assert stand.told()[-1] == ("settled", "not done")


async def test_a_version_that_moved_on_makes_it_certain_at_once(tmp_path: Path) -> None:
    hours = Hours(tmp_path, HeldLever(versioned=True))
    plan = await hours.killed_while_sending()
    await hours.open_board()
    hours.lever.move()
    await hours.tick(PAUSES[0])
    assert hours.told() == [("intent", ""), ("settled", "not done")]
    hours.lever.land()
    assert plan.id not in hours.lever.pulled, "and so it was"


async def test_a_version_that_had_moved_before_the_first_look_says_nothing(tmp_path: Path) -> None:
    """What was sent may name any version up to that of the first look."""
    hours = Hours(tmp_path, HeldLever(versioned=True))
    await hours.killed_while_sending()
    hours.lever.move()
    assert await hours.look() == [ActivityState.UNKNOWN]


async def test_an_adapter_that_is_certain_is_believed_at_once(tmp_path: Path) -> None:
    class Certain(HeldLever):
        async def reconcile(self, plan: Plan) -> ReconcileResult:
            return (await super().reconcile(plan)).model_copy(update={"final": True})

    hours = Hours(tmp_path, Certain(versioned=False))
    await hours.killed_while_sending()
    assert await hours.look() == [ActivityState.REFUSED]


async def test_what_stays_unknown_is_on_record_once_and_not_under_way(tmp_path: Path) -> None:
    class Silent(HeldLever):
        async def reconcile(self, plan: Plan) -> ReconcileResult:
            return ReconcileResult(outcome=ReconcileOutcome.UNKNOWN, message="nobody tells")

    hours = Hours(tmp_path, Silent(versioned=False))
    await hours.killed_while_sending()
    assert await hours.look() == [ActivityState.UNKNOWN]
    assert hours.told() == [("intent", "")]
    await hours.tick(LIFE)
    for _ in range(3):
        await hours.open_board()
        assert hours.board is not None
        assert hours.board.engine.last.message == "nobody tells"
        assert hours.board.engine.last.finished_at is not None
        assert await hours.look() == [ActivityState.UNKNOWN]
    assert hours.told() == [("intent", ""), ("settled", "unknown")]
    await hours.close_board()


async def test_a_clock_that_was_set_forward_shortens_nothing_that_is_waited_for(
    tmp_path: Path,
) -> None:
    hours = Hours(tmp_path, HeldLever(versioned=False))
    await hours.killed_while_sending()
    await hours.open_board()
    hours.clock._now += timedelta(days=1)  # set, and not passed: nobody has slept that long
    await hours.tick(0)
    assert hours.told() == [("intent", "")]
    await hours.close_board()


async def test_a_clock_that_was_set_back_makes_nobody_wait_for_ever(tmp_path: Path) -> None:
    hours = Hours(tmp_path, HeldLever(versioned=False))
    await hours.killed_while_sending()
    hours.clock._now -= timedelta(days=365)
    await hours.open_board()
    await hours.pass_time(LIFE)
    assert hours.told()[-1] == ("settled", "not done")


# --- a second time -------------------------------------------------------------------------------


async def test_nobody_does_it_twice_unknowingly(hours: Hours) -> None:
    await hours.killed_while_sending()
    stand = Stand(
        hours.folder,
        Settings(policy={"production": {"rollback": PolicyDecision.ALLOW}}),
        clock=hours.clock,
        lever=hours.lever,
    )
    again = await stand.plan()
    (finding,) = again.findings
    assert finding.severity is Severity.WARNING
    assert "rollback by" in finding.text
    assert "may still take effect until" in finding.text
    judgement = stand.coordinator.decide([again])
    assert judgement.needs_typing
    assert "may still take effect" in judgement.unresolved
    for consent in (Consent(), Consent(confirmed=True), Consent(typed="web")):
        with pytest.raises(Refused):
            await stand.coordinator.start([again], consent)
    await hours.tick(LIFE)
    assert await hours.look() == [ActivityState.REFUSED]
    assert (await stand.plan()).findings == ()
    assert stand.coordinator.decide([await stand.plan()]).decision is PolicyDecision.ALLOW


async def test_a_plan_from_before_is_held_to_it_too(hours: Hours) -> None:
    stand = Stand(
        hours.folder,
        Settings(policy={"production": {"rollback": PolicyDecision.ALLOW}}),
        clock=hours.clock,
        lever=hours.lever,
    )
    early = await stand.plan()
    await hours.killed_while_sending()
    with pytest.raises(Refused, match="may still take effect"):
        await stand.coordinator.start([early], Consent(confirmed=True))


async def test_who_acted_after_it_has_seen_it(hours: Hours) -> None:
    """What stays unknown for good warns until the next act on the same, and not for ever."""
    await hours.killed_while_sending()
    await hours.tick(LIFE)
    stand = hours.session()
    again = await stand.plan()
    assert [isinstance(one, Finding) for one in again.findings] == [True]
    hours.lever.error_unsent = None
    await LeverSource.reconcile(hours.lever, again)
    stand.coordinator._guard.admit(again, [again], YES)
    third = await Stand(hours.folder, clock=hours.clock, lever=hours.lever).plan()
    assert all("is not known" not in one.text for one in third.findings)


async def test_an_act_on_something_else_is_not_in_doubt(hours: Hours) -> None:
    plan = await hours.killed_while_sending()
    stand = hours.session()
    other = plan.model_copy(
        update={"id": "other", "ref": Ref("k8s", Kind.DEPLOYMENT, "api"), "target": "api"}
    )
    same_by_name = other.model_copy(update={"target": plan.target})
    await stand.plan()
    assert not stand.coordinator.decide([other]).unresolved
    assert stand.coordinator.decide([same_by_name]).unresolved
    assert stand.coordinator.decide([other, same_by_name]).unresolved


async def test_the_record_is_read_once_for_many_plans(hours: Hours) -> None:
    await hours.killed_while_sending()
    stand = hours.session()
    reads: list[ReadPosition] = []
    news = stand.audit.new_entries

    def counted(mark: ReadPosition) -> NewEntries:
        reads.append(mark)
        return news(mark)

    stand.audit.new_entries = counted  # type: ignore[method-assign]
    for _ in range(10):
        assert (await stand.plan()).findings
    assert len(reads) == 1
    await hours.killed_while_sending()
    assert "; " in (await stand.plan()).findings[0].text, "and again once it was written to"
    assert reads[0] == START != reads[1], "of which only the end is read"


# --- any order -----------------------------------------------------------------------------------

STEPS = st.lists(
    st.one_of(
        st.sampled_from(["look", "open_board", "close_board", "land", "move"]),
        st.integers(1, 200),
    ),
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(steps=STEPS, versioned=st.booleans())
def test_what_is_on_record_in_the_end_is_what_the_world_shows(
    steps: list[str | int], versioned: bool
) -> None:
    """Nothing is said to be not done that lands later, in whatever order things happen."""

    async def played(folder: Path) -> None:
        hours = Hours(folder, HeldLever(versioned=versioned))
        plan = await hours.killed_while_sending()
        lives_until = hours.clock.now() + timedelta(seconds=LIFE)
        for step in steps:
            if step != "land" or hours.clock.now() < lives_until:
                await hours.play(step)
            said = [result for event, result in hours.told() if event == "settled"]
            done = plan.id in hours.lever.pulled
            assert "not done" not in said or not done, (step, said)
        await hours.close_board()
        await hours.tick(LIFE)
        await hours.look()
        said = [result for event, result in hours.told() if event == "settled"]
        assert said == ["done" if plan.id in hours.lever.pulled else "not done"]

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(played(Path(folder)))


@pytest.mark.parametrize(
    ("event", "after", "sent_within"),
    [
        (None, 0, SEND_TIMEOUT),
        (AuditEvent.OUTCOME, 8, 8),
        (AuditEvent.OUTCOME, 3_600, 3_600),
        (AuditEvent.SETTLED, 8, 8),
        (AuditEvent.SETTLED, 3_600, SEND_TIMEOUT),
    ],
)
async def test_a_program_that_was_suspended_may_have_sent_it_when_it_went_on(
    tmp_path: Path, event: AuditEvent | None, after: float, sent_within: float
) -> None:
    hours = Hours(tmp_path, HeldLever(versioned=False))
    stand = hours.session()
    plan = await stand.plan()
    _, intent = stand.coordinator._guard.admit(plan, [plan], YES)
    act = ActionRun(intent)
    if event is not None:
        hours.clock.advance(after)
        act.later_entries.append(stand.audit.entry(event))
    now = hours.clock.now() + timedelta(days=1)
    assert deadline(act, now) == intent.at + timedelta(seconds=sent_within + REQUEST_LIFETIME)
