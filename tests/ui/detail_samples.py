"""Records of every kind, each with a detail as its adapter returns it."""

from datetime import timedelta
from typing import Any, Final

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Point, Series, TextSection
from opsboard.records import (
    AnyRecord,
    CronJob,
    Deployment,
    Drift,
    Event,
    Job,
    Kind,
    Model,
    ModelVersion,
    Pod,
    Ref,
    Status,
)
from tests.ui.sample_board import NOW

_IMAGE: Final = "registry.harbourside.example/shop/search"
_STUCK: Final = 'ReplicaSet "search-88685bf96v" has timed out progressing: Back-off pulling image'
_CLUSTER: Final[dict[str, Any]] = {
    "source": "kube-prod", "cluster": "production-eu", "namespace": "shop",
    "environment": "production",
}  # fmt: skip
_MLFLOW: Final[dict[str, Any]] = {"source": "mlflow", "environment": "production"}


def ago(**span: float) -> str:
    """Return the time that is so long ago, as a cell."""
    return (NOW - timedelta(**span)).isoformat()


def _facts(title: str, **values: str) -> Facts:
    facts = (Fact(label=label.replace("_", " "), value=text) for label, text in values.items())
    return Facts(title=title, facts=tuple(facts))


def _row(*cells: str, status: Status | None = None, ref: Ref | None = None) -> GridRow:
    return GridRow(cells=cells, status=status, ref=ref)


def _points(first: float, step: float, count: int = 24) -> tuple[Point, ...]:
    return tuple(Point(value=first + step * at + 0.01 * (at % 3), step=at) for at in range(count))


_CONDITIONS = Grid(
    title="Conditions",
    columns=("condition", "is", "reason", "since", "message"),
    rows=(
        _row("Available", "True", "MinimumReplicasAvailable", ago(days=200), "It is."),
        _row("Progressing", "False", "ProgressDeadlineExceeded", ago(minutes=19), _STUCK),
    ),
)
_PODS = Grid(
    title="Pods",
    columns=("pod", "status", "ready", "restarts", "node", "created"),
    rows=(
        _row(
            "search-88685bf96v-vppfs", "ImagePullBackOff", "0/1", "0", "node-3", ago(minutes=18),
            status=Status.FAILED, ref=Ref("kube-prod", Kind.POD, "vppfs"),
        ),
        _row(
            "search-trcj46dxp9-5jq56", "Running", "1/1", "0", "node-2", ago(hours=5),
            status=Status.OK, ref=Ref("kube-prod", Kind.POD, "5jq56"),
        ),
    ),
)  # fmt: skip
_REVISIONS = Grid(
    title="Revisions",
    columns=("revision", "images", "pods", "created", "cause"),
    rows=(
        _row("49 (current)", f"{_IMAGE}:c3f8592-arm64", "0/1", ago(minutes=19), "Update"),
        _row("48", f"{_IMAGE}:37d7d19", "2/2", ago(hours=5, minutes=47), "Show prices with tax"),
    ),
)

_NEAR: Final[dict[str, tuple[AnyRecord, tuple[Any, ...]]]] = {
    "release": (
        Deployment(
            source="github", id="r", name="checkout", workload="GitHub", cluster="shop/checkout",
            namespace="production", environment="production", status=Status.FAILED,
            reason="failure", message="Train on the last ninety days", commit="fa2dec5",
        ),
        (
            _facts("Deployment", state="failure", ref="main", created=ago(minutes=26)),
            Grid(title="Statuses", columns=("state", "at", "by"), rows=(
                _row("failure", ago(minutes=24), "actions", status=Status.FAILED),
                _row("in_progress", ago(minutes=25), "actions", status=Status.RUNNING),
            )),
        ),
    ),
    "workload": (
        Deployment(
            **_CLUSTER, id="w", name="search", workload="Deployment", status=Status.FAILED,
            reason="ImagePullBackOff", message=_STUCK, images=(_IMAGE,), desired=2, ready=2,
        ),
        (
            _facts("Roll-out", status=_STUCK, image=f"{_IMAGE}:c3f8592-arm64"),
            _CONDITIONS, _REVISIONS, _PODS, Grid(title="Events", columns=("seen", "message")),
        ),
    ),
    "pod": (
        Pod(
            **_CLUSTER, id="p", name="checkout-f7rwljtmv9-pkrmv", status=Status.FAILED,
            reason="CrashLoopBackOff", message="container checkout: Error, exit code 2",
        ),
        (
            _facts("Pod", node="production-eu-node-5", service_account="checkout"),
            Grid(title="Containers", columns=("container", "state", "restarts", "image"), rows=(
                _row("checkout", "CrashLoopBackOff", "8", _IMAGE, status=Status.WARNING),
            )),
            Facts(title="Labels", facts=(
                Fact(label="app.kubernetes.io/part-of", value="shop"),
                Fact(label="batch.kubernetes.io/controller-uid", value="dacf7359"),
            )),
        ),
    ),
    "job": (
        Job(**_CLUSTER, id="j", name="price-import-29474490", status=Status.RUNNING,
            reason="Running"),
        (Grid(title="Pods", columns=("pod",), empty="no pods"), Facts(title="Labels", facts=())),
    ),
    "cronjob": (
        CronJob(**_CLUSTER, id="c", name="price-import", schedule="*/10 * * * *",
                status=Status.OK),
        (
            _facts("Schedule", schedule="*/10 * * * *", suspended="no"),
            Grid(title="Jobs", columns=("job", "status", "created"), rows=(
                _row("price-import-29474480", "Complete", ago(minutes=10), status=Status.OK),
            )),
        ),
    ),
    "event": (
        Event(
            **_CLUSTER, id="e", name="checkout.0aab", about="Pod/checkout-f7rwljtmv9-pkrmv",
            reason="BackOff", status=Status.WARNING, message="Back-off restarting container",
        ),
        (_facts("Event", about="Pod/checkout-f7rwljtmv9-pkrmv", count="14"),),
    ),
    "model": (
        Model(
            **_MLFLOW, id="m", name="product-ranker", status=Status.WARNING, reason="drift",
            message="psi of product-ranker v6 is 0.3696; it drifts above 0.25", serving="6",
        ),
        (
            _facts("Model", Serving="version 6", Aliases="challenger → 7, champion → 6"),
            TextSection(title="Description", text="Orders products for a customer"),
            Grid(title="Versions", columns=("version", "aliases", "loss", "ndcg", "created"), rows=(
                _row("7", "challenger", "0.26528", "0.6907", ago(days=1), status=Status.OK),
                _row("6", "champion", "0.27216", "0.68648", ago(days=2), status=Status.OK),
            )),
        ),
    ),
    "version": (
        ModelVersion(
            **_MLFLOW, id="v", name="product-ranker v6", model="product-ranker", version="6",
            status=Status.OK,
        ),
        (
            _facts("Version", Aliases="champion", Artifacts="mlflow-artifacts:/" + "dacf7359" * 8),
            Grid(title="Parameters", columns=("name", "value"), rows=(
                _row("epochs", "12"), _row("learning_rate", "0.1"),
            )),
            Series(title="loss", points=_points(0.9, -0.03)),
            Series(title="ndcg", points=_points(0.2, 0.02)),
            Series(title="epoch seconds", points=_points(3, 0, count=1)),
        ),
    ),
    "drift": (
        Drift(
            **_MLFLOW, id="x", name="product-ranker v6 psi", model="product-ranker", metric="psi",
            value=0.3696, threshold=0.25, status=Status.FAILED, reason="drift",
        ),
        (Series(title="psi", points=_points(0.05, 0.013), threshold=0.25),),
    ),
}  # fmt: skip

NEAR: Final = {
    name: Detail(record=record, sections=sections) for name, (record, sections) in _NEAR.items()
}
"""A detail of each kind, by a short name; a build's stands in :mod:`tests.ui.sample_board`."""
