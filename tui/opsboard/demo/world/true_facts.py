"""What is true of a thing of the world, in the fields that its record has on a board."""

from datetime import datetime
from typing import Final

from opsboard.demo.world.change_log import Facts
from opsboard.demo.world.ci import DemoRepository, DemoRunStatus, DemoWorkflowRun
from opsboard.demo.world.clusters import SIDECARS, DemoConfig, DemoCronJob, DemoWorkload
from opsboard.demo.world.company import DemoWorkloadKind
from opsboard.demo.world.models import DemoRegisteredModel
from opsboard.demo.world.states import DemoState
from opsboard.records import Alias, Kind, Ref

GITHUB: Final = "github"
CLUSTERS: Final = "clusters"
MLFLOW: Final = "mlflow"
INFRASTRUCTURE: Final = "infra"
WORKSPACE: Final = Kind("terraform-workspace")


# --- Kubernetes -----------------------------------------------------------------------------------


def workload_ref(of: DemoWorkload) -> Ref:
    identity = f"{of.cluster.name}/{of.namespace}/{of.kind.value}/{of.name}"
    return Ref(CLUSTERS, Kind.DEPLOYMENT, identity)


def workload_facts(of: DemoWorkload) -> Facts:
    """Return what is wanted of a workload, and how many of its pods are ready."""
    wanted = of.wanted_revision
    facts: dict[str, object] = {
        "desired": of.replicas,
        "paused": of.paused,
        "ready": sum(pod.ready for pod in of.live_pods()),
    }
    if wanted.template is None:
        facts["images"] = (wanted.image,) * (1 + len(SIDECARS.get(of.name, ())))
    if of.kind is DemoWorkloadKind.DEPLOYMENT:
        facts["revision"] = str(wanted.number)
    return facts


def cron_job_ref(of: DemoCronJob) -> Ref:
    return Ref(CLUSTERS, Kind.CRON_JOB, f"{of.cluster.name}/{of.namespace}/{of.name}")


def cron_job_facts(of: DemoCronJob) -> Facts:
    return {"suspended": of.suspended}


def config_ref(of: DemoConfig) -> Ref:
    return Ref(CLUSTERS, Kind.CONFIG, f"{of.cluster.name}/{of.namespace}/{of.kind}/{of.name}")


def config_facts(of: DemoConfig) -> Facts:
    """Return who changed the entries of *of* last, and when, to the second, as the API has it."""
    return {"changed_at": of.changed_at.replace(microsecond=0), "manager": of.manager}


# --- GitHub ---------------------------------------------------------------------------------------


def run_ref(of: DemoWorkflowRun) -> Ref:
    return Ref(GITHUB, Kind.BUILD, f"{of.repository.full_name}/{of.id}")


def run_facts(of: DemoWorkflowRun, when: datetime) -> Facts | None:
    """Return how a run stood at *when*, at the attempt of that time; ``None`` before it began."""
    if when < of.created_at:
        return None
    attempt = of
    if of.triggered_at is not None and when < of.triggered_at:
        attempt = next(
            one
            for one in reversed(of.previous_attempts)
            if one.triggered_at is None or when >= one.triggered_at
        )
    status = attempt.status(when)
    ended = status is DemoRunStatus.COMPLETED
    state = attempt.conclusion.value if ended else status.value
    return {"state": state, "attempt": attempt.attempt, "commit": of.commit.sha}


def environment_ref(of: DemoRepository, environment: str) -> Ref:
    return Ref(GITHUB, Kind.DEPLOYMENT, f"{of.full_name}/{environment}")


# --- MLflow ---------------------------------------------------------------------------------------


def model_ref(name: str) -> Ref:
    return Ref(MLFLOW, Kind.MODEL, name)


def model_facts(of: DemoRegisteredModel) -> Facts:
    aliases = tuple(Alias(name, str(number)) for name, number in sorted(of.aliases.items()))
    return {"aliases": aliases, "latest": str(len(of.versions)) if of.versions else ""}


def version_ref(model: str, number: int | str) -> Ref:
    return Ref(MLFLOW, Kind.MODEL_VERSION, f"{model}/{number}")


def version_facts(of: DemoRegisteredModel, number: int) -> Facts:
    return {"aliases": tuple(sorted(name for name, to in of.aliases.items() if to == number))}


def drift_ref(model: str, version: str, metric: str) -> Ref:
    return Ref(MLFLOW, Kind.DRIFT, f"{model}/{version}/{metric}")


# --- Terraform ------------------------------------------------------------------------------------


def state_ref(of: DemoState) -> Ref:
    return Ref(INFRASTRUCTURE, WORKSPACE, of.name)


def state_facts(of: DemoState) -> Facts:
    return {"serial": of.serial, "lineage": of.lineage}
