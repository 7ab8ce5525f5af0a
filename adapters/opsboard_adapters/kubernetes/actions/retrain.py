"""Training a model anew: a Job out of a CronJob or of another Job, with variables of one's own."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from opsboard.adapter import (
    Difference,
    Fact,
    Finding,
    Form,
    Input,
    Misconfigured,
    Request,
    Unsupported,
)
from opsboard.masking import mask_text, sounds_secret
from opsboard_adapters.kubernetes.actions import findings
from opsboard_adapters.kubernetes.actions.base import KubernetesDraft
from opsboard_adapters.kubernetes.actions.job_action import JobAction
from opsboard_adapters.kubernetes.actions.run_job import (
    MANUAL_ANNOTATION,
    job_template,
    owner_reference,
    patience_for,
    retention_of,
)
from opsboard_adapters.kubernetes.actions.specs import OFFER, JobRecipe
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject
from opsboard_adapters.kubernetes.objects import ApiObject
from opsboard_adapters.kubernetes.revisions import images_of

MODEL_MARK: Final = "opsboard.dev/model"
"""Label and annotation that name the model which is trained."""

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LABEL: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_OF_THE_CONTROLLER: Final = frozenset(
    {
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
    }
)
_OF_THE_TEMPLATE: Final = frozenset({"selector", "manualSelector", "suspend", "template"})


class RetrainWithJob(JobAction):
    """A training run. Of a request, it knows the *model* and the *container* that trains."""

    offer = OFFER

    def __init__(self, model: str = "", container: str = "") -> None:
        self._model = model
        self._container = container

    async def form(self, site: ClusterConnection, target: TargetObject, request: Request) -> Form:
        """Ask for the plain variables of the container, and for what the recipe declares."""
        known = dict(_plain(_container(_spec_of(target), self._container)))
        for name in request.values:
            _check(name)
            known.setdefault(name, "")
        return Form(inputs=tuple(Input(name=key, default=known[key]) for key in known))

    async def draft(
        self, site: ClusterConnection, target: TargetObject, values: Mapping[str, str]
    ) -> KubernetesDraft:
        spec = _spec_of(target)
        container = _container(spec, self._container)
        before = dict(_plain(container))
        told = {
            "from": f"{target.resource.kind} {target.namespace}/{target.name}",
            "container": str(container.get("name")),
            "images": images_of(spec.get("template") or {}),
        }
        changed = {name: value for name, value in values.items() if before.get(name, "") != value}
        for name, value in changed.items():
            _refuse_option(container, name, value)
        return KubernetesDraft(
            before="as it is",
            after="trained anew",
            changes=tuple(
                Difference(group="env", name=name, before=before.get(name), after=value)
                for name, value in changed.items()
            ),
            facts=tuple(Fact(label=label, value=value) for label, value in told.items()),
            findings=tuple(_cautions(target)),
            patience=patience_for(spec),
            payload={
                **retention_of(spec),
                "env": changed,
                "container": container.get("name"),
                "model": self._model,
            },
        )

    def job(self, target: TargetObject, payload: Mapping[str, Any]) -> dict[str, Any]:
        spec = _spec_of(target)
        model = str(payload["model"])
        labels = {MODEL_MARK: model} if _LABEL.fullmatch(model) else {}
        metadata: dict[str, Any] = {
            "labels": {**_labels_of(target), **labels},
            "annotations": {MODEL_MARK: model, **MANUAL_ANNOTATION},
        }
        if target.resource.kind == "CronJob":
            metadata["ownerReferences"] = [owner_reference(target)]
        template = _with_env(spec.get("template") or {}, payload["container"], payload["env"])
        return {"metadata": metadata, "spec": {**spec, "template": template}}


def retrain_of(request: Request) -> tuple[RetrainWithJob, JobRecipe]:
    """Return the act that *request* asks for, and its recipe. Raises :exc:`Misconfigured`."""
    try:
        recipe = JobRecipe.model_validate(dict(request.recipe))
    except ValidationError as error:
        faults = [_told(fault) for fault in error.errors()]
        raise Misconfigured(
            f"the recipe for {request.ref.id}: {'; '.join(faults)}", "fix [[retrain]] or the tags"
        ) from None
    return RetrainWithJob(request.ref.id, recipe.container), recipe


def _told(fault: Any) -> str:
    where = ".".join(map(str, fault["loc"]))
    return f"{where}: {fault['msg']}" if where else str(fault["msg"])


# --- the job -------------------------------------------------------------------------------------


def _spec_of(target: TargetObject) -> dict[str, Any]:
    """Return the spec of a new Job, without what only holds for the one that it is copied from."""
    if target.resource.kind == "CronJob":
        return dict(job_template(target).get("spec") or {})
    kept = {key: value for key, value in target.spec.items() if key not in _OF_THE_TEMPLATE}
    metadata = dict(target.template.get("metadata") or {})
    metadata["labels"] = _without_controller(metadata.get("labels") or {})
    return {**kept, "template": {**target.template, "metadata": metadata}}


def _labels_of(target: TargetObject) -> dict[str, str]:
    holder = job_template(target) if target.resource.kind == "CronJob" else target.item
    return _without_controller((holder.get("metadata") or {}).get("labels") or {})


def _without_controller(labels: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in labels.items() if key not in _OF_THE_CONTROLLER}


def _containers(spec: ApiObject) -> list[ApiObject]:
    return list(((spec.get("template") or {}).get("spec") or {}).get("containers") or ())


def _container(spec: ApiObject, name: str) -> ApiObject:
    """Return the container that trains. Raises :exc:`Misconfigured` where there is no such one."""
    for container in _containers(spec):
        if name in {"", container.get("name")}:
            return container
    raise Misconfigured(f"there is no container {name!r} in it", "fix container in the recipe")


def _plain(container: ApiObject) -> Iterator[tuple[str, str]]:
    """Yield the variables that have a value of their own and do not look like a secret."""
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


def _check(name: str) -> None:
    """Raise :exc:`Misconfigured` where *name* is no variable that can be told."""
    if not _VARIABLE.fullmatch(name):
        raise Misconfigured(f"{name!r} is no name of a variable", "fix the inputs of the recipe")
    if sounds_secret(name):
        hint = "have the job read it from a Secret"
        raise Misconfigured(f"{name} looks like a secret, which a form does not ask for", hint)


def _refuse_option(container: ApiObject, name: str, value: str) -> None:
    """Raise :exc:`Unsupported` where *value* would become an option of what the container runs.

    ``$(NAME)`` in its words is replaced by the cluster, ``$NAME`` and ``${NAME}`` by a shell. What
    a value begins with tells whether it is an option where it begins a word.
    """
    if not value.startswith("-"):
        return
    taken = re.compile(
        rf"(?:^|\s)[\"']?\$(?:\({name}\)|\{{{name}(?![A-Za-z0-9_])|{name}(?![A-Za-z0-9_]))"
    )
    for word in (*(container.get("command") or ()), *(container.get("args") or ())):
        if taken.search(str(word)):
            raise Unsupported(
                f"{name} would make {value!r} an option of the command of the container",
                f"give another value, or write it behind its option in the template: --x=$({name})",
            )


def _cautions(target: TargetObject) -> list[Finding]:
    active = target.resource.kind == "CronJob" and target.status.get("active")
    return [findings.note("a job of it is running: this one runs beside it")] if active else []
