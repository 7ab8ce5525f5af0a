"""Acts that turn one field of the spec on or off: pause, resume, suspend, unsuspend."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from opsboard.adapter import Caution, Difference, Offer, Plan, Progress, Receipt, Verdict
from opsboard_adapters.kubernetes.act import cautions, rolling
from opsboard_adapters.kubernetes.act.act import Draft
from opsboard_adapters.kubernetes.act.offers import PAUSE, RESUME, SUSPEND, UNSUSPEND
from opsboard_adapters.kubernetes.act.patching import PatchAct, merge, ref_of_plan
from opsboard_adapters.kubernetes.act.site import Site, Target, target_of
from opsboard_adapters.kubernetes.sending import Sending


class Switch(PatchAct):
    """Sets *field* to *on*; *words* say what is so when it is off, and on."""

    field: str
    on: bool
    words: tuple[str, str]

    async def draft(self, site: Site, target: Target, values: Mapping[str, str]) -> Draft:
        before, after = (self.words[now] for now in (not self.on, self.on))
        against = []
        if not self.possible(target):
            against.append(cautions.blocker(f"a {target.resource.name} cannot be {self.words[1]}"))
        elif bool(target.spec.get(self.field)) is self.on:
            against.append(cautions.blocker(f"it is {after} already"))
        return Draft(
            before=before,
            after=after,
            changes=(Difference(group="switch", name=self.field, before=before, after=after),),
            cautions=(*against, *cautions.managed(target), *self.cautions(target)),
            patience=rolling.patience(target),
        )

    def possible(self, target: Target) -> bool:
        return True

    def cautions(self, target: Target) -> list[Caution]:
        return []

    async def sending(
        self, site: Site, target: Target, payload: Mapping[str, Any], mark: str
    ) -> Sending:
        return merge(target, mark, spec={self.field: self.on})

    def shows(self, target: Target) -> bool:
        return bool(target.spec.get(self.field)) is self.on

    async def follow(
        self, site: Site, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        target = await target_of(site, plan)
        holds = bool(target.spec.get(self.field)) is self.on
        yield Progress(
            message=f"{target.name} is {self.words[holds is self.on]}",
            verdict=Verdict.SUCCEEDED if holds else Verdict.FAILED,
            produced=ref_of_plan(site, plan),
        )


class Pause(Switch):
    """What is changed from now on waits until it is resumed."""

    offer: Offer = PAUSE
    field, on, words = "paused", True, ("not paused", "paused")

    def possible(self, target: Target) -> bool:
        return target.resource.name == "Deployment"

    def cautions(self, target: Target) -> list[Caution]:
        return [cautions.note("while it is paused, nothing new is rolled out, and no roll-back")]


class Resume(Pause):
    """What was changed meanwhile is rolled out."""

    offer = RESUME
    on = False

    def cautions(self, target: Target) -> list[Caution]:
        return [cautions.note("what was changed while it was paused is rolled out now")]

    def follow(self, site: Site, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        return rolling.follow(site, plan, _paused_again)


def _paused_again(plan: Plan, target: Target) -> str:
    return "somebody has paused it again" if target.spec.get("paused") else ""


class Suspend(Switch):
    """Not run by the clock any more."""

    offer = SUSPEND
    field, on, words = "suspend", True, ("on schedule", "suspended")

    def cautions(self, target: Target) -> list[Caution]:
        active = len(target.status.get("active") or ())
        return [cautions.note(f"{active} jobs of it go on running")] if active else []


class Unsuspend(Suspend):
    """Run by the clock again."""

    offer = UNSUSPEND
    on = False

    def cautions(self, target: Target) -> list[Caution]:
        if target.spec.get("startingDeadlineSeconds") is not None:
            return []
        text = "a run that was missed meanwhile may start at once (no startingDeadlineSeconds)"
        return [cautions.note(text)]
