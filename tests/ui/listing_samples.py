"""A listing of nodes and one of a custom resource with hostile names, for screens."""

from datetime import timedelta

from opsboard.adapter import (
    ListingCatalog,
    ListingColumn,
    ListingColumnType,
    ListingRow,
    ListingType,
    ListingUpdate,
)
from opsboard.records import Kind, Ref, Status
from tests.ui.app_harness import FakeFeed
from tests.ui.sample_board import NOW

NODES = ListingType(name="nodes", title="nodes", aliases=("no", "node"))
SECRETS = ListingType(name="secrets", title="secrets", scoped=True)
ROLLOUTS = ListingType(
    name="rollouts.argoproj.io", title="rollouts", aliases=("rollouts", "ro"), scoped=True
)
COLUMNS = (
    ListingColumn(name="Status"),
    ListingColumn(name="Roles"),
    ListingColumn(name="Age", type=ListingColumnType.TIME),
    ListingColumn(name="Version"),
    ListingColumn(name="Internal-IP", wide=True),
    ListingColumn(name="OS-Image", wide=True),
    ListingColumn(name="Kernel-Version", wide=True),
)
STATES = (
    ("Ready", Status.OK),
    ("Ready,SchedulingDisabled", Status.WARNING),
    ("NotReady", Status.FAILED),
)


def nodes(count: int = 9) -> list[ListingRow]:
    """Return nodes of two clusters, of every status."""
    return [
        ListingRow(
            key=f"{cluster}//node-{at}",
            name=f"node-{at}",
            cells=(
                STATES[at % 3][0],
                "<none>" if at % 2 else "control-plane",
                (NOW - timedelta(days=at, minutes=5)).isoformat(),
                "v1.35.0",
                f"10.0.0.{at}",
                "Debian GNU/Linux 13 (trixie)",
                "6.12.41+deb13-amd64",
            ),
            status=STATES[at % 3][1],
            cluster=cluster,
            environment="production" if cluster == "prod-eu" else "staging",
        )
        for at in range(1, count + 1)
        for cluster in ("prod-eu" if at < 6 else "staging",)
    ]


def rollouts() -> list[ListingRow]:
    """Return objects of a custom resource whose cells are hostile; one is a pod of the board."""
    rows = [
        ("checkout", "[b]markup[/b]", "\x1b[31mred\x1b]0;title\x07"),
        ("結帳サービス", "a\nb\tc", "x" * 200),
    ]
    return [
        ListingRow(key=f"eu/shop/{name}", name=name, cells=cells, namespace="shop", cluster="eu")
        for name, *rest in rows
        for cells in (tuple(rest),)
    ]


def offer(feed: FakeFeed) -> None:
    """Let *feed* list the samples."""
    feed.catalogs = {"kube": ListingCatalog(types=(NODES, SECRETS, ROLLOUTS))}
    notes = ("staging-us: may not list nodes: (ask for list and watch on nodes)",)
    feed.updates["kube", "nodes"] = [
        ListingUpdate(nodes()[:4], columns=COLUMNS),
        ListingUpdate(nodes()[4:], complete=True, notes=notes),
    ]
    columns = (ListingColumn(name="Phase"), ListingColumn(name="Why [i]"))
    feed.updates["kube", "rollouts.argoproj.io"] = [
        ListingUpdate(rollouts(), columns=columns, complete=True)
    ]
    secret = ListingRow(
        key="eu/shop/db",
        name="db",
        cells=("Opaque", "2"),
        namespace="shop",
        cluster="eu",
        ref=Ref("kube", Kind.CONFIG, "eu/shop/Secret/db"),
    )
    feed.updates["kube", "secrets"] = [
        ListingUpdate(
            [secret],
            columns=(ListingColumn(name="Type"), ListingColumn(name="Data")),
            complete=True,
        )
    ]
