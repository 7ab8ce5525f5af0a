"""Deleting a pod, so that its controller makes another."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from opsboard.adapter import (
    Caution,
    Fact,
    Fate,
    NotFound,
    Plan,
    Progress,
    Receipt,
    Settlement,
    Throttled,
    Unreachable,
    Verdict,
)
from opsboard.adapter.plans import PATIENCE
from opsboard_adapters.kubernetes.act import cautions
from opsboard_adapters.kubernetes.act.act import Act, Draft, Right
from opsboard_adapters.kubernetes.act.offers import DELETE
from opsboard_adapters.kubernetes.act.pacing import looked_at
from opsboard_adapters.kubernetes.act.site import Site, Target, target_of
from opsboard_adapters.kubernetes.parse.common import Object, condition, controller, number
from opsboard_adapters.kubernetes.parse.pods import judge
from opsboard_adapters.kubernetes.sending import Sending
from opsboard_adapters.kubernetes.shapes import Pod, typed


class Delete(Act):
    """One pod, told by its uid: a pod of the same name that came after it is left alone."""

    offer = DELETE

    async def draft(self, site: Site, target: Target, values: Mapping[str, str]) -> Draft:
        pod = typed(target.item, Pod)
        _, reason, message = judge(pod)
        kind, name = controller(pod)
        grace = number(target.spec, "terminationGracePeriodSeconds", 30)
        told = {
            "status": f"{reason}: {message}" if message else reason,
            "owner": f"{kind}/{name}" if kind else "",
            "node": str(target.spec.get("nodeName") or ""),
            "seconds to end in": str(grace),
        }
        return Draft(
            before=reason,
            after="deleted",
            facts=tuple(Fact(label=label, value=value) for label, value in told.items() if value),
            cautions=tuple(await _cautions(site, target, kind)),
            patience=PATIENCE + grace,
        )

    async def sending(
        self, site: Site, target: Target, payload: Mapping[str, Any], mark: str
    ) -> Sending:
        body = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "preconditions": {"uid": target.uid, "resourceVersion": target.version},
        }
        return Sending("DELETE", target.path, body, parameters={})

    def right(self, target: Target) -> Right:
        return Right("delete", "", "pods", name=target.name)

    def held(self, target: Target) -> dict[str, str]:
        """Return that it is this very pod, and that it has not become ready since."""
        ready = condition(typed(target.item, Pod).status.conditions, "Ready").holds
        return {"uid": target.uid, "ready": str(ready), "ending": str(_is_ending(target))}

    def receipt(self, site: Site, plan: Plan, answer: Object) -> Receipt:
        return Receipt(message=f"{plan.target} was told to end", reference=plan.payload["uid"])

    def follow(self, site: Site, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        return looked_at(site, lambda: _look(site, plan))

    async def settle(self, site: Site, plan: Plan) -> Settlement:
        try:
            target = await target_of(site, plan)
        except NotFound:
            return _gone(self, site, plan)
        if target.uid != plan.payload["uid"]:
            return _gone(self, site, plan)
        if _is_ending(target):
            receipt = self.receipt(site, plan, target.item)
            return Settlement(fate=Fate.DONE, message="the pod is ending", receipt=receipt)
        return self.not_done(plan, target, "the pod is there, and not ending")


def _gone(act: Delete, site: Site, plan: Plan) -> Settlement:
    said = "the pod is gone; a cluster does not tell who deleted it"
    return Settlement(fate=Fate.DONE, message=said, receipt=act.receipt(site, plan, {}))


async def _look(site: Site, plan: Plan) -> Progress:
    try:
        target = await target_of(site, plan)
    except NotFound:
        return _ended("the pod is gone")
    except (Unreachable, Throttled) as error:
        return Progress(message=f"cannot be seen just now: {error.message}", total=1)
    if target.uid != plan.payload["uid"]:
        return _ended("the pod is gone, and another one of its name is there")
    said = "the pod is ending" if _is_ending(target) else "the pod is there still"
    return Progress(message=said, total=1)


def _ended(said: str) -> Progress:
    return Progress(message=said, done=1, total=1, verdict=Verdict.SUCCEEDED)


def _is_ending(target: Target) -> bool:
    return bool(target.meta.get("deletionTimestamp"))


async def _cautions(site: Site, target: Target, owner: str) -> list[Caution]:
    found: list[Caution] = []
    if _is_ending(target):
        found.append(cautions.blocker("the pod is ending already"))
    if not owner:
        found.append(cautions.warning("nothing controls it: no other pod will take its place"))
    if owner == "Job":
        found.append(cautions.warning("it is a job's: its work is begun anew, or counts as failed"))
    return [*found, *await cautions.budgets(site, target, dict(target.meta.get("labels") or {}))]
