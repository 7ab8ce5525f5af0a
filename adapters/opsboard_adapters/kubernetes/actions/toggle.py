"""Acts that turn one field of the spec on or off: pause, resume, suspend, unsuspend."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from opsboard.adapter import ActionSpec, Difference, Finding, Plan, Progress, Receipt, Verdict
from opsboard_adapters.kubernetes.actions import findings, rollout_watch
from opsboard_adapters.kubernetes.actions.base import KubernetesDraft
from opsboard_adapters.kubernetes.actions.patch import PatchAction, merge_patch, ref_of_plan
from opsboard_adapters.kubernetes.actions.specs import PAUSE, RESUME, SUSPEND, UNSUSPEND
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject, target_of
from opsboard_adapters.kubernetes.protocol import ChangeRequest


class ToggleField(PatchAction):
    """Sets *field* to *on*; *words* say what is so when it is off, and on."""

    field: str
    on: bool
    words: tuple[str, str]

    async def draft(
        self, site: ClusterConnection, target: TargetObject, values: Mapping[str, str]
    ) -> KubernetesDraft:
        before, after = (self.words[now] for now in (not self.on, self.on))
        against = []
        if not self.possible(target):
            against.append(findings.blocker(f"a {target.resource.kind} cannot be {self.words[1]}"))
        elif bool(target.spec.get(self.field)) is self.on:
            against.append(findings.blocker(f"it is {after} already"))
        return KubernetesDraft(
            before=before,
            after=after,
            changes=(Difference(group="switch", name=self.field, before=before, after=after),),
            findings=(*against, *findings.managed_by(target), *self.findings(target)),
            patience=rollout_watch.patience(target),
        )

    def possible(self, target: TargetObject) -> bool:
        return True

    def findings(self, target: TargetObject) -> list[Finding]:
        return []

    async def change_request(
        self, site: ClusterConnection, target: TargetObject, payload: Mapping[str, Any], mark: str
    ) -> ChangeRequest:
        return merge_patch(target, mark, spec={self.field: self.on})

    def shows(self, target: TargetObject) -> bool:
        return bool(target.spec.get(self.field)) is self.on

    async def observe(
        self, site: ClusterConnection, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        target = await target_of(site, plan)
        holds = bool(target.spec.get(self.field)) is self.on
        yield Progress(
            message=f"{target.name} is {self.words[holds is self.on]}",
            verdict=Verdict.SUCCEEDED if holds else Verdict.FAILED,
            produced=ref_of_plan(site, plan),
        )


class PauseRollout(ToggleField):
    """What is changed from now on waits until it is resumed."""

    offer: ActionSpec = PAUSE
    field, on, words = "paused", True, ("not paused", "paused")

    def possible(self, target: TargetObject) -> bool:
        return target.resource.kind == "Deployment"

    def findings(self, target: TargetObject) -> list[Finding]:
        return [findings.note("while it is paused, nothing new is rolled out, and no roll-back")]


class ResumeRollout(PauseRollout):
    """What was changed meanwhile is rolled out."""

    offer = RESUME
    on = False

    def findings(self, target: TargetObject) -> list[Finding]:
        return [findings.note("what was changed while it was paused is rolled out now")]

    def observe(
        self, site: ClusterConnection, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        return rollout_watch.observe(site, plan, _paused_again)


def _paused_again(plan: Plan, target: TargetObject) -> str:
    return "somebody has paused it again" if target.spec.get("paused") else ""


class SuspendCronJob(ToggleField):
    """Not run by the clock any more."""

    offer = SUSPEND
    field, on, words = "suspend", True, ("on schedule", "suspended")

    def findings(self, target: TargetObject) -> list[Finding]:
        active = len(target.status.get("active") or ())
        return [findings.note(f"{active} jobs of it go on running")] if active else []


class UnsuspendCronJob(SuspendCronJob):
    """Run by the clock again."""

    offer = UNSUSPEND
    on = False

    def findings(self, target: TargetObject) -> list[Finding]:
        if target.spec.get("startingDeadlineSeconds") is not None:
            return []
        text = "a run that was missed meanwhile may start at once (no startingDeadlineSeconds)"
        return [findings.note(text)]
