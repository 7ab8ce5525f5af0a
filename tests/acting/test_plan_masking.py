"""No secret of a plan is shown or kept, and none breaks it or changes what is carried out."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.acting.plan_masking import NOT_STORED, PlanMasker
from opsboard.adapter import (
    Difference,
    Fact,
    Finding,
    Form,
    Input,
    Plan,
    Request,
    Severity,
    Unsupported,
)
from opsboard.collect.redact import Redactor, is_unredacted
from opsboard.config.action_rules import PolicyDecision
from opsboard.records import ActivityState
from tests.acting.lever import REF, LeverSource, Stand
from tests.board import NOW
from tests.collect import eventually

YES = Consent(confirmed=True, typed="web", reason="it burns")
WORDS = ("model", "2026", "true", "1234", "null", "web", "production", "rollback", "k8s", "stands")
ODD = (
    'p"ä\\ss',
    "Grüße, 'Welt'",
    "two\nlines of it",
    "a\tb c/d+e=f",
    "пароль-🔑-пароль",
    "x{}[]:,x",
)


class Telling(LeverSource):
    """Its plans say more, and hold what is put into :attr:`more`."""

    def __init__(self, **more: Any) -> None:
        super().__init__()
        self.more = more

    async def plan(self, request: Request) -> Plan:
        plan = await super().plan(request)
        return plan.model_copy(
            update={"payload": {"to": 6, "flag": True, "none": None}, **self.more}
        )


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def _telling(stand: Stand, **more: Any) -> Telling:
    source = Telling(**more)
    stand.engine.sources["k8s"] = stand.lever = source
    return source


async def _ended(stand: Stand) -> ActivityState:
    await eventually(lambda: stand.engine.told and stand.engine.last.finished_at)
    return stand.engine.last.state


def _cancelled() -> None:
    """End the run as it ends where the program does while it waits for the answer."""
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    raise asyncio.CancelledError


def _seen(stand: Stand, plan: Plan) -> str:
    """Return all that anybody may see of *plan*: on the screen, as JSON, and on record."""
    shown = [repr(one) for one in stand.engine.told]
    return "\n".join((plan.model_dump_json(), repr(plan), stand.audit.file.read_text(), *shown))


@pytest.mark.parametrize("password", WORDS)
async def test_a_password_that_is_a_mere_word_breaks_nothing(stand: Stand, password: str) -> None:
    _telling(stand)
    stand.redactor.register_secret(password)
    plan = await stand.plan()
    judged = stand.coordinator.decide([plan])
    assert (judged.decision, judged.confirmation_text) == (PolicyDecision.TYPED, "web")
    assert (plan.environment, plan.action, plan.ref, plan.payload["to"]) == (
        "production", "rollback", REF, 6,
    )  # fmt: skip
    await stand.coordinator.start([plan], YES)
    assert await _ended(stand) is ActivityState.SUCCEEDED
    assert stand.lever.stands == 6
    assert stand.audit.entries()[0].plan == plan


@pytest.mark.parametrize("password", ODD)
async def test_an_odd_password_is_masked_wherever_it_stands(stand: Stand, password: str) -> None:
    said = f"it is {password} there"
    _telling(
        stand,
        title=said,
        target=said,
        before=said,
        after=said,
        changes=(Difference(group=said, name=said, before=said, after=said),),
        facts=(Fact(label=said, value=said),),
        findings=(Finding(severity=Severity.NOTE, text=said),),
        permission_note=said,
        dry_run=said,
        values={"to": said},
        precondition={"stands": "7", "as": said},
        payload={"to": 6, "deep": [{"er": (said, json.dumps(said), repr(said))}]},
    )
    stand.redactor.register_secret(password)
    stand.lever.answer = said
    plan = await stand.plan()
    await stand.coordinator.start([plan], Consent(typed="web", reason=said))
    assert await _ended(stand) is ActivityState.SUCCEEDED
    seen = _seen(stand, plan)
    for written in (
        password,
        json.dumps(password)[1:-1],
        repr(password)[1:-1],
    ):
        assert written not in seen
    assert stand.audit.entries()[0].reason.startswith("it is *** there")


async def test_what_is_carried_out_has_its_secret_and_what_is_kept_has_not(stand: Stand) -> None:
    sent: list[Plan] = []
    source = _telling(stand, payload={"to": 6, "argv": ["train", "--password", "s3cr3t-s3cr3t"]})
    pull = source.execute

    async def execute(plan: Plan, permit: Any) -> Any:
        sent.append(plan)
        return await pull(plan, permit)

    source.execute = execute  # type: ignore[method-assign]
    plan = await stand.plan()
    assert plan.payload["argv"] == ["train", "--password", "***"]
    await stand.coordinator.start([plan], YES)
    assert await _ended(stand) is ActivityState.SUCCEEDED
    assert sent[0].payload["argv"] == ["train", "--password", "s3cr3t-s3cr3t"]
    assert "s3cr3t" not in _seen(stand, plan)


@pytest.mark.parametrize("taken", [True, False])
async def test_without_its_secret_a_later_session_says_that_it_cannot_look(
    tmp_path: Path, taken: bool
) -> None:
    first = Stand(tmp_path)
    _telling(first, payload={"to": 6, "with": "Bearer abcdef0123456789"})
    first.lever.ends.clear()
    if not taken:
        first.lever.after_pull = _cancelled
    plan = await first.plan()
    await first.coordinator.start([plan], YES)
    last = ("outcome", "done") if taken else ("outcome", "unknown")
    await eventually(lambda: last in first.told() or None)
    for task in tuple(first.coordinator._tasks):
        task.cancel()
    await eventually(lambda: not first.coordinator._tasks)
    later = Stand(tmp_path)
    asked = _telling(later)
    await later.coordinator.resume_open_runs()
    await eventually(lambda: later.engine.told and NOT_STORED in later.engine.last.message)
    assert later.engine.last.state is (ActivityState.TIMED_OUT if taken else ActivityState.UNKNOWN)
    assert asked.pulled == []
    on_record = later.told()
    again = Stand(tmp_path)
    _telling(again)
    await again.coordinator.resume_open_runs()
    await eventually(lambda: not again.coordinator._tasks)
    await again.coordinator.reconcile_abandoned()
    assert again.told() == on_record, "it is said once"


async def test_a_plan_whose_secret_nobody_knows_is_not_carried_out(stand: Stand) -> None:
    _telling(stand, payload={"to": 6, "with": "Bearer abcdef0123456789"})
    plan = await stand.plan()
    forged = plan.model_copy(update={"target": "another"})
    with pytest.raises(Refused, match="was not kept"):
        await stand.coordinator.start([forged], YES)
    assert stand.lever.pulled == []


async def test_what_is_three_stars_by_itself_is_carried_out(stand: Stand) -> None:
    _telling(stand, payload={"to": 6, "note": "*** important ***"})
    plan = await stand.plan()
    assert is_unredacted(plan) is False
    await stand.coordinator.start([plan], YES)
    assert await _ended(stand) is ActivityState.SUCCEEDED


async def test_a_form_never_offers_a_mask_to_be_sent(stand: Stand) -> None:
    source = _telling(stand)

    async def form(_request: Request) -> Form:
        return Form(
            inputs=(
                Input(name="to", default="6"),
                Input(name="DATABASE_URL", default="postgres://u:hunter2@db/x"),
                Input(name="api_key", default="hunter2"),
            )
        )

    source.form = form  # type: ignore[method-assign, assignment]
    shown = await stand.coordinator.form(Request(action="rollback", ref=REF))
    assert {one.name: one.default for one in shown.inputs} == {
        "to": "6", "DATABASE_URL": "", "api_key": "",
    }  # fmt: skip
    assert "hunter2" not in shown.model_dump_json()


async def test_a_document_that_holds_a_secret_is_not_handed_out_empty(stand: Stand) -> None:
    stand.redactor.register_secret("hunter2hunter2")
    request = Request(action="rollback", ref=REF)
    masker = PlanMasker(stand.redactor)
    for text, kept in (("a: hunter2hunter2\n", False), ("a: '***'\n", True)):
        document = Input(name="document", label="document", document=".yaml", default=text)
        form = Form(inputs=(document,))
        if kept:
            assert masker.form(request, form) == form
        else:
            with pytest.raises(Unsupported, match="holds a secret of the config"):
                masker.form(request, form)


async def test_the_intent_is_whole_in_its_kinds(stand: Stand) -> None:
    """Numbers, flags and nothing stay what they are, whatever the password."""
    _telling(stand)
    for password in WORDS:
        stand.redactor.register_secret(password)
    plan = await stand.plan()
    assert plan.payload == {"to": 6, "flag": True, "none": None}
    assert plan.made_at == NOW


@pytest.mark.parametrize(
    "reason",
    [
        "the token was ghp_0123456789abcdefABCDEF",
        "log in with --password hunter2-hunter2",
        "OPENAI_KEY=hunter2-hunter2",
        "postgres://u:hunter2-hunter2@db/x is down",
    ],
)
async def test_a_reason_is_kept_without_what_looks_like_a_secret(stand: Stand, reason: str) -> None:
    await stand.coordinator.start(
        [await stand.plan()], Consent(confirmed=True, typed="web", reason=reason)
    )
    assert await _ended(stand) is ActivityState.SUCCEEDED
    assert {entry.reason for entry in stand.audit.entries()} == {stand.engine.last.cause}
    assert "***" in stand.engine.last.cause
    for secret in ("ghp_0", "hunter2-hunter2@", "KEY=hunter2", "password hunter2"):
        assert secret not in stand.engine.last.cause


async def test_what_has_a_mask_in_it_takes_nothing_back(stand: Stand) -> None:
    plan = await stand.coordinator.plan(Request(action="rollback", ref=REF))
    redactor = Redactor()
    redactor.register_secret("hunter2-hunter2")
    masker = PlanMasker(redactor)
    whole = {"key": "team", "value": "ml"}
    assert masker.masked(plan.model_copy(update={"undo": whole})).undo == whole
    secret = {"key": "team", "value": "hunter2-hunter2"}
    assert masker.masked(plan.model_copy(update={"undo": secret})).undo == {}
