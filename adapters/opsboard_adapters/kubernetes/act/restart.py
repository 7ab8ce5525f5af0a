"""Restarting a workload: its pods are replaced, one after the other, by others that are the same.

As ``kubectl rollout restart`` does it: by an annotation of the template, with the time.
"""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC
from typing import Any, Final

from opsboard.adapter import Caution, Difference, Fact, Plan, Progress, Receipt
from opsboard_adapters.kubernetes.act import cautions, configs, rolling
from opsboard_adapters.kubernetes.act.act import Draft
from opsboard_adapters.kubernetes.act.offers import RESTART
from opsboard_adapters.kubernetes.act.patching import PatchAct, left_its_mark, merge
from opsboard_adapters.kubernetes.act.site import Site, Target
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.sending import Sending

RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"


class Restart(PatchAct):
    """New pods of the same template."""

    offer = RESTART

    async def draft(self, site: Site, target: Target, values: Mapping[str, str]) -> Draft:
        record = parse_workload(site.place, target.resource.name, target.workload)
        at = site.now().astimezone(UTC).isoformat(timespec="seconds")
        revision = f"revision {record.revision}" if record.revision else "as it is"
        return Draft(
            before=revision,
            after="the same, with new pods",
            changes=(
                Difference(
                    group="annotations", name=RESTARTED_AT, before=_restarted(target), after=at
                ),
            ),
            facts=(Fact(label="pods that are replaced", value=str(record.desired)),),
            cautions=tuple(await _cautions(site, target)),
            payload={"at": at},
            patience=rolling.patience(target),
        )

    async def sending(
        self, site: Site, target: Target, payload: Mapping[str, Any], mark: str
    ) -> Sending:
        annotations = {RESTARTED_AT: payload["at"]}
        return merge(target, mark, spec={"template": {"metadata": {"annotations": annotations}}})

    async def is_done(self, site: Site, plan: Plan, target: Target) -> bool:
        same = _restarted(target) == plan.payload["at"]
        return target.mark == plan.id or same or await left_its_mark(site, plan, target)

    def follow(self, site: Site, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        return rolling.follow(site, plan, _overtaken)


def _restarted(target: Target) -> str | None:
    annotations = (target.template.get("metadata") or {}).get("annotations") or {}
    at = annotations.get(RESTARTED_AT)
    return None if at is None else str(at)


def _overtaken(plan: Plan, target: Target) -> str:
    same = _restarted(target) == plan.payload["at"]
    return "" if same else "its template was changed again by somebody else"


async def _cautions(site: Site, target: Target) -> list[Caution]:
    labels = dict((target.template.get("metadata") or {}).get("labels") or {})
    paused = [cautions.blocker("it is paused: resume it first")]
    return [
        *(paused if target.spec.get("paused") else []),
        *cautions.manner(target),
        *await cautions.budgets(site, target, labels),
        *configs.read_anew(target.template),
        *await configs.missing(site, target.namespace, target.template),
    ]
