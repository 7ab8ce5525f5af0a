"""Scaling a workload, through its scale subresource."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from opsboard.adapter import (
    Caution,
    Difference,
    Fate,
    Form,
    Input,
    Plan,
    Progress,
    Receipt,
    Request,
    Settlement,
)
from opsboard_adapters.kubernetes.act import cautions, rolling
from opsboard_adapters.kubernetes.act.act import Draft, Right
from opsboard_adapters.kubernetes.act.offers import SCALE
from opsboard_adapters.kubernetes.act.patching import PatchAct
from opsboard_adapters.kubernetes.act.site import Site, Target
from opsboard_adapters.kubernetes.parse.common import number
from opsboard_adapters.kubernetes.sending import MANAGER, MERGE_PATCH, Sending

MOST: Final = 10_000
"""Replicas that can be asked for: more are a slip of the finger."""


class Scale(PatchAct):
    """Another number of replicas."""

    offer = SCALE

    async def form(self, site: Site, target: Target, request: Request) -> Form:
        now = str(_replicas(target))
        asked = Input(
            name="replicas",
            label="replicas",
            type="integer",
            default=now,
            required=True,
            least=0,
            most=MOST,
        )
        return Form(inputs=(asked,))

    async def draft(self, site: Site, target: Target, values: Mapping[str, str]) -> Draft:
        now, wanted = _replicas(target), int(values["replicas"])
        return Draft(
            before=f"{now} replicas",
            after=f"{wanted} replicas",
            changes=(
                Difference(group="replicas", name="replicas", before=str(now), after=str(wanted)),
            ),
            cautions=tuple(await _cautions(site, target, now, wanted)),
            payload={"replicas": wanted, "before": now},
            patience=rolling.patience(target),
        )

    async def sending(
        self, site: Site, target: Target, payload: Mapping[str, Any], mark: str
    ) -> Sending:
        """Return the patch of the scale. The API keeps no annotations of it, so no mark."""
        body = {
            "metadata": {"resourceVersion": target.version},
            "spec": {"replicas": payload["replicas"]},
        }
        return Sending("PATCH", f"{target.path}/scale", body, MERGE_PATCH)

    def right(self, target: Target) -> Right:
        group, plural = target.resource.api_group, target.resource.plural
        return Right("patch", group, plural, "scale", target.name)

    def follow(self, site: Site, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        return rolling.follow(site, plan, _overtaken)

    async def _settled(self, site: Site, plan: Plan, target: Target) -> Settlement:
        """Tell by the number, and by who the server says has set it last."""
        now, changes = _replicas(target), _changes_since(plan, target)
        same = target.uid == plan.payload["uid"]
        if same and now == plan.payload["replicas"] and _is_ours(target, now, changes):
            receipt = self.receipt(site, plan, target.item)
            return Settlement(fate=Fate.DONE, message=f"{now} replicas are set", receipt=receipt)
        if same and not changes:
            return self.not_done(plan, target, f"still {now} replicas are set")
        if same and changes == 1 and now != plan.payload["replicas"]:
            said = f"somebody else has changed it in between, and {now} replicas are set"
            return self.not_done(plan, target, said)
        said = f"{now} replicas are set by somebody else: whether by this in between is not known"
        return Settlement(fate=Fate.UNKNOWN, message=said)


def _changes_since(plan: Plan, target: Target) -> int:
    """Return how often the spec has changed since *plan* was made."""
    return number(target.meta, "generation") - int(plan.precondition.get("generation") or 0)


def _is_ours(target: Target, now: int, changes: int) -> bool:
    """Tell whether opsboard has set the number of replicas, as the server notes it.

    A zero is left out of what the server notes: there, that it was the only change has to do.
    """
    return _is_noted(target) or (now == 0 and changes == 1)


def _is_noted(target: Target) -> bool:
    """Tell whether the server notes that opsboard has set the number of replicas."""
    return any(
        field.get("manager") == MANAGER
        and field.get("subresource") == "scale"
        and "f:replicas" in ((field.get("fieldsV1") or {}).get("f:spec") or {})
        for field in target.meta.get("managedFields") or ()
    )


def _replicas(target: Target) -> int:
    return number(target.spec, "replicas", 1)


def _overtaken(plan: Plan, target: Target) -> str:
    now, wanted = _replicas(target), plan.payload["replicas"]
    return "" if now == wanted else f"somebody else, or an autoscaler, has set {now} replicas"


async def _cautions(site: Site, target: Target, now: int, wanted: int) -> list[Caution]:
    found: list[Caution] = []
    if now == wanted:
        found.append(cautions.blocker(f"{now} replicas are set already"))
    if wanted == 0:
        found.append(cautions.warning("0 replicas: nothing of it will run any more"))
    found += cautions.managed(target)
    found += await cautions.autoscaled(site, target, scaling=True)
    if wanted < now:
        labels = dict((target.template.get("metadata") or {}).get("labels") or {})
        found += await cautions.budgets(site, target, labels)
    return found
