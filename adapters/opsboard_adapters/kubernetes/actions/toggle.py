"""Actions that set one field of the spec to true or false: pause, resume, suspend, unsuspend."""

from collections.abc import Mapping
from typing import ClassVar

from opsboard.adapter import Difference, Finding, Progress, Receipt, Request, Verdict
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import blocker, note
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import (
    PatchAction,
    Planned,
    Reading,
    merge_patch,
)
from opsboard_adapters.kubernetes.actions.rollout_watch import (
    overtaken,
    rollout_progress,
    rollout_timeout,
    watched_target,
)
from opsboard_adapters.kubernetes.actions.specs import PAUSE, RESUME, SUSPEND, UNSUSPEND
from opsboard_adapters.kubernetes.actions.target import TargetObject, TargetPayload
from opsboard_adapters.kubernetes.protocol import ChangeRequest
from opsboard_adapters.kubernetes.resources import CRON_JOBS, DEPLOYMENTS


class ToggleField(PatchAction[TargetPayload]):
    """Sets *field* to *value*; *states* name what the object is when it is false, and true."""

    payload = TargetPayload
    field: ClassVar[str]
    value: ClassVar[bool]
    states: ClassVar[tuple[str, str]]

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[TargetPayload]:
        target = await ctx.client.find_ref(request.ref)
        before, after = self.states[not self.value], self.states[self.value]
        change = Difference(group="switch", name=self.field, before=before, after=after)
        against = list[Finding]()
        if not self.is_possible(target):
            against.append(blocker(f"a {target.resource.kind} cannot be {self.states[1]}"))
        elif self.looks_done(target):
            against.append(blocker(f"it is {after} already"))
        return target.draft(
            TargetPayload(**target.address),
            before=before,
            after=after,
            changes=(change,),
            findings=(*against, *findings.managed_by(target), *self.consequences(target)),
            timeout=rollout_timeout(target),
        )

    def is_possible(self, target: TargetObject) -> bool:
        """Return whether objects of this kind have the field."""
        return True

    def consequences(self, target: TargetObject) -> list[Finding]:
        """Return what the new value leads to."""
        return []

    async def change_request(
        self, target: TargetObject, payload: TargetPayload, plan_id: str
    ) -> ChangeRequest:
        return merge_patch(target, plan_id, spec={self.field: self.value})

    def looks_done(self, target: TargetObject) -> bool:
        return bool(target.spec.get(self.field)) is self.value

    async def observe(self, ctx: Planned, payload: TargetPayload, receipt: Receipt) -> Progress:
        target = await ctx.client.find(payload)
        holds = self.looks_done(target)
        return Progress(
            message=f"{target.name} is {self.states[self.value is holds]}",
            verdict=Verdict.SUCCEEDED if holds else Verdict.FAILED,
            produced=target.ref,
        )


class PauseRollout(ToggleField):
    """Pauses a Deployment: changes of its template wait until it is resumed."""

    spec = PAUSE
    acts_on = (DEPLOYMENTS,)
    field, value, states = "paused", True, ("not paused", "paused")

    def is_possible(self, target: TargetObject) -> bool:
        return target.resource.kind == "Deployment"

    def consequences(self, target: TargetObject) -> list[Finding]:
        return [note("while it is paused, nothing new is rolled out, and no roll-back")]


class ResumeRollout(PauseRollout):
    """Resumes a Deployment: what was changed meanwhile is rolled out."""

    spec = RESUME
    value = False

    def consequences(self, target: TargetObject) -> list[Finding]:
        return [note("what was changed while it was paused is rolled out now")]

    async def observe(self, ctx: Planned, payload: TargetPayload, receipt: Receipt) -> Progress:
        target = await watched_target(ctx, payload)
        if isinstance(target, Progress):
            return target
        if target.spec.get("paused"):
            return overtaken(target, "somebody has paused it again")
        return await rollout_progress(target)


class SuspendCronJob(ToggleField):
    """Suspends a CronJob: no Jobs are made by its schedule."""

    spec = SUSPEND
    acts_on = (CRON_JOBS,)
    field, value, states = "suspend", True, ("on schedule", "suspended")

    def consequences(self, target: TargetObject) -> list[Finding]:
        active = len(target.status.get("active") or ())
        return [note(f"{active} jobs of it go on running")] if active else []


class UnsuspendCronJob(SuspendCronJob):
    """Unsuspends a CronJob: Jobs are made by its schedule again."""

    spec = UNSUSPEND
    value = False

    def consequences(self, target: TargetObject) -> list[Finding]:
        if target.spec.get("startingDeadlineSeconds") is not None:
            return []
        text = "a run that was missed meanwhile may start at once (no startingDeadlineSeconds)"
        return [note(text)]
