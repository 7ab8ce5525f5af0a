"""What the runner makes of an action that is all right."""

import pytest

from opsboard.adapter import (
    Forbidden,
    Misconfigured,
    NotPermitted,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    Receipt,
    ReconcileOutcome,
    Request,
    RequestRefused,
    SourceError,
    Unreachable,
    Unsupported,
    Verdict,
)
from opsboard.adapter.permit import issue_permit
from opsboard.records import Kind, Ref
from opsboard.testing import ClosedPermit
from tests.adapter.lamps import LAMP, Lamp, Lamps, planned, runner_of


async def test_from_the_form_to_the_verdict() -> None:
    runner, _ = runner_of(server := Lamps())
    form = await runner.form(Request(action="switch", ref=LAMP))
    assert [one.default for one in form.inputs] == ["true"]
    plan = await planned(runner)
    assert (plan.before, plan.after, plan.values) == ("false", "true", {"on": "true"})
    assert (plan.payload, plan.precondition) == ({"lamp": "hall", "on": True}, {"on": "False"})
    assert not plan.blockers
    assert (await runner.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
    receipt = await runner.execute(plan, issue_permit(plan))
    assert [one.verdict async for one in runner.observe(plan, receipt)] == [Verdict.SUCCEEDED]
    assert (await runner.reconcile(plan)).outcome is ReconcileOutcome.DONE
    assert server.sent == ["hall"]


async def test_each_thing_is_asked_once_for_a_plan() -> None:
    """Form, draft, precondition and version are of one reading; the sending looks afresh, once."""
    runner, _ = runner_of(server := Lamps())
    plan = await planned(runner)
    assert server.asked == ["hall"]
    await runner.execute(plan, issue_permit(plan))
    assert server.asked == ["hall"] * 2


async def test_what_would_change_nothing_is_blocked() -> None:
    runner, _ = runner_of(Lamps())
    assert (await planned(runner, on="false")).blockers == ("it is false: nothing would change",)


async def test_values_that_the_form_does_not_take_are_named() -> None:
    runner, _ = runner_of(Lamps())
    with pytest.raises(Misconfigured, match="on is true or false"):
        await planned(runner, on="maybe")


async def test_only_what_is_offered_is_planned() -> None:
    runner, _ = runner_of(Lamps())
    with pytest.raises(Unsupported, match="no action 'paint'"):
        await runner.plan(Request(action="paint", ref=LAMP))
    with pytest.raises(Unsupported, match="not offered for any pod"):
        await runner.plan(Request(action="switch", ref=Ref("example", Kind.POD, "hall")))


async def test_another_world_is_not_acted_on() -> None:
    runner, _ = runner_of(server := Lamps())
    plan = await planned(runner)
    server.lamps["hall"].on = True
    with pytest.raises(PreconditionFailed, match="on is True now, and was False"):
        await runner.execute(plan, issue_permit(plan))
    del server.lamps["hall"]
    with pytest.raises(PreconditionFailed, match="is gone"):
        await runner.execute(plan, issue_permit(plan))
    assert not server.sent


async def test_a_permit_is_for_one_sending_of_one_plan() -> None:
    runner, _ = runner_of(server := Lamps())
    plan, other = await planned(runner), await planned(runner)
    with pytest.raises(NotPermitted):
        await runner.execute(plan, ClosedPermit())
    with pytest.raises(NotPermitted):
        await runner.execute(plan, issue_permit(other))
    with pytest.raises(NotPermitted, match="too long after"):
        await runner.execute(plan, issue_permit(plan, lambda: True))
    assert not server.sent
    permit = issue_permit(plan)
    await runner.execute(plan, permit)
    with pytest.raises(NotPermitted, match="has been used"):
        await runner.execute(plan, permit)
    assert server.sent == ["hall"]


async def test_a_version_that_moves_under_the_request_is_sent_again_for_the_new_one() -> None:
    """Nothing was done of what was refused, and the precondition is held to each time."""
    runner, _ = runner_of(server := Lamps(moves_before_send=2))
    plan = await planned(runner)
    await runner.execute(plan, issue_permit(plan))
    assert server.sent == ["hall"] * 3
    assert server.lamps["hall"].on


async def test_what_moves_all_the_time_is_given_up() -> None:
    runner, _ = runner_of(server := Lamps(moves_before_send=99))
    plan = await planned(runner)
    with pytest.raises(PreconditionFailed, match="faster than it can be changed"):
        await runner.execute(plan, issue_permit(plan))
    assert len(server.sent) == 5
    assert not server.lamps["hall"].on


async def test_a_refusal_of_the_same_version_is_not_repeated() -> None:
    refusal = RequestRefused("no such switch", conflict=True)
    runner, _ = runner_of(server := Lamps(send_errors=[refusal]))
    plan = await planned(runner)
    with pytest.raises(RequestRefused, match="no such switch"):
        await runner.execute(plan, issue_permit(plan))
    assert server.sent == ["hall"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unreachable("cut"), OutcomeUnknown),
        (OutcomeUnknown("silence"), OutcomeUnknown),
        (ValueError("a fault"), OutcomeUnknown),
        (TimeoutError(), OutcomeUnknown),
        (NotSent("refused"), NotSent),
        (Forbidden("no"), Forbidden),
        (RequestRefused("no"), RequestRefused),
    ],
)
async def test_what_an_error_of_sending_means(
    error: Exception, expected: type[SourceError]
) -> None:
    """Only where the server has refused it, or nothing has left, it was not done."""
    runner, _ = runner_of(server := Lamps(send_errors=[error]))
    plan = await planned(runner)
    permit = issue_permit(plan)
    with pytest.raises(expected):
        await runner.execute(plan, permit)
    assert permit.was_asked_for
    assert server.sent == ["hall"], "it is not sent twice"


async def test_an_error_before_anything_is_sent_leaves_the_permit_unasked() -> None:
    """So the guard knows that nothing was sent."""
    runner, _ = runner_of(server := Lamps())
    plan = await planned(runner)
    server.read_errors = [Unreachable("gone")]
    permit = issue_permit(plan)
    with pytest.raises(Unreachable):
        await runner.execute(plan, permit)
    assert not permit.was_asked_for


async def test_that_it_was_not_done_is_final_once_its_version_would_be_refused() -> None:
    runner, _ = runner_of(server := Lamps())
    plan = await planned(runner)
    result = await runner.reconcile(plan)
    assert (result.version, result.final) == ("1", False)
    server.lamps["hall"] = Lamp(on=True, version=7)
    result = await runner.reconcile(plan)
    assert (result.outcome, result.version, result.final) == (ReconcileOutcome.NOT_DONE, "7", True)


async def test_a_look_that_breaks_off_is_repeated_without_waiting() -> None:
    runner, context = runner_of(server := Lamps())
    plan = await planned(runner)
    server.read_errors = [Unreachable("gone")]
    assert (await runner.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE
    server.read_errors = [Unreachable("gone")] * 2
    with pytest.raises(Unreachable):
        await runner.reconcile(plan)
    assert not context.pauses


async def test_what_is_gone_is_not_known() -> None:
    runner, _ = runner_of(server := Lamps())
    plan = await planned(runner)
    del server.lamps["hall"]
    result = await runner.reconcile(plan)
    assert result.outcome is ReconcileOutcome.UNKNOWN
    assert "is gone" in result.message


async def test_an_old_plan_that_lacks_what_is_needed_says_so() -> None:
    runner, _ = runner_of(Lamps())
    plan = (await planned(runner)).model_copy(update={"payload": {"lamp": "hall"}})
    with pytest.raises(SourceError, match="has a payload that cannot be read: on"):
        await runner.reconcile(plan)
    with pytest.raises(SourceError, match="has a payload that cannot be read"):
        runner.observe(plan, Receipt(message=""))
