"""What the acts that patch an object have in common: the mark that they leave, and its use."""

from typing import Final

from opsboard.adapter import Fate, NotFound, Plan, Receipt, Settlement, SourceError
from opsboard.records import Ref
from opsboard_adapters.kubernetes.act.act import Act
from opsboard_adapters.kubernetes.act.site import (
    MARK,
    RESOURCES,
    Site,
    Target,
    ref_of,
    target_of,
)
from opsboard_adapters.kubernetes.parse.common import Object
from opsboard_adapters.kubernetes.revisions import history
from opsboard_adapters.kubernetes.sending import MERGE_PATCH, Sending

LINGER: Final = 2.0
"""Seconds that what was sent may still be on its way, before it counts as not done."""


def merge(target: Target, mark: str, *, spec: Object) -> Sending:
    """Return a merge patch of the spec of *target*, for this very version of it."""
    metadata = {"resourceVersion": target.version, "annotations": {MARK: mark}}
    return Sending("PATCH", target.path, {"metadata": metadata, "spec": spec}, MERGE_PATCH)


class PatchAct(Act):
    """An act that patches its target, and leaves the plan's id on it as an annotation."""

    def receipt(self, site: Site, plan: Plan, answer: Object) -> Receipt:
        meta = answer.get("metadata") or {}
        return Receipt(
            message=f"{plan.target}: {plan.before} -> {plan.after}",
            reference=str(meta.get("resourceVersion") or ""),
            produced=ref_of_plan(site, plan),
        )

    async def settle(self, site: Site, plan: Plan) -> Settlement:
        for last in (False, True):
            try:
                target = await target_of(site, plan)
            except NotFound:
                gone = f"{plan.target} is gone: whether it was changed before is not known"
                return Settlement(fate=Fate.UNKNOWN, message=gone)
            settled = await self._settled(site, plan, target)
            if settled.fate is not Fate.NOT_DONE or last:
                break
            await site.pause(LINGER)
        return settled

    async def _settled(self, site: Site, plan: Plan, target: Target) -> Settlement:
        if target.uid != plan.payload["uid"]:
            said = f"{plan.target} is another one of that name by now"
            return Settlement(fate=Fate.UNKNOWN, message=said)
        if await self.is_done(site, plan, target):
            receipt = self.receipt(site, plan, target.item)
            return Settlement(fate=Fate.DONE, message=f"{plan.target} was changed", receipt=receipt)
        if target.mark == plan.payload.get("mark", ""):
            return Settlement(fate=Fate.NOT_DONE, message=f"{plan.target} bears no mark of it")
        said = f"{plan.target} was changed by another plan since: whether by this one is not known"
        return Settlement(fate=Fate.UNKNOWN, message=said)

    async def is_done(self, site: Site, plan: Plan, target: Target) -> bool:
        """Tell whether *target* shows that *plan* was carried out."""
        return target.mark == plan.id


def ref_of_plan(site: Site, plan: Plan) -> Ref:
    """Return the record of what *plan* is about."""
    resource = RESOURCES[str(plan.payload["resource"])]
    return ref_of(site, resource, str(plan.payload["namespace"]), str(plan.payload["name"]))


async def left_its_mark(site: Site, plan: Plan, target: Target) -> bool:
    """Tell whether a revision of *target* bears the mark of *plan*.

    The deployment controller copies the annotations of a Deployment to its ReplicaSet, so that
    the mark is there even where a later change took it off the Deployment.
    """
    try:
        kept = await history(site.api, target.resource, target.item)
    except SourceError:
        return False
    return any((one["metadata"].get("annotations") or {}).get(MARK) == plan.id for one in kept)
