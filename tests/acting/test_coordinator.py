"""Plans are carried out once, through the guard, and everything of it is on record."""

import asyncio
from pathlib import Path

import pytest

from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.adapter import (
    Forbidden,
    Malformed,
    NotSent,
    OutcomeUnknown,
    Permit,
    Plan,
    Request,
    SourceError,
    SourceSettings,
    Unauthenticated,
    Unreachable,
    Verdict,
)
from opsboard.adapter.permit import require_permit
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import Settings
from opsboard.records import ActivityState
from tests.acting.lever import REF, Lever, Stand
from tests.board import deployment
from tests.collect import eventually

YES = Consent(confirmed=True, typed="web", reason="it burns")


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


async def _ended(stand: Stand) -> ActivityState:
    await eventually(lambda: stand.engine.told and stand.engine.last.finished_at)
    return stand.engine.last.state


async def test_an_act_from_plan_to_verdict(stand: Stand) -> None:
    plan = await stand.plan()
    await stand.coordinator.start([plan], YES)
    assert await _ended(stand) is ActivityState.SUCCEEDED
    assert stand.lever.stands == 6
    assert stand.told() == [("intent", ""), ("outcome", "done"), ("verdict", "succeeded")]
    intent = stand.audit.entries()[0]
    assert (intent.plan, intent.reason, intent.target) == (plan, "it burns", "Deployment shop/web")
    assert stand.engine.last.cause == "it burns"
    assert [(one.done, one.total) for one in stand.engine.told if one.message == "moving"] == [
        (1, 2)
    ]
    assert stand.engine.refreshed == ["k8s"]


async def test_the_intent_is_on_the_disk_before_anything_is_sent(stand: Stand) -> None:
    seen: list[list[tuple[str, str]]] = []
    stand.lever.before_pull = lambda: seen.append(stand.told())
    await stand.coordinator.start([await stand.plan()], YES)
    await _ended(stand)
    assert seen == [[("intent", "")]]


@pytest.mark.parametrize(
    ("consent", "said"),
    [
        (Consent(), "typed"),
        (Consent(confirmed=True), "typed"),
        (Consent(confirmed=True, typed="wob", reason="r"), "typed"),
        (Consent(confirmed=True, typed="web", reason="  "), "reason"),
    ],
)
async def test_without_consent_nothing_is_done(stand: Stand, consent: Consent, said: str) -> None:
    with pytest.raises(Refused, match=said):
        await stand.coordinator.start([await stand.plan()], consent)
    assert stand.lever.pulled == []
    assert stand.told() == []


async def test_an_act_is_never_done_twice(stand: Stand) -> None:
    plan = await stand.plan()
    await stand.coordinator.start([plan], YES)
    await _ended(stand)
    with pytest.raises(Refused, match="already"):
        await stand.coordinator.start([plan], YES)
    assert stand.lever.pulled == [plan.id]


async def test_a_source_that_was_connected_again_is_planned_again(stand: Stand) -> None:
    plan = await stand.plan()
    stand.engine.settings = SourceSettings(timeout=5)
    decision = stand.coordinator.decide([plan])
    assert decision.denied
    assert "k8s was connected again since Deployment shop/web was planned" in decision.explanation
    with pytest.raises(Refused, match="plan it again"):
        await stand.coordinator.start([plan], YES)
    assert stand.lever.pulled == []
    await stand.coordinator.start([await stand.plan()], YES)
    assert await _ended(stand) is ActivityState.SUCCEEDED


async def test_the_world_has_moved(stand: Stand) -> None:
    plan = await stand.plan()
    stand.lever.stands = 8
    await stand.coordinator.start([plan], YES)
    assert await _ended(stand) is ActivityState.REFUSED
    assert "stands at 8" in stand.engine.last.message
    assert stand.told() == [("intent", ""), ("outcome", "not done")]
    assert stand.lever.stands == 8


@pytest.mark.parametrize("error", [Forbidden("no"), Unauthenticated("who?")])
async def test_a_refusal_of_the_server(stand: Stand, error: Exception) -> None:
    stand.lever.error = error
    await stand.coordinator.start([await stand.plan()], YES)
    assert await _ended(stand) is ActivityState.REFUSED
    assert stand.told()[-1] == ("outcome", "not done")


@pytest.mark.parametrize(
    "error", [OutcomeUnknown("cut"), Unreachable("502"), Malformed("html"), KeyError("uid")]
)
@pytest.mark.parametrize("done", [True, False])
async def test_what_is_uncertain_is_settled_by_a_look(
    stand: Stand, error: Exception, done: bool
) -> None:
    stand.lever.settling = [Unreachable("still down")]
    if done:
        stand.lever.error_after = error
    else:
        stand.lever.error = error
    await stand.coordinator.start([await stand.plan()], YES)
    ends = ActivityState.SUCCEEDED if done else ActivityState.REFUSED
    await eventually(lambda: stand.engine.last.state is ends)
    last = [("verdict", "succeeded")] if done else []
    settled = ("settled", "done" if done else "not done")
    assert stand.told() == [("intent", ""), ("outcome", "unknown"), settled, *last]
    assert len(stand.lever.pulled) == int(done)


@pytest.mark.parametrize(
    "error", [Unreachable("no route"), Malformed("html"), TimeoutError("slow"), KeyError("uid")]
)
async def test_what_goes_wrong_before_anything_is_sent_leaves_no_doubt(
    stand: Stand, error: Exception
) -> None:
    stand.lever.error_unsent = error
    await stand.coordinator.start([await stand.plan()], YES)
    assert await _ended(stand) is ActivityState.REFUSED
    assert stand.told() == [("intent", ""), ("outcome", "not done")]
    assert "nothing was sent" in stand.engine.last.message


async def test_what_never_left_leaves_no_doubt(stand: Stand) -> None:
    stand.lever.error = NotSent("refused")
    await stand.coordinator.start([await stand.plan()], YES)
    assert await _ended(stand) is ActivityState.REFUSED
    assert stand.told() == [("intent", ""), ("outcome", "not done")]


async def test_a_world_that_never_answers_stays_unknown(stand: Stand) -> None:
    stand.lever.error = OutcomeUnknown("cut")
    stand.lever.settling = [Unreachable("down")] * 99
    await stand.coordinator.start([await stand.plan()], YES)
    await eventually(lambda: len(stand.told()) == 3)
    assert stand.told()[-1] == ("settled", "unknown")
    assert stand.engine.last.state is ActivityState.UNKNOWN
    assert "down" in stand.engine.last.message


async def test_a_failure_says_why(stand: Stand) -> None:
    stand.lever.verdict = Verdict.FAILED
    await stand.coordinator.start([await stand.plan()], YES)
    assert await _ended(stand) is ActivityState.FAILED
    assert stand.told()[-1] == ("verdict", "failed")


async def test_what_never_ends_is_timed_out(stand: Stand) -> None:
    stand.lever.ends.clear()
    plan = (await stand.plan()).model_copy(update={"timeout": 0.05})
    await stand.coordinator.start([plan], YES)
    assert await _ended(stand) is ActivityState.TIMED_OUT
    assert "moving" in stand.engine.last.message


async def test_several_stop_at_the_first_failure(stand: Stand) -> None:
    plans = [await stand.plan(), await stand.plan(to="5"), await stand.plan(to="4")]
    stand.lever.verdict = Verdict.FAILED
    consent = Consent(confirmed=True, typed="rollback 3", reason="r")
    await stand.coordinator.start(plans, consent)
    await eventually(lambda: len({one.id for one in stand.engine.told}) == 3)
    assert stand.lever.pulled == [plans[0].id]
    states = {one.id: one.state for one in stand.engine.told}
    assert [states[plan.id].value for plan in plans] == ["failed", "refused", "refused"]


async def test_several_go_on_if_told_to(stand: Stand) -> None:
    first, second = await stand.plan(), await stand.plan(to="5")
    second = second.model_copy(update={"precondition": {"stands": "6"}})
    stand.lever.verdict = Verdict.FAILED
    consent = Consent(confirmed=True, typed="rollback 2", reason="r")
    await stand.coordinator.start([first, second], consent, keep_going=True)
    await eventually(lambda: stand.told().count(("verdict", "failed")) == 2)
    assert stand.lever.pulled == [first.id, second.id]


async def test_two_acts_at_once(stand: Stand) -> None:
    stand.lever.ends.clear()
    first, second = await stand.plan(), await stand.plan(to="5")
    second = second.model_copy(update={"precondition": {"stands": "6"}})
    await stand.coordinator.start([first], YES)
    await eventually(lambda: stand.lever.stands == 6)
    await stand.coordinator.start([second], YES)
    await eventually(lambda: stand.lever.stands == 5)
    stand.lever.ends.set()
    await eventually(lambda: stand.told().count(("verdict", "succeeded")) == 2)


async def test_a_plan_that_was_changed_is_not_permitted(stand: Stand) -> None:
    plan = await stand.plan()
    permit, _ = stand.coordinator._guard.admit(plan, [plan], YES)
    other = plan.model_copy(update={"payload": {"to": 1}})
    with pytest.raises(Exception, match="another plan"):
        await stand.lever.execute(other, permit)
    await stand.lever.execute(plan, permit)
    with pytest.raises(Exception, match="has been used"):
        await stand.lever.execute(plan, permit)


async def test_a_secret_never_gets_into_plan_or_trail(stand: Stand) -> None:
    stand.redactor.register_secret("hunter2-hunter2")
    plan = await stand.plan()
    assert "hunter2" not in plan.model_dump_json()
    stand.lever.error = Forbidden("token hunter2-hunter2 is not good")
    await stand.coordinator.start([plan], YES)
    await _ended(stand)
    assert "hunter2" not in stand.audit.file.read_text()
    assert "***" in stand.engine.last.message


async def test_what_a_server_answers_is_cleaned_and_holds_no_secret(stand: Stand) -> None:
    stand.redactor.register_secret("hunter2-hunter2")
    stand.lever.answer = "took \x1b[31mhunter2-hunter2\x1b[0m"
    await stand.coordinator.start([await stand.plan()], YES)
    await _ended(stand)
    assert "hunter2" not in stand.audit.file.read_text()
    assert "took ***" in [one.message for one in stand.engine.told]


async def test_an_act_without_an_audit_trail_is_refused(stand: Stand) -> None:
    stand.audit.file.mkdir(parents=True)
    with pytest.raises(Refused, match="no action without an audit trail"):
        await stand.coordinator.start([await stand.plan()], YES)
    assert stand.lever.pulled == []


async def test_an_old_plan_is_refused(stand: Stand) -> None:
    plan = await stand.plan()
    await stand.clock.sleep(3_600)
    assert stand.coordinator.decide([plan]).denied
    with pytest.raises(Refused, match="old"):
        await stand.coordinator.start([plan], YES)


def _whys(stand: Stand, **record: object) -> dict[str, str]:
    offers = stand.coordinator.available_actions(deployment(**record))  # type: ignore[arg-type]
    return {one.action.id: one.disabled_reason for one in offers}


def test_offers_say_why_not(tmp_path: Path, stand: Stand) -> None:
    assert _whys(stand) == {"rollback": "", "restart": ""}
    assert _whys(stand, paused=True) == {"rollback": "", "restart": "it is paused"}
    for sealed in (Stand(tmp_path, read_only=True), Stand(tmp_path, Settings(read_only=True))):
        assert all("read-only" in why for why in _whys(sealed).values())
    policy = Settings(policy={"production": {"restart": PolicyDecision.DENY}})
    assert "denies restart in production" in _whys(Stand(tmp_path, policy))["restart"]


async def test_read_only_sources_take_nothing(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.engine.settings = stand.engine.settings.model_copy(update={"read_only": True})
    assert set(_whys(stand).values()) == {"k8s is read-only"}
    with pytest.raises(Refused, match="read-only"):
        await stand.coordinator.start([await stand.plan()], YES)
    assert stand.lever.pulled == []


async def test_the_detail_of_an_act_tells_all_of_it(stand: Stand) -> None:
    plan = await stand.plan()
    await stand.coordinator.start([plan], YES)
    await _ended(stand)
    detail = await stand.coordinator.detail(stand.engine.last.ref)
    told = detail.model_dump_json()
    for word in ("it burns", "revision 7", "verdict", plan.id):
        assert word in told


async def test_a_cancelled_send_is_on_record_as_unknown(stand: Stand) -> None:
    hanging = asyncio.Event()

    async def execute(plan: Plan, permit: Permit) -> object:
        with permit.used_for(plan):
            require_permit(permit, "pulling the lever")
            hanging.set()
            return await asyncio.Event().wait()

    stand.lever.execute = execute  # type: ignore[method-assign, assignment]
    await stand.coordinator.start([await stand.plan()], YES)
    await hanging.wait()
    assert stand.coordinator.sending_count == 1
    for task in tuple(stand.coordinator._tasks):
        task.cancel()
    await eventually(lambda: ("outcome", "unknown") in stand.told())


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), asyncio.CancelledError()])
async def test_an_adapter_that_raises_to_end_the_program_leaves_an_unknown_outcome(
    stand: Stand, error: BaseException
) -> None:
    """It was pulled all the same, and a look at it says so."""

    def end() -> None:
        raise error

    stand.lever.after_pull = end
    await stand.coordinator.start([await stand.plan()], YES)
    assert await _ended(stand) is ActivityState.SUCCEEDED
    assert stand.told()[1:3] == [("outcome", "unknown"), ("settled", "done")]


@pytest.mark.parametrize("answer", [None, "pulled"])
async def test_an_answer_that_is_no_receipt_leaves_an_unknown_outcome(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    execute = stand.lever.execute

    async def odd(plan: Plan, permit: Permit) -> object:
        await execute(plan, permit)
        return answer

    monkeypatch.setattr(stand.lever, "execute", odd)
    await stand.coordinator.start([await stand.plan()], YES)
    assert await _ended(stand) is ActivityState.SUCCEEDED
    assert stand.told()[1:3] == [("outcome", "unknown"), ("settled", "done")]
    assert "no Receipt" in stand.audit.entries()[1].message


async def test_a_look_that_returns_nothing_decides_nothing(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: Plan) -> None:
        return None

    stand.lever.error = OutcomeUnknown("no answer")
    monkeypatch.setattr(stand.lever, "reconcile", nothing)
    await stand.coordinator.start([await stand.plan()], YES)
    assert await _ended(stand) is ActivityState.UNKNOWN
    assert "returned NoneType" in stand.engine.last.message


@pytest.mark.parametrize("question", ["form", "plan"])
async def test_a_plan_that_is_none_is_a_fault_of_the_adapter(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    async def nothing(_: Request) -> None:
        return None

    monkeypatch.setattr(stand.lever, question, nothing)
    request = Request(action="rollback", ref=REF)
    with pytest.raises(SourceError, match="returned NoneType"):
        await getattr(stand.coordinator, question)(request)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ValueError("why"), "the adapter cannot say whether it is possible (ValueError: why)"),
        (None, "the adapter cannot say whether it is possible (NoneType, and no text)"),
        ("\x1b[31mno\n", "no"),
    ],
)
def test_a_reason_that_is_none_is_one_all_the_same(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, answer: object, said: str
) -> None:
    def odd(*_: object) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Lever, "disabled_reason", odd)
    found = stand.coordinator.available_actions(deployment())
    assert {one.disabled_reason for one in found if one.action.id == "rollback"} == {said}
