"""Records as the built-in adapters state them: ids, fields and identities are theirs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bench.independent_stories.town import Place, Town
from opsboard.records import (
    Alias,
    Build,
    Claim,
    Commit,
    ConfigObject,
    CronJob,
    Deployment,
    Drift,
    Image,
    Job,
    Kind,
    Model,
    ModelVersion,
    Pod,
    PullRequest,
    PullRequestState,
    Status,
    Strength,
    stated,
)
from opsboard.records import identity as identities
from opsboard.records.claims import RESOURCE

REGISTRY: Final = "registry.northwind.example"
MLFLOW: Final = "https://mlflow.northwind.example"


def source_of(place: Place) -> str:
    return f"github.com/{place.repository}"


# --- cluster -------------------------------------------------------------------------------------


def config_claim(place: Place, kind: str, name: str, rule: str) -> Claim:
    value = f"{place.namespace}/{kind}/{name}"
    return Claim(RESOURCE, place.server, value, rule, Strength.SHA)


def address(place: Place, called: Place) -> Claim | None:
    """Return the claim of the Service of *called*, by a host in the pod template of *place*."""
    rule = "host in the pod template"
    return identities.service_address(place.server, called.namespace, called.name, rule)


def config(place: Place, kind: str, name: str, at: datetime, manager: str) -> ConfigObject:
    return ConfigObject(
        source="kubernetes",
        id=f"{place.cluster}/{place.namespace}/{kind}/{name}",
        name=name,
        status=Status.OK,
        environment=place.environment,
        cluster=place.cluster,
        namespace=place.namespace,
        object=kind,
        keys=("config.yaml",) if kind == "ConfigMap" else ("password", "username"),
        version=at.isoformat(),
        changed_at=at,
        updated_at=at,
        manager=manager,
        outputs=stated(config_claim(place, kind, name, kind)),
    )


def workload(
    place: Place,
    at: datetime,
    revision: int,
    tag: str,
    digests: Iterable[str],
    *,
    reads: Iterable[tuple[str, str]] = (),
    more: Iterable[Claim | None] = (),
    desired: int = 3,
    status: Status = Status.OK,
    reason: str = "",
    actor: str = "helm",
) -> Deployment:
    """Return a workload; without *digests*, as it is while no pod of the new ones has started."""
    reference = f"{REGISTRY}/{place.name}:{tag}"
    pods = [identities.image(one, "pod imageID") for one in digests]
    return Deployment(
        source="kubernetes",
        id=f"{place.cluster}/{place.namespace}/Deployment/{place.name}",
        name=place.name,
        status=status,
        reason=reason,
        environment=place.environment,
        updated_at=at,
        workload="Deployment",
        cluster=place.cluster,
        namespace=place.namespace,
        revision=str(revision),
        images=(reference,),
        actor=actor,
        deployed_at=at if status is Status.OK else None,
        app=place.name,
        part_of=place.team,
        labels=(("app.kubernetes.io/name", place.name), ("app.kubernetes.io/part-of", place.team)),
        desired=desired,
        updated=desired,
        ready=desired if status is Status.OK else desired - 1,
        available=desired if status is Status.OK else desired - 1,
        inputs=stated(
            *(pods or [identities.image_tag(reference, "tag in the pod template")]),
            *(config_claim(place, *one, "env of the pod template") for one in reads),
            *more,
        ),
        outputs=stated(
            identities.workload(
                place.server, place.namespace, "Deployment", place.name, "Deployment"
            ),
            identities.service_address(
                place.server, place.namespace, place.name, "name", Strength.CANDIDATE
            ),
        ),
    )


def pod(  # noqa: PLR0917 - what a pod is
    place: Place,
    name: str,
    at: datetime,
    owner: str,
    digest: str,
    node: str,
    status: Status = Status.OK,
    reason: str = "Running",
) -> Pod:
    kind, _, owned = owner.partition("/")
    ready = int(status is Status.OK)
    return Pod(
        source="kubernetes",
        id=f"{place.cluster}/{place.namespace}/{name}",
        name=name,
        status=status,
        reason=reason,
        environment=place.environment,
        created_at=at,
        cluster=place.cluster,
        namespace=place.namespace,
        owner=owner,
        node=node,
        phase="Running",
        ready=ready,
        containers=1,
        inputs=stated(
            identities.image(digest, "pod imageID"),
            identities.workload(place.server, place.namespace, kind, owned, "owner reference"),
        ),
    )


def cron_job(place: Place, name: str, last: datetime, *, well: bool = True) -> CronJob:
    return CronJob(
        source="kubernetes",
        id=f"{place.cluster}/{place.namespace}/{name}",
        name=name,
        status=Status.OK if well else Status.WARNING,
        reason="" if well else "LastRunFailed",
        environment=place.environment,
        cluster=place.cluster,
        namespace=place.namespace,
        schedule="17 * * * *",
        last_run_at=last,
        outputs=stated(
            identities.workload(place.server, place.namespace, "CronJob", name, "CronJob")
        ),
    )


def job(  # noqa: PLR0917 - what a job is
    place: Place, name: str, owner: str, at: datetime, ended: datetime | None, status: Status
) -> Job:
    return Job(
        source="kubernetes",
        id=f"{place.cluster}/{place.namespace}/{name}",
        name=name,
        status=status,
        reason="BackoffLimitExceeded" if status is Status.FAILED else "",
        environment=place.environment,
        created_at=at,
        cluster=place.cluster,
        namespace=place.namespace,
        owner=f"CronJob/{owner}",
        state=status.value,
        started_at=at,
        finished_at=ended,
        inputs=stated(
            identities.workload(place.server, place.namespace, "CronJob", owner, "owner reference")
        ),
        outputs=stated(identities.workload(place.server, place.namespace, "Job", name, "Job")),
    )


# --- registry ------------------------------------------------------------------------------------


def image(  # noqa: PLR0917 - what an image is
    name: str,
    digest: str,
    at: datetime,
    tags: tuple[str, ...],
    commit: Claim | None = None,
    base: str = "",
) -> Image:
    return Image(
        source="registry",
        id=f"{name}@{digest}",
        name=f"{name}:{tags[0]}" if tags else f"{name}@{digest[:19]}",
        status=Status.OK,
        created_at=at,
        registry=REGISTRY,
        repository=name,
        digest=digest,
        tags=tags,
        commit=commit.value if commit else "",
        inputs=stated(commit, identities.image(base, "OCI annotation base.digest", Strength.LABEL)),
        outputs=stated(
            identities.image(digest, "registry: digest"),
            *(identities.image_tag(f"{REGISTRY}/{name}:{tag}", "registry: tag") for tag in tags),
        ),
    )


def label(place: Place, sha: str) -> Claim | None:
    return identities.commit(source_of(place), sha, "OCI label revision", Strength.LABEL)


# --- GitHub --------------------------------------------------------------------------------------


def build(
    place: Place,
    run: int,
    sha: str,
    begun: datetime,
    ended: datetime | None = None,
    *,
    status: Status = Status.RUNNING,
    branch: str = "main",
    event: str = "push",
    workflow: str = "ci",
    actor: str = "dana",
    pull: int = 0,
) -> Build:
    states = {Status.OK: "success", Status.FAILED: "failure"}
    return Build(
        source="github",
        id=f"{place.repository}/{run}",
        name=f"{workflow} #{run % 1000}",
        status=status,
        created_at=begun,
        updated_at=ended or begun,
        repository=place.repository,
        workflow=workflow,
        number=run % 1000,
        state=states.get(status, "in_progress"),
        branch=branch,
        default_branch="main",
        commit=sha,
        event=event,
        actor=actor,
        started_at=begun,
        finished_at=ended,
        inputs=stated(
            identities.commit(source_of(place), sha, "GitHub run: head_sha"),
            identities.pull_request(source_of(place), pull, "GitHub run: pull_requests"),
        ),
        outputs=stated(identities.ci_run(source_of(place), run, "GitHub run: id")),
    )


def commit(place: Place, sha: str, at: datetime, *, head: bool = True) -> Commit:
    return Commit(
        source="github",
        id=f"{source_of(place)}@{sha}",
        name=f"change {sha[:5]}",
        status=Status.OK,
        created_at=at,
        repository=source_of(place),
        sha=sha,
        branch="main" if head else "",
        committed_at=at,
        outputs=stated(identities.commit(source_of(place), sha, "GitHub commit")),
    )


def pull_request(
    place: Place, number: int, head: str, at: datetime, merged: str = ""
) -> PullRequest:
    where = source_of(place)
    return PullRequest(
        source="github",
        id=f"{where}#{number}",
        name=f"pull request {number}",
        status=Status.OK,
        created_at=at,
        repository=where,
        number=number,
        state=PullRequestState.MERGED if merged else PullRequestState.OPEN,
        head=head,
        merge_commit=merged,
        merged_at=at if merged else None,
        inputs=stated(identities.commit(where, head, "GitHub pull request: head")),
        outputs=stated(
            identities.pull_request(where, number, "GitHub pull request"),
            identities.commit(where, merged, "GitHub pull request: merge_commit_sha"),
        ),
    )


def deployed(place: Place, number: int, sha: str, at: datetime, status: Status) -> Deployment:
    """Return GitHub's deployment of a service."""
    return Deployment(
        source="github",
        id=f"{place.repository}/{place.environment}",
        name=place.name,
        status=status,
        environment=place.environment,
        created_at=at,
        updated_at=at,
        workload="GitHub",
        cluster=place.repository,
        namespace=place.environment,
        revision=str(number),
        commit=sha,
        actor="dana",
        deployed_at=at if status is Status.OK else None,
        inputs=stated(
            identities.commit(
                source_of(place),
                sha,
                "GitHub deployment: sha" if status is Status.OK else "GitHub deployment: not live",
                Strength.SHA if status is Status.OK else Strength.CANDIDATE,
            )
        ),
    )


# --- MLflow --------------------------------------------------------------------------------------


def model(name: str, at: datetime, serving: str, latest: str) -> Model:
    return Model(
        source="mlflow",
        id=name,
        name=name,
        status=Status.OK,
        environment="production",
        updated_at=at,
        latest=latest,
        serving=serving,
        versions=int(latest),
        aliases=(Alias("champion", serving),),
        inputs=stated(
            identities.model_version(MLFLOW, name, serving, "MLflow alias champion", Strength.TAG)
        ),
    )


def version(
    name: str, number: str, at: datetime, run: str, data: tuple[str, str], *, champion: bool = False
) -> ModelVersion:
    aliases = ("champion",) if champion else ()
    return ModelVersion(
        source="mlflow",
        id=f"{name}/{number}",
        name=f"{name} v{number}",
        status=Status.OK,
        environment="production" if champion else "",
        created_at=at,
        updated_at=at,
        model=name,
        version=number,
        aliases=aliases,
        run=run,
        dataset=data[0],
        inputs=stated(
            identities.training_run(MLFLOW, run, "MLflow version: run_id"),
            identities.dataset(*data, "MLflow dataset input (training)"),
        ),
        outputs=stated(
            identities.model_version(MLFLOW, name, number, "MLflow registry"),
            *(
                identities.model_alias(MLFLOW, name, one, "MLflow alias, as it is now")
                for one in aliases
            ),
        ),
    )


def drift(name: str, number: str, at: datetime, value: float, metric: str = "psi") -> Drift:
    return Drift(
        source="mlflow",
        id=f"{name}/{number}/{metric}",
        name=f"{name} v{number} {metric}",
        status=Status.FAILED if value > 0.25 else Status.OK,
        environment="production",
        updated_at=at,
        kind=Kind.DRIFT,
        model=name,
        version=number,
        metric=metric,
        value=value,
        threshold=0.25,
        measured_at=at,
        inputs=stated(
            identities.model_version(MLFLOW, name, number, "tag of the run", Strength.LABEL)
        ),
    )


def new_sha(town: Town) -> str:
    return town.hexes(40)
