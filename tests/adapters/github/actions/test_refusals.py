"""What GitHub answers when it does not do it, or when no answer comes: known, or settled."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import (
    Forbidden,
    Misconfigured,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PreconditionFailed,
    ReconcileOutcome,
    Request,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
    Verdict,
)
from opsboard.records import Kind, Ref
from tests.adapters.github.actions.stage import AppHarness, staged
from tests.adapters.github.actions.test_dispatching import MODEL, RECIPE
from tests.adapters.github.actions.test_reviews import _waiting


def _posts(answer: Callable[[], httpx.Response]) -> Callable[[httpx.Request], Any]:
    """Let what changes something be answered so, and be done by nobody."""
    return lambda request: answer() if request.method == "POST" else None


def _says(status: int, message: str, **headers: str) -> Callable[[], httpx.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: httpx.Response(status, json={"message": message}, headers=named)


def _raises(error: Exception) -> Callable[[], httpx.Response]:
    def answer() -> httpx.Response:
        raise error

    return answer


RIGHTS = "Must have admin rights to Repository."


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (_says(403, RIGHTS), Forbidden, "this login may not do that"),
        (_says(403, "Resource not accessible by integration"), Forbidden, "not accessible"),
        (_says(403, "it was created over a month ago"), Forbidden, "over a month ago"),
        (_says(403, "This workflow is already running"), PreconditionFailed, "already running"),
        (_says(404, "Not Found"), NotFound, "404"),
        (_says(401, "Bad credentials"), Unauthenticated, "Bad credentials"),
        (_says(409, "Conflict"), PreconditionFailed, "changed since the plan"),
        (_says(422, "Unprocessable"), Misconfigured, "GitHub does not accept it"),
        (_says(301, "Moved"), SourceError, "redirected"),
        (_says(308, "Moved"), SourceError, "redirected"),
        (_says(302, "Found"), OutcomeUnknown, "may have been done, or not"),
        (_says(303, "See Other"), OutcomeUnknown, "may have been done, or not"),
        (_says(408, "Timeout"), OutcomeUnknown, "may have been done, or not"),
        (_says(499, "Closed"), OutcomeUnknown, "may have been done, or not"),
        (_says(500, "oops"), OutcomeUnknown, "may have been done, or not"),
        (_says(502, "Bad Gateway"), OutcomeUnknown, "may have been done, or not"),
        (_raises(httpx.ReadTimeout("slow")), OutcomeUnknown, "did not answer in time"),
        (_raises(httpx.ReadError("reset")), OutcomeUnknown, "may have been done, or not"),
        (_raises(httpx.RemoteProtocolError("cut")), OutcomeUnknown, "may have been done, or not"),
        (_raises(httpx.ConnectError("refused")), NotSent, "cannot reach"),
        (_raises(httpx.ConnectTimeout("slow")), NotSent, "did not answer in time"),
    ],
)
async def test_each_answer_is_told_for_what_it_is(
    stage: AppHarness, answer: Callable[[], httpx.Response], error: type[SourceError], message: str
) -> None:
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    stage.wire.tamper = _posts(answer)
    with pytest.raises(error, match=message) as caught:
        await stage.execute(plan)
    assert caught.value.hint
    assert type(caught.value) is error or error is SourceError
    assert len(stage.wire.posted) == 1
    stage.wire.tamper = lambda request: None
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.NOT_DONE


@pytest.mark.parametrize(
    "answer",
    [
        _says(403, "You have exceeded a secondary rate limit", Retry_After="90"),
        _says(429, "Too many", Retry_After="90"),
    ],
)
async def test_a_limit_is_no_doubt(stage: AppHarness, answer: Callable[[], httpx.Response]) -> None:
    plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
    stage.wire.tamper = _posts(answer)
    with pytest.raises(Throttled, match="nothing was done") as caught:
        await stage.execute(plan)
    assert caught.value.until == stage.ctx.time + timedelta(seconds=90)
    # Until then nothing is asked for, and so nothing is sent either.
    again = plan.model_copy(update={"id": "another"})
    with pytest.raises(Throttled):
        await stage.execute(again)
    assert len(stage.wire.posted) == 1


async def test_a_secondary_limit_on_changes_is_no_doubt_and_told_as_such(stage: AppHarness) -> None:
    """It comes without any number, while the allowance is hardly used."""
    plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
    said = "You have exceeded a secondary rate limit and have been temporarily blocked from content"
    stage.wire.tamper = _posts(
        _says(403, f"{said} creation. Please retry your request again later.")
    )
    with pytest.raises(Throttled, match="nothing was done: GitHub's secondary") as caught:
        await stage.execute(plan)
    assert caught.value.until == stage.ctx.time + timedelta(minutes=1)
    assert "on changes is reached; next try at" in caught.value.message
    again = plan.model_copy(update={"id": "another"})
    with pytest.raises(Throttled, match="secondary rate limit on changes"):
        await stage.execute(again)
    assert len(stage.wire.posted) == 1


async def test_an_answer_that_was_lost_is_settled(stage: AppHarness) -> None:
    """The connection is cut after GitHub has done it."""
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    stage.wire.cut = True
    with pytest.raises(OutcomeUnknown):
        await stage.execute(plan)
    assert len(stage.wire.posted) == 1
    settled = await stage.reconcile(plan)
    assert (settled.outcome, settled.message) == (
        ReconcileOutcome.DONE,
        "attempt 2 was begun by dalia",
    )
    assert settled.receipt is not None
    steps = await stage.observe(plan, settled.receipt)
    assert steps[-1].verdict is Verdict.SUCCEEDED


async def test_a_training_whose_answer_was_lost_is_found_by_its_mark(stage: AppHarness) -> None:
    plan = await stage.source.plan(Request(action="retrain", ref=MODEL, recipe=RECIPE))
    stage.wire.cut = True
    with pytest.raises(OutcomeUnknown):
        await stage.execute(plan)
    settled = await stage.reconcile(plan)
    assert settled.outcome is ReconcileOutcome.DONE
    assert "has its mark" in settled.message
    assert settled.receipt is not None
    steps = await stage.observe(plan, settled.receipt)
    assert steps[-1].verdict is Verdict.SUCCEEDED


async def test_an_approval_whose_answer_was_lost(stage: AppHarness) -> None:
    plan = await stage.plan("approve", _waiting(stage))
    stage.wire.cut = True
    with pytest.raises(OutcomeUnknown):
        await stage.execute(plan)
    assert (await stage.reconcile(plan)).outcome is ReconcileOutcome.DONE


async def test_what_cannot_be_looked_at_is_not_done(stage: AppHarness) -> None:
    plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
    stage.wire.tamper = lambda request: httpx.Response(503)
    with pytest.raises(Unreachable):
        await stage.execute(plan)
    assert not stage.wire.posted


@pytest.mark.parametrize(
    "trouble",
    [
        _says(503, "Unavailable"),
        _says(403, "API rate limit exceeded", Retry_After="60"),
        _raises(httpx.ReadError("reset")),
    ],
)
async def test_following_outlives_trouble(
    stage: AppHarness, trouble: Callable[[], httpx.Response]
) -> None:
    plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
    receipt = await stage.execute(plan)
    begin = len(stage.wire.sent)
    stage.wire.tamper = lambda request: (
        trouble() if len(stage.wire.sent) - begin in {2, 3} else None
    )
    steps = await stage.observe(plan, receipt)
    assert any(one.message.startswith("cannot be read at the moment") for one in steps)
    assert steps[-1].verdict is Verdict.SUCCEEDED


async def test_a_run_that_is_deleted_while_it_is_followed(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    plan = await stage.plan("rerun", ref)
    receipt = await stage.execute(plan)
    run = stage.the_run(ref)
    run.repository.runs.remove(run)
    (last,) = await stage.observe(plan, receipt)
    assert last.verdict is Verdict.FAILED
    assert "it is gone" in last.message


async def test_only_execute_changes_anything(stage: AppHarness) -> None:
    """Forms, plans, following and settling are made of GET alone, for each action."""
    ended = stage.ended("checkout", "deploy", "failure")
    deployment = Ref("github", Kind.DEPLOYMENT, "harbourside/checkout/production")
    plans = [
        await _looked(stage, action, ref)
        for action, ref in (
            ("rerun", ended),
            ("rerun-failed", ended),
            ("cancel", ended),
            ("dispatch", ended),
            ("rollback", deployment),
            ("approve", _waiting(stage)),
            ("reject", _waiting(stage)),
        )
    ]
    request = Request(action="retrain", ref=MODEL, recipe=RECIPE)
    await stage.source.form(request)
    plans.append(await stage.source.plan(request))
    for plan in plans:
        await stage.reconcile(plan)
    assert {request.method for request in stage.wire.sent} == {"GET"}


async def _looked(stage: AppHarness, action: str, ref: Ref) -> Any:
    await stage.form(action, ref)
    return await stage.plan(action, ref)


async def test_to_follow_costs_little(stage: AppHarness) -> None:
    plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
    receipt = await stage.execute(plan)
    before = stage.source._api.limits.paid  # type: ignore[attr-defined]
    begin = len(stage.wire.sent)
    await stage.observe(plan, receipt)
    paid = stage.source._api.limits.paid - before  # type: ignore[attr-defined]
    assert paid <= len(stage.wire.sent) - begin
    assert min(stage.ctx.pauses) >= 5.0


async def test_a_small_allowance_slows_it_down(stage: AppHarness) -> None:
    plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
    receipt = await stage.execute(plan)

    def poor(request: httpx.Request) -> None:
        limits = stage.source._api.limits  # type: ignore[attr-defined]
        limits.budget = limits.budget and type(limits.budget)(
            name="core", remaining=20, limit=5_000, resets_at=stage.ctx.time + timedelta(hours=1)
        )

    stage.wire.tamper = poor
    stage.ctx.pauses.clear()
    limits = stage.source._api.limits  # type: ignore[attr-defined]
    limits.record = lambda response, now: None
    steps = await stage.observe(plan, receipt)
    assert steps[-1].verdict is Verdict.SUCCEEDED
    assert min(stage.ctx.pauses) == 120.0


async def test_little_is_left_and_so_it_is_said(stage: AppHarness) -> None:
    ref = stage.ended("storefront", "ci", "success")
    await stage.plan("rerun", ref)
    limits = stage.source._api.limits  # type: ignore[attr-defined]
    limits.record = lambda response, now: None
    limits.budget = type(limits.budget)(name="core", remaining=20, limit=5_000, resets_at=None)
    plan = await stage.plan("rerun", ref)
    assert any("only 20 requests are left" in one.text for one in plan.findings)


async def test_nobody_is_logged_in(tmp_path: Path) -> None:
    async with staged(tmp_path, api_url="http://127.0.0.1/api/v3") as stage:
        stage.source._api.limits.authenticated = False  # type: ignore[attr-defined]
        plan = await stage.plan("rerun", stage.ended("storefront", "ci", "success"))
    assert plan.blockers[0].startswith("not permitted: nobody is logged in")
