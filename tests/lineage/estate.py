"""Records as the adapters state them, to be joined."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from opsboard.frozen import frozen
from opsboard.kinds import RecordKind
from opsboard.lineage.graph import Edge, LineageRules, Node
from opsboard.lineage.index import LineageIndex
from opsboard.records import (
    Build,
    Claim,
    Commit,
    CommitComparison,
    ComparisonState,
    Deployment,
    Drift,
    Kind,
    ModelVersion,
    Pod,
    PullRequest,
    PullRequestState,
    Record,
    Ref,
    Repository,
    Status,
    Strength,
    Text,
    stated,
)
from opsboard.records.claims import COMMIT, IMAGE, MODEL_VERSION, Identity
from opsboard.records.identity import (
    ci_run,
    commit,
    git_repository,
    image,
    image_tag,
    model_version,
    pull_request,
    training_run,
    workload,
)

NOW: Final = datetime(2026, 11, 27, 12, tzinfo=UTC)
SHOP: Final = "github.com/acme/checkout"
REGISTRY: Final = "registry.example:5000/shop"
CLUSTER: Final = "https://k8s.example:6443"
MLFLOW: Final = "https://mlflow.example"


@frozen
class OciImage(Record):
    """An image as the adapter of a registry of a third party would yield it."""

    kind: Kind = Kind("oci-image")
    repository: Text


OCI_IMAGE: Final = RecordKind(
    Kind("oci-image"),
    OciImage,
    title="OCI images",
    pane=None,
    identities=("image", "image-tag", "commit"),
    represents=("image", "image-tag"),
)


def sha(number: int) -> str:
    """Return a full SHA, which differs from others in its first digits."""
    return f"{number * 7919 + 0xABC0000:07x}".ljust(40, "e")


def digest(number: int) -> str:
    """Return a digest."""
    return f"sha256:{number:064x}"


def at(minutes: float) -> datetime:
    """Return the time *minutes* after noon."""
    return NOW + timedelta(minutes=minutes)


def build(
    number: int,
    made_from: str,
    repository: str = SHOP,
    *,
    begun: float = 0,
    ended: float | None = 5,
    makes: tuple[str, ...] = (),
    pull: int | None = None,
    tags: tuple[str, ...] = (),
    **fields: Any,
) -> Build:
    """Return a run of CI, as GitHub's adapter states it."""
    values: dict[str, Any] = {
        "source": "github", "id": f"{repository}/{number}", "name": f"ci #{number}",
        "status": Status.OK if ended is not None else Status.RUNNING, "repository": repository,
        "workflow": "ci", "number": number, "state": "success", "branch": "main",
        "commit": made_from, "started_at": at(begun), "created_at": at(begun),
        "finished_at": at(ended) if ended is not None else None,
        "inputs": stated(
            commit(repository, made_from, "GitHub run: head_sha"),
            pull_request(repository, pull, "GitHub run: pull request") if pull else None,
        ),
        "outputs": stated(
            ci_run(repository, number, "GitHub run: id"),
            *(image(one, "GitHub attestation") for one in makes),
            *(image_tag(one, "pushed by the run") for one in tags),
        ),
    }  # fmt: skip
    return Build(**{**values, **fields})


def picture(
    name: str,
    *digests: str,
    tags: tuple[str, ...] = (),
    revision: str = "",
    origin: str = "",
    base: str = "",
    created: float | None = None,
    strength: Strength = Strength.LABEL,
    registry: str = REGISTRY,
    source: str = "registry",
) -> OciImage:
    """Return an image, as the adapter of a registry states it: *digests* all name it."""
    return OciImage(
        source=source,
        id=f"{registry}/{name}@{digests[0]}",
        name=name,
        repository=f"{registry}/{name}",
        status=Status.OK,
        created_at=at(created) if created is not None else None,
        inputs=stated(
            commit(origin, revision, "OCI label revision", strength),
            image(base, "OCI label base.digest"),
        ),
        outputs=stated(
            *(image(one, "registry digest") for one in digests),
            *(image_tag(f"{registry}/{name}:{tag}", "registry tag") for tag in tags),
        ),
    )


def live(
    name: str,
    *digests: str,
    tag: str = "",
    cluster: str = CLUSTER,
    namespace: str = "shop",
    models: tuple[Claim | None, ...] = (),
    repository: str = "",
    **fields: Any,
) -> Deployment:
    """Return a Deployment of a cluster, with the digests that its pods run."""
    reference = f"{repository or f'{REGISTRY}/{name}'}:{tag}" if tag else ""
    values: dict[str, Any] = {
        "source": "k8s", "id": f"{cluster}/{namespace}/Deployment/{name}", "name": name,
        "status": Status.OK, "workload": "Deployment", "cluster": cluster,
        "namespace": namespace, "images": (reference,) if reference else (),
        "desired": 2, "ready": 2, "environment": "production",
        "inputs": stated(
            *(image(one, "pod imageID") for one in digests),
            image_tag(reference, "pod spec") if tag else None,
            *models,
        ),
        "outputs": stated(workload(cluster, namespace, "Deployment", name, "Kubernetes name")),
    }  # fmt: skip
    return Deployment(**{**values, **fields})


def pod(number: int, owner: str, *digests: str, cluster: str = CLUSTER, ready: int = 0) -> Pod:
    """Return a pod of the Deployment *owner*."""
    return Pod(
        source="k8s",
        id=f"{cluster}/shop/{owner}-{number}",
        name=f"{owner}-{number}",
        status=Status.OK,
        cluster=cluster,
        namespace="shop",
        owner=f"Deployment/{owner}",
        ready=ready,
        inputs=stated(
            *(image(one, "pod imageID") for one in digests),
            workload(cluster, "shop", "Deployment", owner, "owner reference"),
        ),
    )


def version(
    model: str, number: int, *, made_from: str = "", server: str = MLFLOW, run: str = "r1",
    source: str = "mlflow", aliases: tuple[str, ...] = (), origin: str = "",
) -> ModelVersion:  # fmt: skip
    """Return a version of a model, as MLflow's adapter states it."""
    return ModelVersion(
        source=source,
        id=f"{model}/{number}",
        name=f"{model} v{number}",
        status=Status.OK,
        model=model,
        version=str(number),
        aliases=aliases,
        inputs=stated(
            training_run(server, run, "MLflow run"),
            commit(origin, made_from, "mlflow.source.git.commit"),
        ),
        outputs=stated(model_version(server, model, str(number), "MLflow version")),
    )


def drift(model: str, number: int, *, server: str = MLFLOW, crossed: bool = False) -> Drift:
    """Return a drift measure of a version."""
    return Drift(
        source="mlflow",
        id=f"{model}/{number}/psi",
        name=f"{model} v{number} psi",
        status=Status.FAILED if crossed else Status.OK,
        model=model,
        version=str(number),
        metric="psi",
        value=0.3 if crossed else 0.04,
        threshold=0.2,
        trend=(0.01, 0.04),
        inputs=stated(model_version(server, model, str(number), "MLflow run tag")),
    )


def merged(number: int, head: str, as_commit: str, repository: str = SHOP) -> PullRequest:
    """Return a pull request that was merged, squashed."""
    return PullRequest(
        source="github",
        id=f"{repository}#{number}",
        name=f"pull request {number}",
        repository=repository,
        number=number,
        state=PullRequestState.MERGED,
        head=head,
        merge_commit=as_commit,
        inputs=stated(commit(repository, head, "GitHub: head of the pull request")),
        outputs=stated(
            pull_request(repository, number, "GitHub: number"),
            commit(repository, as_commit, "GitHub: merge_commit_sha"),
        ),
    )


def known_commit(made_from: str, repository: str = SHOP) -> Commit:
    """Return a commit that the host of its repository tells."""
    return Commit(
        source="github",
        id=f"{repository}@{made_from}",
        name="a commit",
        repository=repository,
        sha=made_from,
        outputs=stated(commit(repository, made_from, "GitHub commit")),
    )


def renamed(present: str, *former: str, source: str = "github") -> Repository:
    """Return a repository that has had other names, as GitHub's adapter states it."""
    return Repository(
        source=source,
        id=present,
        name=present,
        repository=present,
        former=former,
        outputs=stated(*(git_repository(one, "GitHub: renamed") for one in (present, *former))),
    )


def compared(
    base: str, head: str, ahead: int, behind: int = 0, repository: str = SHOP
) -> CommitComparison:
    """Return a comparison, as GitHub answers it."""
    state = {
        (False, False): ComparisonState.IDENTICAL, (True, False): ComparisonState.AHEAD,
        (False, True): ComparisonState.BEHIND, (True, True): ComparisonState.DIVERGED,
    }[ahead > 0, behind > 0]  # fmt: skip
    return CommitComparison(
        source="github",
        id=f"{repository}/{base}...{head}",
        name=f"{base[:7]}...{head[:7]}",
        repository=repository,
        base=base,
        head=head,
        state=state,
        ahead=ahead,
        behind=behind,
    )


def index_of(*records: Record, rules: LineageRules | None = None) -> LineageIndex:
    """Return an index of *records*."""
    index = LineageIndex(rules or LineageRules())
    index.update(records)
    return index


def commit_node(value: str, scope: str = SHOP) -> Identity:
    return Identity(COMMIT, scope, value)


def image_node(value: str) -> Identity:
    return Identity(IMAGE, "", value)


def version_node(model: str, number: int, server: str = MLFLOW) -> Identity:
    return Identity(MODEL_VERSION, server, f"{model}/{number}")


def said(edges: list[Edge]) -> list[tuple[Node, Node, str]]:
    """Return what *edges* join, and how surely."""
    return [(edge.upstream, edge.downstream, str(edge.strength)) for edge in edges]


def refs(*records: Record) -> list[Ref]:
    return [record.ref for record in records]
