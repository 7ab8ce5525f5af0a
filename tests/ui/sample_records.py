"""Records of every kind and status, hostile names among them, at a fixed time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from opsboard.records import (
    Activity,
    ActivityState,
    Alert,
    AlertState,
    Alias,
    AnyRecord,
    Build,
    CronJob,
    Deployment,
    Drift,
    Event,
    Image,
    Job,
    Kind,
    Label,
    Metric,
    Model,
    ModelVersion,
    Pod,
    Ref,
    Status,
)
from tests.ui.sample_board import NOW

STATUSES = tuple(Status)
NAMES = (
    "payments",
    "結帳サービス",
    "[b]markup[/b]",
    "\x1b[31mred\x1b]0;title\x07",
    "rocket 🚀 launch",
    "a-very-long-name-of-a-service-that-nobody-should-ever-have-chosen-for-it",
    "search",
    "",
)
ENVIRONMENTS = ("production", "staging", "")
REASONS = ("", "Progressing", "ImagePullBackOff", "CrashLoopBackOff", "unknown")


def _shared(source: str, letter: str, at: int) -> dict[str, Any]:
    """Return what the sample record number *at* of any kind has."""
    return {
        "source": source,
        "id": f"{letter}{at}",
        "status": STATUSES[at % 5],
        "environment": ENVIRONMENTS[at % 3],
    }


def builds(count: int = 24) -> list[Build]:
    """Return builds, the later ones older."""
    return [
        Build(
            **_shared("github", "b", at),
            name=f"shop/{NAMES[at % 8]} #{at}",
            repository=f"shop/{NAMES[at % 8]}",
            workflow=("ci", "release", "nightly")[at % 3],
            number=400 + at,
            attempt=1 + at % 2,
            state=("success", "in_progress", "waiting", "failure", "new_word")[at % 5],
            branch=("main", "fix/結帳", "feature/a-long-branch-name")[at % 3],
            commit=f"{at:07x}abcdef",
            title=f"Make {NAMES[at % 8]} better",
            event="push",
            actor="ada",
            started_at=NOW - timedelta(minutes=7 * at, seconds=90),
            finished_at=NOW - timedelta(minutes=7 * at) if at % 5 != 1 else None,
            created_at=NOW - timedelta(minutes=7 * at, seconds=100),
            updated_at=NOW - timedelta(minutes=7 * at),
        )
        for at in range(count)
    ]


def deployments(count: int = 16) -> list[Deployment]:
    """Return workloads, some of them short of replicas."""
    return [
        Deployment(
            **_shared("kube-prod", "d", at),
            name=NAMES[at % 8],
            reason=REASONS[at % 5],
            message="0/3 nodes have enough memory" if at % 5 == 3 else "",
            workload=("Deployment", "StatefulSet")[at % 2],
            cluster="prod-eu",
            namespace="shop",
            revision="q72x7mw9zj" if at % 2 else str(at),
            images=(f"registry.example:5000/shop/app:v1.{at}",),
            desired=4,
            updated=4,
            ready=at % 5,
            available=at % 5,
            created_at=NOW - timedelta(days=at),
            updated_at=NOW - timedelta(hours=at),
        )
        for at in range(count)
    ]


def releases(count: int = 4) -> list[Deployment]:
    """Return what a CI server deployed, under the names of workloads."""
    return [
        Deployment(
            **_shared("github", "r", at) | {"status": (Status.FAILED, Status.OK)[at % 2]},
            name=NAMES[at % 8],
            reason=("failure", "")[at % 2],
            workload="GitHub",
            cluster=f"shop/{NAMES[at % 8]}",
            namespace=ENVIRONMENTS[at % 3],
            revision=f"100058{at}",
            commit=f"{at:07x}abcdef",
            created_at=NOW - timedelta(minutes=at),
        )
        for at in range(count)
    ]


def models(count: int = 6) -> list[Model]:
    """Return models, the first of them without a serving version."""
    return [
        Model(
            **_shared("mlflow", "m", at) | {"environment": "production" if at else ""},
            name=f"model-{NAMES[at % 8]}",
            latest=str(at + 2),
            serving=str(at) if at else "",
            versions=at + 2,
            aliases=(Alias("champion", str(at)), Alias("challenger", str(at + 2))),
            metrics=(Metric(name="auc", value=0.9 + at / 100),),
            updated_at=NOW - timedelta(days=at),
        )
        for at in range(count)
    ]


def alerts(count: int = 5) -> list[Alert]:
    """Return alerts in every state."""
    return [
        Alert(
            **_shared("kube-prod", "a", at) | {"status": (Status.FAILED, Status.WARNING)[at % 2]},
            name=f"alert about {NAMES[at % 8]}",
            reason=REASONS[2 + at % 3],
            message="it does not come up",
            since=NOW - timedelta(minutes=at),
            state=tuple(AlertState)[at % 3],
            until=NOW + timedelta(minutes=40) if at % 3 == 2 else None,
        )
        for at in range(count)
    ]


def others() -> list[AnyRecord]:
    """Return one record of each kind that has no number on the board."""
    where: dict[str, Any] = {
        "source": "kube-prod",
        "cluster": "prod-eu",
        "namespace": "shop",
        "environment": "production",
        "created_at": NOW - timedelta(hours=3),
        "updated_at": NOW - timedelta(minutes=4, seconds=27),
    }
    return [
        Pod(**where, id="p", name="payments-1", phase="Running", ready=1, containers=2, restarts=7),
        Job(**where, id="j", name="backup-1", owner="CronJob/backup", started_at=NOW),
        CronJob(**where, id="c", name="backup", schedule="0 3 * * *", suspended=True),
        Event(**where, id="e", name="e", about="Pod/payments-1", reason="BackOff", count=3),
        Activity(
            source="opsboard", id="t", name="Roll back payments: payments", action="rollback",
            about=Ref("kube-prod", Kind.DEPLOYMENT, "d0"), target="Deployment shop/payments",
            state=ActivityState.SUCCEEDED, status=Status.OK, reason="succeeded", actor="ada",
            cause="image is gone", before="revision 14", after="revision 12",
            environment="production", created_at=NOW - timedelta(minutes=42),
        ),
        ModelVersion(source="mlflow", id="v", name="churn v2", model="churn", version="2"),
        Drift(
            source="mlflow", id="x", name="psi", model="churn", version="2", metric="psi",
            value=0.31, threshold=0.25, trend=(0.1, 0.31), status=Status.WARNING,
        ),
        Image(
            source="registry", id="i", name="shop/cart:v2", registry="registry.example",
            repository="shop/cart", digest=f"sha256:{'ab' * 32}", tags=("v2", "v10"),
            platforms=("linux/amd64", "linux/arm64"), size=31_000_000, status=Status.OK,
            commit="c0ffee" * 6 + "c0ff", labels=(Label(key="team", value="shop"),), created_at=NOW,
        ),
        Image(
            source="registry", id="i2", name="shop/cart@0123456789ab", registry="registry.example",
            repository="shop/cart", digest=f"sha256:{'01' * 32}", inherited=True, commit="5" * 40,
            note="the image has no org.opencontainers.image.revision label",
        ),
    ]  # fmt: skip


def everything() -> Sequence[AnyRecord]:
    """Return all of them."""
    return [*builds(), *deployments(), *releases(), *models(), *alerts(), *others()]
