"""Restarting a workload: its pods are replaced, one after the other, by others that are the same.

As ``kubectl rollout restart`` does it: by an annotation of the template, with the time.
"""

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC
from typing import Any, Final

from opsboard.adapter import Difference, Fact, Finding, Plan, Progress, Receipt
from opsboard_adapters.kubernetes.actions import findings, rollout_watch
from opsboard_adapters.kubernetes.actions.base import KubernetesDraft
from opsboard_adapters.kubernetes.actions.patch import PatchAction, left_its_mark, merge_patch
from opsboard_adapters.kubernetes.actions.specs import RESTART
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.protocol import ChangeRequest

RESTARTED_AT_ANNOTATION: Final = "kubectl.kubernetes.io/restartedAt"


class RestartWorkload(PatchAction):
    """New pods of the same template."""

    offer = RESTART

    async def draft(
        self, site: ClusterConnection, target: TargetObject, values: Mapping[str, str]
    ) -> KubernetesDraft:
        record = parse_workload(site.cluster, target.resource.kind, target.workload)
        at = site.now().astimezone(UTC).isoformat(timespec="seconds")
        revision = f"revision {record.revision}" if record.revision else "as it is"
        return KubernetesDraft(
            before=revision,
            after="the same, with new pods",
            changes=(
                Difference(
                    group="annotations",
                    name=RESTARTED_AT_ANNOTATION,
                    before=_restarted(target),
                    after=at,
                ),
            ),
            facts=(Fact(label="pods that are replaced", value=str(record.desired)),),
            findings=tuple(await _cautions(site, target)),
            payload={"at": at},
            patience=rollout_watch.patience(target),
        )

    async def change_request(
        self, site: ClusterConnection, target: TargetObject, payload: Mapping[str, Any], mark: str
    ) -> ChangeRequest:
        annotations = {RESTARTED_AT_ANNOTATION: payload["at"]}
        return merge_patch(
            target, mark, spec={"template": {"metadata": {"annotations": annotations}}}
        )

    async def is_done(self, site: ClusterConnection, plan: Plan, target: TargetObject) -> bool:
        same = _restarted(target) == plan.payload["at"]
        return target.mark == plan.id or same or await left_its_mark(site, plan, target)

    def observe(
        self, site: ClusterConnection, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        return rollout_watch.observe(site, plan, _overtaken)


def _restarted(target: TargetObject) -> str | None:
    annotations = (target.template.get("metadata") or {}).get("annotations") or {}
    at = annotations.get(RESTARTED_AT_ANNOTATION)
    return None if at is None else str(at)


def _overtaken(plan: Plan, target: TargetObject) -> str:
    same = _restarted(target) == plan.payload["at"]
    return "" if same else "its template was changed again by somebody else"


async def _cautions(site: ClusterConnection, target: TargetObject) -> list[Finding]:
    labels = dict((target.template.get("metadata") or {}).get("labels") or {})
    paused = [findings.blocker("it is paused: resume it first")]
    return [
        *(paused if target.spec.get("paused") else []),
        *findings.update_strategy(target),
        *await findings.disruption_budgets(site, target, labels),
        *findings.read_by_new_pods(target.template),
        *await findings.missing_references(site, target.namespace, target.template),
    ]
