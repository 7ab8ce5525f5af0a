"""Training a model again: a Job made of a CronJob or of another Job, with other variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from opsboard.adapter import (
    Difference,
    Finding,
    Form,
    Input,
    Misconfigured,
    Request,
    Unsupported,
)
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import facts, note
from opsboard.masking import mask_text, sounds_secret
from opsboard.text.validation_text import validation_summary
from opsboard_adapters.kubernetes.actions.base import Reading
from opsboard_adapters.kubernetes.actions.job_action import (
    MANUAL_ANNOTATION,
    JobAction,
    JobPayload,
    is_deleted_after_end,
    job_template,
    job_timeout,
    owner_reference,
)
from opsboard_adapters.kubernetes.actions.specs import RETRAIN_SPEC, JobRecipe
from opsboard_adapters.kubernetes.actions.target import TargetObject, find_target
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.resources import CRON_JOBS, JOBS
from opsboard_adapters.kubernetes.revisions import images_of

MODEL_MARK: Final = "opsboard.dev/model"
"""Label and annotation that name the model. Persisted: never renamed."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LABEL_VALUE: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_CONTROLLER_LABELS: Final = frozenset(
    {
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
    }
)
"""Labels that the Job controller sets, on the Job that is copied too."""

_NOT_COPIED: Final = frozenset({"selector", "manualSelector", "suspend", "template"})
"""Fields of a Job's spec that only hold for the Job itself, or are copied by hand."""


@dataclass(frozen=True, kw_only=True)
class RetrainPayload(JobPayload):
    """A training run of *model*: *env* are the variables set in *container*."""

    container: str
    model: str
    env: dict[str, str] = field(default_factory=dict)


class RetrainWithJob(JobAction[RetrainPayload]):
    """Makes a Job that trains a model, as the recipe of the request says."""

    spec = RETRAIN_SPEC
    acts_on = (CRON_JOBS, JOBS)
    payload = RetrainPayload

    async def form(self, ctx: Reading, request: Request) -> Form:
        """Ask for the plain variables of the container, and for the inputs of the recipe."""
        recipe = _recipe(request)
        target = await _template_object(ctx, recipe)
        known = dict(_plain_variables(_container(_job_spec(target), recipe.container)))
        for name in request.values:
            _check_variable(name)
            known.setdefault(name, "")
        return Form(inputs=tuple(Input(name=key, default=known[key]) for key in known))

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[RetrainPayload]:
        recipe = _recipe(request)
        target = await _template_object(ctx, recipe)
        return draft_training(target, request.ref.id, recipe.container, values)

    def job(self, target: TargetObject, payload: RetrainPayload) -> dict[str, Any]:
        spec, model = _job_spec(target), payload.model
        labels = {MODEL_MARK: model} if _LABEL_VALUE.fullmatch(model) else {}
        metadata: dict[str, Any] = {
            "labels": {**_job_labels(target), **labels},
            "annotations": {MODEL_MARK: model, **MANUAL_ANNOTATION},
        }
        if target.resource.kind == "CronJob":
            metadata["ownerReferences"] = [owner_reference(target)]
        template = _with_env(spec.get("template") or {}, payload.container, payload.env)
        return {"metadata": metadata, "spec": {**spec, "template": template}}


def draft_training(
    target: TargetObject, model: str, container_name: str, values: Mapping[str, str]
) -> Draft[RetrainPayload]:
    """Return the draft of a Job made of *target*, with the variables *values* in its container.

    Raises :exc:`Misconfigured` where there is no such container, and :exc:`Unsupported` where a
    value would become an option of its command.
    """
    spec = _job_spec(target)
    container = _container(spec, container_name)
    before = dict(_plain_variables(container))
    changed = {name: value for name, value in values.items() if before.get(name, "") != value}
    for name, value in changed.items():
        _refuse_option(container, name, value)
    return target.draft(
        RetrainPayload(
            **target.address,
            ends_up_gone=is_deleted_after_end(spec),
            env=changed,
            container=str(container.get("name")),
            model=model,
        ),
        before="as it is",
        after="trained again",
        changes=tuple(
            Difference(group="env", name=name, before=before.get(name), after=value)
            for name, value in changed.items()
        ),
        facts=facts(
            ("from", f"{target.resource.kind} {target.namespace}/{target.name}"),
            ("container", str(container.get("name"))),
            ("images", images_of(spec.get("template") or {})),
        ),
        findings=tuple(_findings(target)),
        timeout=job_timeout(spec),
    )


# --- the recipe ----------------------------------------------------------------------------------


def _recipe(request: Request) -> JobRecipe:
    """Return the recipe of *request*. Raises :exc:`Misconfigured`."""
    try:
        return JobRecipe.model_validate(dict(request.recipe))
    except ValidationError as error:
        said = f"the recipe for {request.ref.id}: {validation_summary(error)}"
        raise Misconfigured(said, "fix [[retrain]] or the tags") from None


async def _template_object(ctx: Reading, recipe: JobRecipe) -> TargetObject:
    """Return the CronJob or Job that *recipe* names. Raises :exc:`SourceError`."""
    connection = await ctx.client.connection(recipe.cluster or ctx.client.only_cluster())
    resource = CRON_JOBS if recipe.cronjob else JOBS
    return await find_target(connection, resource, recipe.namespace, recipe.cronjob or recipe.job)


# --- the job -------------------------------------------------------------------------------------


def _job_spec(target: TargetObject) -> dict[str, Any]:
    """Return the spec of a new Job, without what only holds for the Job that is copied."""
    if target.resource.kind == "CronJob":
        return dict(job_template(target).get("spec") or {})
    kept = {key: value for key, value in target.spec.items() if key not in _NOT_COPIED}
    metadata = dict(target.template.get("metadata") or {})
    metadata["labels"] = _without_controller(metadata.get("labels") or {})
    return {**kept, "template": {**target.template, "metadata": metadata}}


def _job_labels(target: TargetObject) -> dict[str, str]:
    holder = job_template(target) if target.resource.kind == "CronJob" else target.item
    return _without_controller((holder.get("metadata") or {}).get("labels") or {})


def _without_controller(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in labels.items() if key not in _CONTROLLER_LABELS}


def _containers(spec: ApiObject) -> list[ApiObject]:
    return list(((spec.get("template") or {}).get("spec") or {}).get("containers") or ())


def _container(spec: ApiObject, name: str) -> ApiObject:
    """Return the container called *name*, or the first for ``""``. Raises :exc:`Misconfigured`."""
    for container in _containers(spec):
        if name in {"", container.get("name")}:
            return container
    raise Misconfigured(f"there is no container {name!r} in it", "fix container in the recipe")


def _plain_variables(container: ApiObject) -> Iterator[tuple[str, str]]:
    """Yield the variables that have a plain value and do not look like a secret."""
    for item in container.get("env") or ():
        name = str(item.get("name"))
        value = str(item.get("value") or "")
        if "valueFrom" not in item and not sounds_secret(name) and mask_text(value) == value:
            yield name, value


def _with_env(template: ApiObject, container: str, env: Mapping[str, str]) -> dict[str, Any]:
    spec = dict(template.get("spec") or {})
    spec["containers"] = [
        {**one, "env": _overridden(one, env)} if one.get("name") == container and env else one
        for one in spec.get("containers") or ()
    ]
    return {**template, "spec": spec}


def _overridden(container: ApiObject, env: Mapping[str, str]) -> list[Any]:
    own = container.get("env") or ()
    kept = [
        {"name": one["name"], "value": env[one["name"]]} if one.get("name") in env else one
        for one in own
    ]
    there = {one.get("name") for one in own}
    return [*kept, *({"name": k, "value": v} for k, v in env.items() if k not in there)]


def _check_variable(name: str) -> None:
    """Raise :exc:`Misconfigured` where *name* is no variable that a form may ask for."""
    if not _VARIABLE.fullmatch(name):
        raise Misconfigured(f"{name!r} is no name of a variable", "fix the inputs of the recipe")
    if sounds_secret(name):
        hint = "have the job read it from a Secret"
        raise Misconfigured(f"{name} looks like a secret, which a form does not ask for", hint)


def _refuse_option(container: ApiObject, name: str, value: str) -> None:
    """Raise :exc:`Unsupported` where *value* would become an option of what the container runs.

    The cluster replaces ``$(NAME)`` in command and args, a shell ``$NAME`` and ``${NAME}``. Where
    the variable begins a word, a value that begins with ``-`` would be read as an option.
    """
    if not value.startswith("-"):
        return
    begins_word = re.compile(
        rf"(?:^|\s)[\"']?\$(?:\({name}\)|\{{{name}(?![A-Za-z0-9_])|{name}(?![A-Za-z0-9_]))"
    )
    for word in (*(container.get("command") or ()), *(container.get("args") or ())):
        if begins_word.search(str(word)):
            raise Unsupported(
                f"{name} would make {value!r} an option of the command of the container",
                f"give another value, or write it behind its option in the template: --x=$({name})",
            )


def _findings(target: TargetObject) -> list[Finding]:
    active = target.resource.kind == "CronJob" and target.status.get("active")
    return [note("a job of it is running: this one runs beside it")] if active else []
