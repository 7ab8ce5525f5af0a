"""Rolling a workload back to one of its revisions, with the result of ``kubectl rollout undo``.

Source of the rules: kubectl's ``pkg/polymorphichelpers/rollback.go`` (1.36).
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from opsboard.adapter import (
    Caution,
    Fact,
    Form,
    Input,
    Moved,
    NotFound,
    Option,
    Plan,
    Progress,
    Receipt,
    Request,
    SourceError,
    Unsupported,
)
from opsboard_adapters.ages import age
from opsboard_adapters.kubernetes.act import cautions, configs, rolling
from opsboard_adapters.kubernetes.act.act import Draft
from opsboard_adapters.kubernetes.act.difference import differences
from opsboard_adapters.kubernetes.act.offers import ROLLBACK
from opsboard_adapters.kubernetes.act.past import (
    Health,
    Revision,
    kept_revisions,
    last_healthy,
    pods_of,
    revisions_of,
)
from opsboard_adapters.kubernetes.act.patching import PatchAct, left_its_mark
from opsboard_adapters.kubernetes.act.site import Site, Target
from opsboard_adapters.kubernetes.act.templates import digest
from opsboard_adapters.kubernetes.act.undoing import replacing, restoring
from opsboard_adapters.kubernetes.parse import rollout
from opsboard_adapters.kubernetes.parse.common import Object
from opsboard_adapters.kubernetes.parse.workloads import commit_of, parse_workload
from opsboard_adapters.kubernetes.sending import Sending


class Rollback(PatchAct):
    """Back to a revision: by default the last one that was healthy."""

    offer = ROLLBACK

    async def form(self, site: Site, target: Target, request: Request) -> Form:
        revisions = await revisions_of(site, target)
        if all(one.current for one in revisions):
            raise Unsupported(f"{target.title(site.place)} has no other revision")
        default = last_healthy(revisions)
        to = Input(
            name="to",
            label="to revision",
            type="choice",
            default=str(default.number) if default else "",
            required=True,
            options=tuple(_option(site, one) for one in revisions),
        )
        return Form(inputs=(to,))

    async def draft(self, site: Site, target: Target, values: Mapping[str, str]) -> Draft:
        revisions = await revisions_of(site, target)
        wanted = next((one for one in revisions if str(one.number) == values["to"]), None)
        if wanted is None:
            raise NotFound(f"{target.title(site.place)} has no revision {values['to']}")
        current = next((one for one in revisions if one.current), None)
        return Draft(
            before=f"revision {current.number}" if current else "no revision yet",
            after=f"revision {wanted.number}",
            origin=current.known_by if current else (),
            destination=wanted.known_by,
            about_destination=tuple(one.text for one in _of_the_revision(wanted)),
            changes=differences(target.template, wanted.template),
            facts=_facts(site, target, wanted),
            cautions=tuple(await _cautions(site, target, wanted)),
            payload={
                "revision": wanted.meta["name"],
                "revision_uid": wanted.meta["uid"],
                "digest": wanted.digest,
            },
            patience=rolling.patience(target),
        )

    async def sending(
        self, site: Site, target: Target, payload: Mapping[str, Any], mark: str
    ) -> Sending:
        for one in await kept_revisions(site, target):
            if (one.meta["name"], one.meta["uid"]) == (
                payload["revision"],
                payload["revision_uid"],
            ):
                if one.digest != payload["digest"]:
                    break
                deployment = target.resource.name == "Deployment"
                return (replacing if deployment else restoring)(target, one, mark)
        raise Moved(f"the revision of {target.title(site.place)} is not there any more as planned")

    def held(self, target: Target) -> dict[str, str]:
        return {**super().held(target), "template": digest(target.template)}

    async def is_done(self, site: Site, plan: Plan, target: Target) -> bool:
        return target.mark == plan.id or await left_its_mark(site, plan, target)

    def follow(self, site: Site, plan: Plan, receipt: Receipt) -> AsyncGenerator[Progress, None]:
        return rolling.follow(site, plan, _overtaken)


def _overtaken(plan: Plan, target: Target) -> str:
    if digest(target.template) == plan.payload["digest"]:
        return ""
    return "its template was changed again by somebody else"


def _option(site: Site, one: Revision) -> Option:
    parts = (
        "current" if one.current else "",
        _health(one),
        _age(site, one),
        one.images,
        one.cause,
    )
    return Option(
        value=str(one.number),
        label=f"revision {one.number}",
        note=", ".join(part for part in parts if part),
    )


def _health(one: Revision) -> str:
    return f"{one.health} ({one.why})" if one.health is not Health.UNKNOWN else str(one.health)


def _age(site: Site, one: Revision) -> str:
    made = age(site.place.time(one.meta.get("creationTimestamp")), site.now())
    return f"{made} old" if made else ""


def _facts(site: Site, target: Target, wanted: Revision) -> tuple[Fact, ...]:
    record = parse_workload(site.place, target.resource.name, target.workload)
    told = {
        f"revision {wanted.number}": _health(wanted),
        "its age": _age(site, wanted).removesuffix(" old"),
        "its images": wanted.images,
        "its change cause": wanted.cause,
        "its commit": commit_of(wanted.workload),
        "replicas": str(record.desired),
        "pods that are replaced": str(record.desired),
    }
    return tuple(Fact(label=label, value=value) for label, value in told.items() if value)


async def _cautions(site: Site, target: Target, wanted: Revision) -> Sequence[Caution]:
    labels = dict((wanted.template.get("metadata") or {}).get("labels") or {})
    (pods, said), autoscalers, budgets, gone = await asyncio.gather(
        _shown_pods(site, target),
        cautions.autoscaled(site, target, scaling=False),
        cautions.budgets(site, target, labels),
        configs.missing(site, target.namespace, wanted.template),
    )
    return [
        *_against(target, wanted),
        *_of_the_revision(wanted),
        *cautions.managed(target),
        *cautions.manner(target, pods or ()),
        *autoscalers,
        *budgets,
        *configs.not_rolled_back(wanted.template),
        *gone,
        *_images(wanted, pods),
        *said,
    ]


def _against(target: Target, wanted: Revision) -> list[Caution]:
    """Return what makes it impossible, as it does for kubectl."""
    if target.spec.get("paused"):
        return [cautions.blocker("it is paused: resume it first")]
    if wanted.digest == digest(target.template):
        text = f"the template already matches revision {wanted.number}: nothing would change"
        return [cautions.blocker(text)]
    judgement = rollout.judge(target.resource.name, target.workload)
    if judgement.done:
        return []
    return [cautions.note(f"a roll-out is under way, and is left: {judgement.message}")]


def _of_the_revision(wanted: Revision) -> list[Caution]:
    if wanted.health is Health.NEVER:
        text = f"revision {wanted.number} itself never became healthy: {wanted.why}"
        return [cautions.warning(text)]
    if wanted.health is Health.UNKNOWN:
        text = f"whether revision {wanted.number} was ever healthy cannot be known: {wanted.why}"
        return [cautions.note(text)]
    return []


def _images(wanted: Revision, pods: Sequence[Object] | None) -> list[Caution]:
    """Return a note on images that no pod of the workload has: they have to be pulled again."""
    if pods is None:
        return []
    running = {
        container.get("image")
        for pod in pods
        for container in (pod.get("spec") or {}).get("containers") or ()
    }
    unused = [image for image in wanted.images.split(", ") if image not in running]
    return [
        cautions.note(f"no pod of it runs {image} now: it has to be in the registry still")
        for image in unused
    ]


async def _shown_pods(
    site: Site, target: Target
) -> tuple[Sequence[Object] | None, Sequence[Caution]]:
    try:
        return await pods_of(site, target), ()
    except SourceError as error:
        return None, [cautions.note(f"its pods cannot be seen: {error.message}")]
