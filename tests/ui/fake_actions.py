"""Acts that do what a test has put into their attributes, and note what they were asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta

from opsboard.acting.decision import Consent, GuardDecision, confirmation_text_for
from opsboard.adapter import (
    ActionAvailability,
    ActionSpec,
    Detail,
    Difference,
    Fact,
    Facts,
    Finding,
    Form,
    Input,
    NotFound,
    Option,
    Permission,
    Plan,
    Request,
    Severity,
    SourceError,
    StartFinding,
    StartState,
)
from opsboard.config.action_rules import PolicyDecision
from opsboard.records import Activity, ActivityState, Deployment, Kind, Record, Ref, Status
from tests.ui.sample_board import NOW

ROLLBACK = ActionSpec(
    "rollback", "Roll back", "Bring back an earlier revision.", frozenset({Kind.DEPLOYMENT})
)
SCALE = ActionSpec(
    "scale", "Scale", "Run more replicas, or fewer.", frozenset({Kind.DEPLOYMENT}), needs_input=True
)
RESUME = ActionSpec("resume", "Resume", "Let the roll-out go on.", frozenset({Kind.DEPLOYMENT}))
RERUN = ActionSpec(
    "rerun", "Re-run", "Run all of it again.", frozenset({Kind.BUILD}), disruptive=False
)
RETRAINING = ActionSpec(
    "retrain", "Retrain", "Train anew.", frozenset({Kind.MODEL}), needs_input=True
)
DELETE = ActionSpec("delete", "Delete pod", "End this pod.", frozenset({Kind.POD}))
RERUN_JOB = ActionSpec(
    "rerun", "Re-run", "Run it again.", frozenset({Kind.BUILD_JOB}), disruptive=False
)
OFFERS = (ROLLBACK, SCALE, RESUME, RERUN, RETRAINING, DELETE, RERUN_JOB)


def workload(name: str = "checkout", environment: str = "production") -> Deployment:
    """Return a workload that could be rolled back."""
    return Deployment(
        source="kube-prod",
        id=f"d/{name}",
        name=name,
        status=Status.FAILED,
        reason="ImagePullBackOff",
        environment=environment,
        workload="Deployment",
        cluster="prod-eu",
        namespace="shop",
        revision="14",
        images=(f"registry.example/shop/{name}:1.4",),
        desired=3,
        ready=1,
    )


FALLBACK = workload("told-of-by-a-detail")
"""What a plan is about whose record no board has."""

FORM = Form(
    inputs=(
        Input(
            name="revision", label="Revision", type="choice", default="12", required=True,
            help="The last one that was healthy is taken by default.",
            options=(
                Option(value="13", label="13", note="failed 2h ago, image 1.3.1"),
                Option(value="12", label="12", note="healthy for 3d, image 1.3, by ada"),
                Option(value="11", label="11", note="healthy for 9d, image 1.2, by grace"),
            ),
        ),
        Input(
            name="replicas", label="Replicas", type="integer", default="3", least=0, most=50,
            required=True,
        ),
        Input(name="wait", label="Wait", type="boolean", default="true", help="Follow it."),
        Input(name="note", label="Note", default=""),
    )
)  # fmt: skip

CHANGES = (
    Difference(
        group="images", name="app", before="registry.example/shop/checkout:1.4",
        after="registry.example/shop/checkout:1.3",
    ),
    Difference(group="env", name="FEATURE_TAX", before="on"),
    Difference(group="env", name="LOG_LEVEL", before="debug", after="info"),
    Difference(group="env", name="PAYMENT_TOKEN", after="(changed, not shown)"),
    Difference(
        group="config", name="a-config-map-with-a-name-of-some-length",
        before="payments-v4", after="payments-v3",
    ),
)  # fmt: skip
CAUTIONS = (
    Finding(severity=Severity.NOTE, text="config maps are not rolled back with it"),
    Finding(
        severity=Severity.WARNING,
        text="Argo CD application shop manages this, and will bring revision 14 back unless its "
        "automatic sync is off",
    ),
)
FACTS = (
    Fact(label="revision 12", value="2026-11-21T03:00:00+00:00"),
    Fact(label="author", value="Ada <ada@example.org>"),
    Fact(label="commit", value="4f2a9c1 Show prices with tax"),
    Fact(label="touches", value="3 replicas, 3 pods"),
)


def a_plan(request: Request, record: Record, **more: object) -> Plan:
    """Return a plan with something of everything."""
    told: dict[str, object] = {
        "made_at": NOW,
        "action": request.action,
        "title": f"Roll back {record.name}",
        "ref": record.ref,
        "target": f"Deployment shop/{record.name} in prod-eu",
        "name": record.name,
        "environment": record.environment,
        "before": "revision 14",
        "after": f"revision {request.values.get('revision', '12')}",
        "changes": CHANGES,
        "facts": FACTS,
        "findings": CAUTIONS,
        "permission": Permission.ALLOWED,
        "permission_note": "patch deployments in shop",
        "dry_run": "the server took a dry run of it",
        "values": dict(request.values),
    }
    return Plan.model_validate(told | more)


class FakeActs:
    """Plans at once, and begins nothing."""

    def __init__(self, *records: Record, ruling: PolicyDecision = PolicyDecision.CONFIRM) -> None:
        self.records: Mapping[Ref, Record] = {record.ref: record for record in records}
        self.ruling = ruling
        self.why = ""
        self.offers: Sequence[ActionSpec] = OFFERS
        self.disabled_reason: dict[str, str] = {"resume": "it is not paused"}
        self.why_not_of: dict[Ref, dict[str, str]] = {}
        self.more: dict[str, object] = {}
        self.form_is = FORM
        self.error: SourceError | None = None
        self.refusal: SourceError | None = None
        self.failing: dict[Ref, SourceError] = {}
        self.blocked: dict[Ref, tuple[Finding, ...]] = {}
        self.start_findings: tuple[StartFinding, ...] = ()
        self.start_gate: asyncio.Event | None = None
        self.start_error: SourceError | None = None
        self.gate: asyncio.Event | None = None
        self.sent: asyncio.Event | None = None
        self.planned: list[Request] = []
        self.begun: list[tuple[Sequence[Plan], Consent, bool]] = []
        self.details: dict[Ref, Detail] = {}
        self.taken_up: list[Ref] = []
        self.problems: Sequence[str] = ()
        self.sending_count = 0
        self.not_ready_reason = ""

    def available_actions(self, record: Record) -> Sequence[ActionAvailability]:
        return [
            ActionAvailability(offer, self._why_not(offer, record))
            for offer in self.offers
            if record.kind in offer.kinds
        ]

    def _why_not(self, offer: ActionSpec, record: Record) -> str:
        own = self.why_not_of.get(record.ref, {})
        return own.get(offer.id, "") or self.disabled_reason.get(offer.id, "")

    async def form(self, request: Request) -> Form:
        if self.error is not None:
            raise self.error
        return self.form_is

    async def plan(self, request: Request) -> Plan:
        self.planned.append(request)
        if self.gate is not None:
            await self.gate.wait()
        error = self.error or self.failing.get(request.ref)
        if error is not None:
            raise error
        more = dict(self.more)
        if request.ref in self.blocked:
            more["findings"] = self.blocked[request.ref]
        return a_plan(request, self.records.get(request.ref, FALLBACK), **more)

    async def start_checks(self, plan: Plan) -> AsyncIterator[Plan]:
        if self.start_error is not None:
            raise self.start_error
        for at, one in enumerate(self.start_findings):
            found = self.start_findings[: at + 1]
            plan = plan.model_copy(update={"start_findings": found})
            if self.start_gate is not None and one is self.start_findings[-1]:
                yield plan
                await self.start_gate.wait()
        if plan.start_state is StartState.CHECKING:
            yield plan.model_copy(update={"start_state": StartState.CHECKED})

    def decide(self, plans: Sequence[Plan]) -> GuardDecision:
        word = confirmation_text_for(plans) if self.ruling is PolicyDecision.TYPED else ""
        return GuardDecision(self.ruling, self.why, word)

    async def start(
        self, plans: Sequence[Plan], consent: Consent, *, keep_going: bool = False
    ) -> None:
        if self.sent is not None:
            await self.sent.wait()
        if self.refusal is not None:
            raise self.refusal
        self.begun.append((plans, consent, keep_going))

    async def resume(self, ref: Ref) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken_up.append(ref)

    async def detail(self, ref: Ref) -> Detail:
        if ref not in self.details:
            raise NotFound(f"there is no action {ref.id}", "go back")
        return self.details[ref]


def act(
    number: str,
    name: str,
    *,
    state: ActivityState = ActivityState.RUNNING,
    action: str = "rollback",
    target: str = "Deployment shop/checkout in prod-eu",
    done: int = 0,
    total: int = 0,
) -> Activity:
    """Return an act as the board hears of it."""
    status = {ActivityState.RUNNING: Status.RUNNING, ActivityState.SUCCEEDED: Status.OK}
    return Activity(
        source="opsboard",
        id=number,
        name=name,
        status=status.get(state, Status.FAILED),
        reason=state.value,
        message="waiting for pods" if state is ActivityState.RUNNING else "",
        environment="production",
        created_at=NOW - timedelta(minutes=3),
        action=action,
        about=workload().ref,
        target=target,
        state=state,
        before="revision 14",
        after="revision 12",
        actor="ada",
        cause="image is gone",
        done=done,
        total=total,
    )


def facts_of(**told: str) -> Facts:
    """Return a section of an activity's detail."""
    return Facts(title="Plan", facts=tuple(Fact(label=k, value=v) for k, v in told.items()))
