"""The records that sources make of what there is, with the identities that they state."""

from datetime import datetime
from typing import NamedTuple

from opsboard.demo.world.stories.estate import (
    GITHUB,
    MLFLOW,
    REGISTRY,
    StoryCompany,
    StoryService,
    digest_of,
)
from opsboard.demo.world.stories.stage import StoryModel, StoryVersion, StoryWorkload
from opsboard.records import (
    Alias,
    Build,
    Deployment,
    Drift,
    Image,
    Kind,
    Model,
    ModelVersion,
    Ref,
    Status,
)
from opsboard.records.claims import Strength, stated
from opsboard.records.identity import (
    ci_run,
    commit,
    dataset,
    image,
    image_tag,
    model_alias,
    model_version,
    training_run,
)


def _of_github(repository: str) -> str:
    return f"github.com/{repository}"


# --- GitHub ---------------------------------------------------------------------------------------


class CiRun(NamedTuple):
    """A run of the workflow ``ci``: its *number*, of which commit, and when it *began*."""

    repository: str
    number: int
    sha: str
    branch: str
    actor: str
    began: datetime

    @property
    def id(self) -> int:
        return 8_000_000 + self.number


def build_ref(repository: str, number: int) -> Ref:
    return Ref(GITHUB, Kind.BUILD, f"{repository}/{8_000_000 + number}")


def build(run: CiRun, state: str, ended: datetime | None) -> Build:
    """Return *run* as GitHub has it; *state* is GitHub's word for it."""
    statuses = {"success": Status.OK, "in_progress": Status.RUNNING, "failure": Status.FAILED}
    return Build(
        source=GITHUB,
        id=f"{run.repository}/{run.id}",
        name=f"ci #{run.number}",
        status=statuses[state],
        reason="" if state == "success" else state.replace("_", " "),
        created_at=run.began,
        updated_at=ended or run.began,
        repository=run.repository,
        workflow="ci",
        number=run.number,
        state=state,
        branch=run.branch,
        commit=run.sha,
        event="push" if run.branch == "main" else "pull_request",
        actor=run.actor,
        started_at=run.began,
        finished_at=ended,
        inputs=stated(commit(_of_github(run.repository), run.sha, "GitHub run: head_sha")),
        outputs=stated(ci_run(_of_github(run.repository), run.id, "GitHub run")),
    )


def github_ref(running: StoryWorkload) -> Ref:
    service = running.service
    name = f"{service.repository}/{service.name}-{running.cluster.source}"
    return Ref(GITHUB, Kind.DEPLOYMENT, name)


def github_deployment(
    running: StoryWorkload, number: int, state: str, began: datetime, at: datetime
) -> Deployment:
    """Return the deployment of *running* as GitHub lists it."""
    service, environment = running.service, running.cluster.source
    statuses = {"success": Status.OK, "in_progress": Status.RUNNING, "failure": Status.FAILED}
    return Deployment(
        source=GITHUB,
        id=github_ref(running).id,
        name=service.name,
        status=statuses[state],
        reason="" if state == "success" else state.replace("_", " "),
        environment=running.cluster.environment,
        created_at=began,
        updated_at=at,
        workload="GitHub",
        cluster=service.repository,
        namespace=f"{service.name}-{environment}",
        revision=str(number),
        commit=running.sha,
        inputs=stated(
            commit(_of_github(service.repository), running.sha, "GitHub deployment: sha")
        ),
    )


# --- the registry ---------------------------------------------------------------------------------


def image_ref(service: StoryService, sha: str) -> Ref:
    repository = service.image.partition("/")[2]
    return Ref(REGISTRY, Kind.IMAGE, f"{repository}@{digest_of(service.image, sha)}")


def image_record(service: StoryService, sha: str, at: datetime) -> Image:
    """Return the image of *service* at the commit *sha*, as the registry has it."""
    registry, _, repository = service.image.partition("/")
    digest, url = digest_of(service.image, sha), f"https://{_of_github(service.repository)}"
    return Image(
        source=REGISTRY,
        id=image_ref(service, sha).id,
        name=f"{repository}:{sha[:7]}",
        status=Status.OK,
        created_at=at,
        registry=registry,
        repository=repository,
        digest=digest,
        tags=(sha[:7],),
        commit=sha,
        revision=sha,
        origin=url,
        inputs=stated(commit(url, sha, "OCI label revision", Strength.LABEL)),
        outputs=stated(
            image(digest, "manifest"), image_tag(f"{service.image}:{sha[:7]}", "registry tag")
        ),
    )


# --- MLflow ---------------------------------------------------------------------------------------


def model_ref(name: str) -> Ref:
    return Ref(MLFLOW, Kind.MODEL, name)


def version_ref(model: str, version: str) -> Ref:
    return Ref(MLFLOW, Kind.MODEL_VERSION, f"{model}/{version}")


def model_record(company: StoryCompany, model: StoryModel, at: datetime) -> Model:
    """Return *model* as the registry has it; what its champion points to is what it serves."""
    serving = model.aliases.get("champion", "")
    return Model(
        source=MLFLOW,
        id=model.name,
        name=model.name,
        status=Status.OK,
        environment="production",
        updated_at=at,
        latest=model.versions[-1].number,
        serving=serving,
        versions=len(model.versions),
        aliases=tuple(Alias(name, to) for name, to in sorted(model.aliases.items())),
        inputs=stated(
            model_version(company.mlflow_origin, model.name, serving, "MLflow alias champion")
        ),
    )


def version_record(company: StoryCompany, model: StoryModel, version: StoryVersion) -> ModelVersion:
    """Return a version as the registry has it, and what its run says that it was made of."""
    server = company.mlflow_origin
    aliases = sorted(name for name, to in model.aliases.items() if to == version.number)
    return ModelVersion(
        source=MLFLOW,
        id=f"{model.name}/{version.number}",
        name=f"{model.name} v{version.number}",
        status=Status.OK,
        environment="production" if "champion" in aliases else "",
        created_at=version.at,
        updated_at=version.at,
        model=model.name,
        version=version.number,
        aliases=tuple(aliases),
        run=version.run,
        commit=version.sha,
        dataset=f"{version.dataset}@{version.digest}",
        inputs=stated(
            training_run(server, version.run, "MLflow run"),
            commit(
                _of_github(model.repository),
                version.sha,
                "MLflow run tag mlflow.source.git.commit",
            ),
            dataset(version.dataset, version.digest, "MLflow dataset input"),
        ),
        outputs=stated(
            model_version(server, model.name, version.number, "MLflow registry"),
            *(model_alias(server, model.name, alias, "MLflow alias") for alias in aliases),
        ),
    )


def drift_record(
    company: StoryCompany, model: str, version: str, value: float, at: datetime
) -> Drift:
    """Return the measure of drift of a version of *model*: it has drifted above 0.25."""
    crossed = value > 0.25
    return Drift(
        source=MLFLOW,
        id=f"{model}/{version}/psi",
        name=f"{model} v{version} psi",
        status=Status.FAILED if crossed else Status.OK,
        reason="drift" if crossed else "",
        environment="production",
        updated_at=at,
        model=model,
        version=version,
        metric="psi",
        value=value,
        threshold=0.25,
        measured_at=at,
        inputs=stated(model_version(company.mlflow_origin, model, version, "MLflow drift metric")),
    )
