"""InferenceServices of KServe as roll-outs: the model that they serve, and who gets how much of it.

Source: the API reference of ``serving.kserve.io/v1beta1``. Fields that nothing here uses are not
decoded. The spec names the new model alone: until its revision is ready, what serves is the one
that was ready before, and of a canary the rest of the traffic goes there. What that serves is told
by its pods (:data:`.KSERVE_SOURCE`), not by the InferenceService.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from opsboard.records import Claim, Deployment, Status, Strength, stated
from opsboard_adapters.http.struct_types import convert_to
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, Diagnosis, common_fields
from opsboard_adapters.kubernetes.parse.declarations import declared_labels
from opsboard_adapters.kubernetes.parse.served_models import model_of_uri, served_models
from opsboard_adapters.kubernetes.structs import (
    ApiStruct,
    V1Condition,
    V1Object,
    V1PodTemplateSpec,
    V1TemplateContainer,
    V1TemplatePodSpec,
    V1Workload,
    V1WorkloadMeta,
    V1WorkloadSpec,
    find_condition,
)

KIND: Final = "InferenceService"
_ALL: Final = 100
SERVICE_LABEL: Final = "serving.kserve.io/inferenceservice"
"""On the pods and Deployments of an InferenceService: its name."""


class TrafficTarget(ApiStruct, frozen=True):
    """How much of the traffic a revision gets."""

    revision_name: str = ""
    percent: int | None = None
    latest_revision: bool = False


class PredictorStatus(ApiStruct, frozen=True):
    """The status of the component that predicts."""

    latest_created_revision: str = ""
    latest_ready_revision: str = ""
    traffic: tuple[TrafficTarget, ...] = ()


class ComponentStatuses(ApiStruct, frozen=True):
    """The statuses of the components; only one is used."""

    predictor: PredictorStatus = PredictorStatus()


class V1beta1InferenceServiceSpec(ApiStruct, frozen=True):
    """The spec; the model is below *predictor*, under ``model`` or the name of a framework."""

    predictor: dict[str, Any] = {}


class V1beta1InferenceServiceStatus(ApiStruct, frozen=True):
    """The observed state."""

    observed_generation: int = 0
    conditions: tuple[V1Condition, ...] = ()
    components: ComponentStatuses = ComponentStatuses()
    url: str = ""


class V1beta1InferenceService(V1Object, frozen=True):
    """An InferenceService."""

    metadata: V1WorkloadMeta
    spec: V1beta1InferenceServiceSpec = V1beta1InferenceServiceSpec()
    status: V1beta1InferenceServiceStatus = V1beta1InferenceServiceStatus()


def parse_inference_service(cluster: ClusterContext, item: V1beta1InferenceService) -> Deployment:
    """Return the record of an InferenceService."""
    meta, found = item.metadata, _diagnose(item)
    declared = V1Workload(meta, V1WorkloadSpec(template=_template(item)))
    labels = declared_labels(declared)
    names = dict(labels)
    fields = common_fields(cluster, item) | {
        "id": cluster.record_id(meta.namespace, f"{KIND}/{meta.name}")
    }
    return Deployment(
        **fields,
        workload=KIND,
        status=found.status,
        reason=found.reason,
        message="; ".join(filter(None, (found.message, _traffic(item)))),
        revision=item.status.components.predictor.latest_ready_revision.removeprefix(
            f"{meta.name}-predictor-"
        ),
        images=tuple(one.image for one in declared.spec.template.spec.containers),
        app=names.get("app.kubernetes.io/name", ""),
        part_of=names.get("app.kubernetes.io/part-of", ""),
        instance=names.get("app.kubernetes.io/instance", ""),
        labels=labels,
        inputs=stated(
            *_live_models(item, (*_models(item), *served_models(declared, cluster.model_env)))
        ),
        outputs=cluster.workload(meta.namespace, f"{KIND}/{meta.name}", KIND),
    )


def _live_models(
    item: V1beta1InferenceService, models: Iterable[Claim | None]
) -> Iterator[Claim | None]:
    """Yield what the spec names: a candidate until it serves, and with its share of the traffic."""
    live, share = _is_serving(item), _share(item)
    note = (f", {share} % of the traffic" if share < _ALL else "") if live else ", not ready yet"
    for claim in models:
        if claim is not None:
            strength = claim.strength if live and share else Strength.CANDIDATE
            yield claim._replace(strength=strength, rule=f"{claim.rule}{note}")


def _models(item: V1beta1InferenceService) -> Iterator[Claim | None]:
    for name, part in item.spec.predictor.items():
        uri = part.get("storageUri") if isinstance(part, dict) else None
        if isinstance(uri, str):
            yield model_of_uri(uri, "", f"KServe predictor.{name}.storageUri")


def _is_serving(item: V1beta1InferenceService) -> bool:
    """Return whether the revision of the spec is ready, as the status says.

    Without revisions, where KServe makes a Deployment, all that is said is that the service is
    ready; a Deployment of KServe's is on the board too, and says what its pods serve.
    """
    status, predictor = item.status, item.status.components.predictor
    if status.observed_generation and status.observed_generation < item.metadata.generation:
        return False
    if predictor.latest_created_revision:
        return predictor.latest_created_revision == predictor.latest_ready_revision
    conditions = (find_condition(status.conditions, name) for name in ("Ready", "PredictorReady"))
    return any(one.holds for one in conditions)


def _share(item: V1beta1InferenceService) -> int:
    """Return how many percent of the traffic the revision of the spec gets.

    The status says it; where it does not, what the spec asks for.
    """
    predictor = item.status.components.predictor
    shares = [
        one.percent or 0
        for one in predictor.traffic
        if one.latest_revision or one.revision_name == predictor.latest_ready_revision
    ]
    if shares and predictor.latest_ready_revision:
        return min(sum(shares), _ALL)
    wanted = item.spec.predictor.get("canaryTrafficPercent")
    return wanted if isinstance(wanted, int) and 0 <= wanted < _ALL else _ALL


def _template(item: V1beta1InferenceService) -> V1PodTemplateSpec:
    """Return the containers of a predictor of one's own making as a pod template."""
    try:
        containers = convert_to(
            item.spec.predictor.get("containers") or (), tuple[V1TemplateContainer, ...]
        )
    except msgspec.ValidationError:
        containers = ()
    return V1PodTemplateSpec(spec=V1TemplatePodSpec(containers))


def _traffic(item: V1beta1InferenceService) -> str:
    """Return how the traffic is split, ``""`` where all of it goes to one revision."""
    shares = [one for one in item.status.components.predictor.traffic if one.percent]
    if len(shares) < 2:
        return ""
    prefix = f"{item.metadata.name}-predictor-"
    named = (f"{one.revision_name.removeprefix(prefix)} {one.percent} %" for one in shares)
    return f"traffic: {', '.join(named)}"


def _diagnose(item: V1beta1InferenceService) -> Diagnosis:
    ready = find_condition(item.status.conditions, "Ready")
    if ready.holds:
        return Diagnosis(Status.OK, "", "")
    blocked = next((one for one in item.status.conditions if one.status == "False"), ready)
    if ready.status == "False":
        said = ready if ready.message or ready.reason else blocked
        return Diagnosis(Status.FAILED, said.reason or "NotReady", said.message)
    return Diagnosis(Status.RUNNING, "Progressing", ready.message)
