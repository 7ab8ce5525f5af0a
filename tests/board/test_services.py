"""Services: found by joins and labels, never by a name alone; what runs where, and who says so."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import Condition, Fresh, Health, Remove, Report, Upsert, listing
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.board.rollup import StatusExitCode, exit_code
from opsboard.board.state import Board
from opsboard.lineage.declared_services import Declarations, DeclaredService
from opsboard.records import (
    Agreement,
    Claim,
    Deployment,
    EnvironmentState,
    Image,
    Kind,
    Model,
    Record,
    Ref,
    Service,
    Status,
    stated,
)
from opsboard.records.identity import commit, image, image_tag, model_version
from tests.board import events
from tests.lineage.estate import (
    MLFLOW,
    SHOP,
    at,
    build,
    compared,
    digest,
    drift,
    live,
    pod,
    renamed,
    sha,
    version,
)

MONOREPO = "github.com/acme/shop"


def shown(*records: Record, declared: Declarations | None = None) -> Board:
    """Return a board with *records*."""
    board = Board(declared=lambda: declared or Declarations())
    put(board, *records)
    return board


def put(board: Board, *records: Record) -> frozenset[Ref]:
    """Let *records* arrive, which is all for now; return which services that has changed."""
    by_source: dict[str, list[Record]] = {}
    for record in records:
        by_source.setdefault(record.source, []).append(record)
    arrived = [
        one
        for source, some in by_source.items()
        for one in events(source, Upsert("", some), Fresh(""))
    ]
    delta = board.apply(arrived)
    return frozenset((*delta.changed.get(Kind.SERVICE, ()), *delta.removed.get(Kind.SERVICE, ())))


def gone(board: Board, *records: Record) -> None:
    for record in records:
        board.apply(events(record.source, Remove("", [record.ref])))


def services(board: Board) -> dict[str, Service]:
    found = board.records(Kind.SERVICE).values()
    return {one.name: one for one in found if isinstance(one, Service)}


def stored(
    name: str, number: int, made_from: str = "", *, tag: str = "", origin: str = SHOP
) -> Image:
    """Return an image as the registry's adapter yields it."""
    where = f"registry.example:5000/shop/{name}"
    return Image(
        source="registry",
        id=f"{where}@{digest(number)}",
        name=f"shop/{name}",
        registry="registry.example:5000",
        repository=where,
        digest=digest(number),
        tags=(tag,) if tag else (),
        status=Status.OK,
        inputs=stated(commit(origin, made_from, "OCI label revision")),
        outputs=stated(
            image(digest(number), "registry digest"),
            image_tag(f"{where}:{tag}", "registry tag") if tag else None,
        ),
    )


def hosted(
    made_from: str, environment: str = "production", repository: str = SHOP, **fields: Any
) -> Deployment:
    """Return a deployment as GitHub's adapter yields it."""
    values: dict[str, Any] = {
        "source": "github", "id": f"{repository}/{environment}",
        "name": repository.rpartition("/")[2], "workload": "GitHub", "status": Status.OK,
        "environment": environment, "cluster": repository.partition("/")[2],
        "namespace": environment, "commit": made_from,
        "inputs": stated(commit(repository, made_from, "GitHub deployment: sha")),
    }  # fmt: skip
    return Deployment(**{**values, **fields})


def in_production(service: Service) -> EnvironmentState:
    state = service.in_environment("production")
    assert state is not None
    return state


# --- what a service is ---------------------------------------------------------------------------


def test_a_workload_is_a_service_by_its_name_where_nothing_else_is_known() -> None:
    board = shown(live("checkout", tag="v56"))
    (service,) = services(board).values()
    assert service.name == "checkout"
    assert service.repository == ""
    assert "a tag can be moved" in service.hint
    assert in_production(service).version == "v56"


def test_environments_of_one_image_are_one_service() -> None:
    board = shown(
        live("checkout", tag="v56"),
        live("checkout", tag="v57", cluster="https://staging", environment="staging"),
    )
    (service,) = services(board).values()
    assert [(one.environment, one.version) for one in service.environments] == [
        ("staging", "v57"),
        ("production", "v56"),
    ]


def test_two_unrelated_things_with_one_name_are_two_rows() -> None:
    board = shown(
        live("api", tag="v1"),
        live("api", tag="v9", repository="docker.io/other/api", cluster="https://other"),
    )
    assert sorted(services(board)) == ["api (other/api)", "api (shop/api)"]
    gone(board, live("api", tag="v1"))
    assert sorted(services(board)) == ["api"]


def test_a_repository_of_the_same_name_is_another_row() -> None:
    board = shown(live("checkout", tag="v56"), hosted(sha(1)))
    assert sorted(services(board)) == ["checkout (acme/checkout)", "checkout (shop/checkout)"]


def test_images_of_one_repository_in_two_registries_are_one_service() -> None:
    """Promotion copies the image to another path: the commit says that it is the same code."""
    board = shown(
        stored("checkout", 1, sha(1), tag=sha(1)[:7]),
        live("checkout", digest(1)),
        replace(stored("checkout", 2, sha(2), tag=sha(2)[:7]), id="promoted"),
        live("checkout", digest(2), tag="v57", repository="prod.example/released/checkout",
             cluster="https://staging", environment="staging"),
    )  # fmt: skip
    assert [one.repository for one in services(board).values()] == [SHOP]


def test_a_fork_that_runs_beside_it_is_another_service() -> None:
    fork = "github.com/mallory/checkout"
    board = shown(
        stored("checkout", 1, sha(1), tag=sha(1)[:7]),
        live("checkout", digest(1), tag="a"),
        stored("checkout", 2, sha(2), tag=sha(2)[:7], origin=fork),
        live("checkout", digest(2), tag="b", cluster="https://other"),
    )
    assert sorted(services(board)) == ["checkout (acme/checkout)", "checkout (mallory/checkout)"]
    assert len({one.id for one in services(board).values()}) == 2


def test_labels_say_what_is_one_service() -> None:
    web = live("checkout-web", tag="v1", repository="r.example/a/web", app="checkout",
               part_of="shop")  # fmt: skip
    worker = live("checkout-worker", tag="v1", repository="r.example/a/worker", app="checkout",
                  part_of="shop")  # fmt: skip
    assert list(services(shown(web, worker))) == ["checkout"]
    other = replace(worker, part_of="warehouse")
    assert len(services(shown(web, other))) == 2


def test_two_instances_in_one_namespace_are_two_services() -> None:
    one = live("shop-redis", tag="7", repository="docker.io/library/redis", app="redis",
               instance="shop-redis")  # fmt: skip
    other = live("cache-redis", tag="7", repository="docker.io/library/redis", app="redis",
                 instance="cache-redis")  # fmt: skip
    assert sorted(services(shown(one, other))) == ["redis cache-redis", "redis shop-redis"]


def test_what_is_declared_comes_first() -> None:
    declared = Declarations((
        DeclaredService("shop", repository="https://github.com/acme/checkout.git",
                        workloads=("shop/check*", "cart"), model="fraud"),
        DeclaredService("nothing yet"),
    ))  # fmt: skip
    said = [declared]
    board = Board(declared=lambda: said[0])
    put(
        board,
        live("checkout", tag="v1"), live("cart", tag="v2"), live("other", tag="v3"),
        build(1, sha(1)), Model(source="mlflow", id="fraud", name="fraud", serving="5"),
    )  # fmt: skip
    assert sorted(services(board)) == ["nothing yet", "other", "shop"]
    service = services(board)["shop"]
    assert (service.repository, len(service.main), service.model) == (SHOP, 1, "fraud")
    assert in_production(service).version == "v2/v1"
    said[0] = Declarations()
    sources = {name: SourceInfo(name) for name in ("k8s", "github", "mlflow")}
    board.apply([BoardEvent("", SourceList(sources), at(0))])
    assert sorted(services(board)) == ["cart", "checkout", "fraud", "other"]


def test_what_is_declared_and_is_not_there_is_said_until_it_is() -> None:
    declared = Declarations((
        DeclaredService("shop", SHOP, workloads=("shop/checkout", "shop/gone"),
                        image="registry.example/shop/none", model="fraud"),
    ))  # fmt: skip
    board = shown(live("checkout", tag="v1"), declared=declared)
    hint = services(board)["shop"].hint
    for lack in ("no workload matches 'shop/gone'", "no workload runs 'registry.example/shop/none'",
                 f"no source tells of '{SHOP}'", "no model is called 'fraud'"):  # fmt: skip
        assert lack in hint
    assert "shop/checkout'" not in hint
    put(board, Model(source="mlflow", id="fraud", name="fraud", serving="5"), build(1, sha(1)))
    service = services(board)["shop"]
    assert service.model_ref is not None
    assert "model" not in service.hint
    assert "no source" not in service.hint
    assert sorted(services(board)) == ["shop"], "the model is no service of its own"


def test_a_service_may_be_declared_by_a_former_name_of_its_repository() -> None:
    former = "github.com/acme/shop-checkout"
    declared = Declarations((DeclaredService("shop", former, workloads=("checkout",)),))
    board = shown(live("checkout", tag="v1"), build(1, sha(1)), declared=declared)
    assert services(board)["shop"].main == ()
    put(board, renamed(SHOP, former))
    service = services(board)["shop"]
    assert (service.repository, len(service.main)) == (SHOP, 1)


# --- what runs where -----------------------------------------------------------------------------


def test_main_environments_and_what_waits_between_them() -> None:
    board = shown(
        *(build(n, sha(n), begun=n * 10, ended=n * 10 + 5) for n in range(1, 9)),
        build(9, sha(8), begun=99, ended=None, workflow="deploy"),
        build(10, sha(99), begun=300, branch="fix/rounding"),
        stored("checkout", 1, sha(2), tag=sha(2)[:7]),
        stored("checkout", 2, sha(6), tag=sha(6)[:7]),
        live("checkout", digest(1), tag=sha(2)[:7], deployed_at=at(-180)),
        live("checkout", digest(2), tag=sha(6)[:7], cluster="https://staging",
             environment="staging"),
        compared(sha(2), sha(6), 4),
        compared(sha(6), sha(8), 2),
    )  # fmt: skip
    (service,) = services(board).values()
    assert (service.repository, service.branch) == (SHOP, "main")
    assert [one.commit for one in service.main] == [sha(n) for n in range(4, 9)]
    assert service.main[-1].status is Status.RUNNING
    assert [(one.environment, one.commits, one.waiting) for one in service.environments] == [
        ("staging", (sha(6),), 4),
        ("production", (sha(2),), 0),
    ]
    assert service.waiting == 2


def test_how_many_commits_wait_is_not_known_without_a_comparison() -> None:
    board = shown(
        live("checkout", tag="v56"),
        live("checkout", tag="v57", cluster="https://staging", environment="staging"),
    )
    assert [one.waiting for one in services(board)["checkout"].environments] == [-1, 0]


def test_the_default_branch_is_what_the_host_says() -> None:
    board = shown(
        stored("checkout", 1, sha(2), tag=sha(2)[:7]),
        live("checkout", digest(1)),
        build(1, sha(1), branch="trunk", default_branch="trunk"),
        build(2, sha(2), branch="trunk", default_branch=""),
        build(3, sha(3), branch="main", default_branch="trunk"),
    )
    service = services(board)["checkout"]
    assert (service.branch, [one.commit for one in service.main]) == ("trunk", [sha(1)])


def test_the_time_of_the_roll_out_is_told_and_else_that_it_was_not_later() -> None:
    exact = live("checkout", tag="v56", deployed_at=at(-30), updated_at=at(-5))
    board = shown(exact)
    state = in_production(services(board)["checkout"])
    assert (state.since, state.since_at_latest) == (at(-30), False)
    put(board, replace(exact, deployed_at=None))
    state = in_production(services(board)["checkout"])
    assert (state.since, state.since_at_latest) == (at(-5), True)


def test_a_rollback_to_an_old_replica_set_is_live_since_the_rollback() -> None:
    """The ReplicaSet and the workload are weeks old; the roll-out is what counts."""
    again = live("checkout", tag="v55", created_at=at(-99_999), deployed_at=at(-3))
    assert in_production(services(shown(again))["checkout"]).since == at(-3)


def test_a_roll_out_tells_what_runs_and_what_comes() -> None:
    board = shown(
        stored("checkout", 1, sha(1), tag="v17"),
        stored("checkout", 2, sha(2), tag="v18"),
        live("checkout", digest(1), digest(2), tag="v18", status=Status.RUNNING),
    )
    state = in_production(services(board)["checkout"])
    assert (state.version, state.next_version) == ("v17", "v18")


@pytest.mark.parametrize("status", [Status.RUNNING, Status.WARNING, Status.FAILED])
def test_a_roll_out_that_is_stuck_is_not_what_runs(status: Status) -> None:
    """A cluster states the pods of the new revision alone: the others run what was before."""
    board = shown(
        stored("checkout", 2, sha(2), tag="v18"),
        live("checkout", digest(2), tag="v18", status=status, desired=4, updated=1),
    )
    state = in_production(services(board)["checkout"])
    assert (state.version, state.next_version) == ("", "v18")


def test_a_roll_out_of_which_all_pods_have_the_version_is_no_change_of_it() -> None:
    board = shown(
        stored("checkout", 2, sha(2), tag="v18"),
        live("checkout", digest(2), tag="v18", status=Status.RUNNING, updated=2),
    )
    state = in_production(services(board)["checkout"])
    assert (state.version, state.next_version) == ("v18", "")


@pytest.mark.parametrize("status", [Status.RUNNING, Status.FAILED])
def test_a_roll_out_that_has_reached_no_pod_counts_no_commits(status: Status) -> None:
    """The tag of its template leads to the new image; the pods run what was before."""
    rolled = live("checkout", tag="v18", status=status, updated=0, ready=2)
    board = shown(
        stored("checkout", 2, sha(2), tag="v18"), rolled, compared(sha(2), sha(3), 4),
        live("checkout", digest(3), tag="v19", cluster="https://staging", environment="staging"),
        stored("checkout", 3, sha(3), tag="v19"),
    )  # fmt: skip
    service = services(board)["checkout"]
    state = in_production(service)
    assert (state.version, state.next_version, state.commits) == ("", "v18", ())
    assert service.environments[0].waiting == -1


def test_a_sidecar_is_not_the_service() -> None:
    mesh = stored("proxy", 9, sha(9), tag=sha(9)[:7], origin="github.com/mesh/proxy")
    board = shown(
        mesh,
        stored("checkout", 1, sha(1), tag=sha(1)[:7]),
        replace(live("checkout", digest(1), digest(9), tag=sha(1)[:7]),
                images=(f"registry.example:5000/shop/checkout:{sha(1)[:7]}", "mesh/proxy:1")),
    )  # fmt: skip
    assert services(board)["checkout"].repository == SHOP


# --- witnesses -----------------------------------------------------------------------------------


def _deployed(*more: Record, runs: int = 1, **fields: Any) -> Board:
    return shown(
        stored("checkout", 1, sha(1), tag=sha(1)[:7]),
        stored("checkout", 2, sha(2), tag=sha(2)[:7]),
        live("checkout", digest(runs), tag=sha(runs)[:7], **fields),
        *more,
    )


def test_a_cluster_and_a_ci_server_are_two_witnesses_of_one_cell() -> None:
    board = _deployed(hosted(sha(1), deployed_at=at(-4)))
    (service,) = services(board).values()
    state = in_production(service)
    assert [(one.ref.source, one.agreement) for one in state.witnesses] == [
        ("k8s", Agreement.AGREES),
        ("github", Agreement.AGREES),
    ]
    assert not state.disagreement
    assert service.sources == ("github", "k8s")
    assert service.status is Status.OK


@pytest.mark.parametrize(
    ("short", "full"),
    [("prod", "production"), ("PRD", "production"), ("stg", "staging"), ("dev", "development")],
)
def test_an_environment_in_short_is_the_same_one(short: str, full: str) -> None:
    """A config says *prod* of its cluster, and GitHub *production*."""
    there = hosted(sha(1), deployed_at=at(-4), environment=full)
    (service,) = services(_deployed(there, environment=short)).values()
    (state,) = service.environments
    assert (state.environment, len(state.witnesses)) == (full, 2)
    assert {one.environment for one in service.targets} == {full}


def test_an_environment_of_another_name_is_another_one() -> None:
    """A word that only means the same sort may be a second one."""
    there = hosted(sha(1), deployed_at=at(-4), environment="test")
    (service,) = services(_deployed(there, environment="qa")).values()
    assert [one.environment for one in service.environments] == ["test", "qa"]


def test_that_they_disagree_is_said() -> None:
    board = _deployed(hosted(sha(2)))
    (service,) = services(board).values()
    state = in_production(service)
    assert [one.agreement for one in state.witnesses] == [Agreement.DIFFERS] * 2
    assert state.commits == (sha(1),), "what runs is what the cluster says"
    assert sha(1)[:7] in state.disagreement
    assert sha(2)[:7] in state.disagreement
    assert (service.status, service.reason) == (Status.WARNING, "disagree")


def test_while_the_ci_server_still_deploys_what_runs_already_nothing_is_wrong() -> None:
    """It says that it is done a while after the cluster is."""
    board = _deployed(hosted(sha(2), commit=sha(1), status=Status.RUNNING))
    state = in_production(services(board)["checkout"])
    assert [one.agreement for one in state.witnesses] == [Agreement.AGREES] * 2
    assert not state.disagreement
    put(board, hosted(sha(2), commit=sha(2)))
    assert in_production(services(board)["checkout"]).disagreement


def test_what_a_ci_server_deploys_is_told_beside_what_is_live() -> None:
    board = shown(hosted(sha(1), commit=sha(2), status=Status.RUNNING))
    state = in_production(services(board)["checkout"])
    assert (state.version, state.next_version) == (sha(1)[:7], sha(2)[:7])
    put(board, hosted(sha(1), commit=sha(1), status=Status.RUNNING))
    assert in_production(services(board)["checkout"]).next_version == ""


def test_whether_they_agree_is_not_known_where_one_names_no_commit() -> None:
    declared = Declarations((DeclaredService("checkout", SHOP, workloads=("checkout",)),))
    board = shown(live("checkout", tag="v56"), hosted(sha(1)), declared=declared)
    state = in_production(services(board)["checkout"])
    assert [one.agreement for one in state.witnesses] == [Agreement.UNKNOWN] * 2
    assert state.commits == ()


def test_in_a_monorepo_a_deployment_is_a_witness_of_what_it_agrees_with() -> None:
    board = shown(
        stored("cart", 1, sha(1), tag=sha(1)[:7], origin=MONOREPO),
        stored("search", 2, sha(2), tag=sha(2)[:7], origin=MONOREPO),
        live("cart", digest(1)),
        live("search", digest(2)),
        hosted(sha(2), repository=MONOREPO),
    )
    found = services(board)
    assert sorted(found) == ["cart", "search"]
    assert len(in_production(found["cart"]).witnesses) == 1
    assert [one.agreement for one in in_production(found["search"]).witnesses] == [
        Agreement.AGREES
    ] * 2


def test_two_clusters_of_one_environment_that_differ() -> None:
    board = shown(live("checkout", tag="v56"), live("checkout", tag="v55", cluster="https://us"))
    state = in_production(services(board)["checkout"])
    assert state.version == "v56/v55"
    assert "https://us runs v55" in state.disagreement


# --- models, drift, alerts -----------------------------------------------------------------------


def _served(number: int) -> tuple[Claim | None, ...]:
    return (model_version(MLFLOW, "fraud", str(number), "env MODEL_URI"),)


FRAUD = Model(source="mlflow", id="fraud", name="fraud", serving="5", environment="production")


def test_the_model_that_a_workload_serves_is_part_of_its_row() -> None:
    board = shown(
        FRAUD, version("fraud", 5), version("fraud", 6), drift("fraud", 5, crossed=True),
        drift("fraud", 6), live("scoring", digest(1), models=_served(5)),
    )  # fmt: skip
    (service,) = services(board).values()
    assert (service.name, service.model, service.model_version) == ("scoring", "fraud", "5")
    assert service.model_ref == FRAUD.ref
    assert (service.drift, service.drift_status) == (
        drift("fraud", 5).ref,
        Status.FAILED,
    )
    assert (service.status, service.reason) == (Status.WARNING, "drift")
    assert service.alerts == (Ref("mlflow", Kind.ALERT, board_alert(board)),)
    assert service.targets[-1].ref == FRAUD.ref


def board_alert(board: Board) -> str:
    (alert,) = board.records(Kind.ALERT).values()
    return alert.id


def test_before_its_versions_are_told_a_model_is_as_its_own_record_says() -> None:
    """As from the cache, which has no versions."""
    board = Board()
    put(board, replace(FRAUD, status=Status.OK))
    (service,) = services(board).values()
    (state,) = service.environments
    assert (service.status, service.model_version) == (Status.OK, "5")
    assert (state.environment, state.version, state.status) == ("production", "v5", Status.OK)


def test_a_model_that_nothing_serves_has_a_row_of_its_own() -> None:
    champion = replace(
        version("fraud", 5, made_from=sha(1), origin=SHOP, aliases=("champion",)),
        environment="production",
    )
    challenger = replace(version("fraud", 6, aliases=("challenger",)), environment="staging")
    board = shown(FRAUD, champion, challenger, drift("fraud", 5), build(1, sha(1)))
    (service,) = services(board).values()
    assert [(one.environment, one.version) for one in service.environments] == [
        ("staging", "v6"),
        ("production", "v5"),
    ]
    assert (service.model_version, service.repository, len(service.main)) == ("5", SHOP, 1)
    put(board, live("scoring", digest(1), models=_served(5)))
    assert list(services(board)) == ["scoring"]
    gone(board, live("scoring"))
    assert list(services(board)) == ["fraud"]


def test_alerts_about_any_part_are_those_of_the_service() -> None:
    board = _deployed(build(1, sha(1)))
    assert services(board)["checkout"].alerts == ()
    put(board, build(2, sha(2), begun=9, ended=12, status=Status.FAILED, state="failure"))
    service = services(board)["checkout"]
    assert len(service.alerts) == 1
    assert (service.status, service.reason) == (Status.WARNING, "main failed")
    board.acknowledge(service.alerts[0], at(20))
    assert (services(board)["checkout"].alerts, services(board)["checkout"].known_alerts) == ((), 1)
    board.reopen(service.alerts[0], at(21))
    assert len(services(board)["checkout"].alerts) == 1


@pytest.mark.parametrize(
    ("environment", "status", "expected", "reason"),
    [
        ("production", Status.FAILED, Status.FAILED, "CrashLoopBackOff"),
        ("production", Status.RUNNING, Status.RUNNING, "CrashLoopBackOff"),
        ("staging", Status.FAILED, Status.WARNING, "CrashLoopBackOff in staging"),
        ("staging", Status.RUNNING, Status.OK, ""),
        ("", Status.FAILED, Status.FAILED, "CrashLoopBackOff"),
    ],
)
def test_a_service_is_doing_as_its_production_does(
    environment: str, status: Status, expected: Status, reason: str
) -> None:
    board = shown(
        live("checkout", tag="v1", environment=environment, status=status,
             reason="CrashLoopBackOff", message="v1 never came up")
    )  # fmt: skip
    service = services(board)["checkout"]
    assert (service.status, service.reason) == (expected, reason)


def test_an_action_is_meant_for_production_first() -> None:
    staging = live("checkout", tag="v1", cluster="https://staging", environment="staging")
    board = _deployed(staging, hosted(sha(1)))
    targets = services(board)["checkout"].targets
    assert [(one.environment, one.ref.source) for one in targets] == [
        ("production", "k8s"),
        ("production", "github"),
        ("staging", "k8s"),
    ]


# --- only what is touched ------------------------------------------------------------------------


def test_only_what_is_touched_is_made_again() -> None:
    board = shown(*(live(f"part{n}", tag="v1") for n in range(20)))
    changed = put(board, live("part3", tag="v2"))
    assert [ref.id for ref in changed] == ["part3@shop/part3"]
    assert not put(board, pod(1, "part3", digest(1)), pod(2, "part4", digest(2)))


def test_what_is_known_later_joins_what_is_there() -> None:
    """The registry answers last: only then is it known what the workload is made of."""
    board = shown(live("checkout", digest(1), tag="v1"), build(1, sha(1)), hosted(sha(1)))
    assert len(services(board)) == 2
    put(board, stored("checkout", 1, sha(1), tag="v1"))
    assert list(services(board)) == ["checkout"]
    assert services(board)["checkout"].repository == SHOP
    gone(board, stored("checkout", 1))
    assert len(services(board)) == 2


# --- whatever comes in whatever order ------------------------------------------------------------

_CLUSTERS = st.sampled_from([("https://prod", "production"), ("https://staging", "staging")])


@st.composite
def _workload(draw: st.DrawFn) -> Record:
    (cluster, environment), name = draw(_CLUSTERS), draw(st.sampled_from(["checkout", "cart"]))
    digests = tuple(digest(n) for n in draw(st.sets(st.integers(1, 3), max_size=2)))
    return live(
        name, *digests, cluster=cluster, environment=environment,
        tag=draw(st.sampled_from(["v1", "v2", sha(1)[:7]])),
        repository=draw(st.sampled_from(["", "other.example/x/y"])),
        app=draw(st.sampled_from(["", "checkout"])), part_of=draw(st.sampled_from(["", "shop"])),
        instance=draw(st.sampled_from(["", "a", "b"])),
        models=draw(st.sampled_from([(), _served(5), _served(6)])),
        status=draw(st.sampled_from(list(Status))),
    )  # fmt: skip


_RECORDS = st.one_of(
    _workload(),
    st.builds(stored, st.sampled_from(["checkout", "cart"]), st.integers(1, 3),
              st.integers(1, 3).map(sha), tag=st.integers(1, 3).map(lambda n: sha(n)[:7]),
              origin=st.sampled_from([SHOP, MONOREPO])),
    st.builds(hosted, st.integers(1, 3).map(sha), st.sampled_from(["staging", "production"]),
              st.sampled_from([SHOP, MONOREPO])),
    st.builds(lambda n, m, scope, status: build(n, sha(m), scope, status=status),
              st.integers(1, 4), st.integers(1, 3), st.sampled_from([SHOP, MONOREPO]),
              st.sampled_from([Status.OK, Status.FAILED])),
    st.builds(lambda a, b: compared(sha(a), sha(a + b), b), st.integers(1, 3), st.integers(0, 2)),
    st.builds(lambda n: replace(version("fraud", n, made_from=sha(1), aliases=("champion",)),
                                environment="production"), st.integers(5, 6)),
    st.builds(lambda n, crossed: drift("fraud", n, crossed=crossed), st.integers(5, 6),
              st.booleans()),
    st.just(FRAUD),
)  # fmt: skip


def _table(board: Board) -> list[Record]:
    return sorted(board.records(Kind.SERVICE).values(), key=lambda one: one.ref)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_RECORDS, st.booleans()), max_size=14))
def test_step_by_step_comes_to_the_same_as_all_at_once(steps: list[tuple[Record, bool]]) -> None:
    board, known = Board(), dict[Ref, Record]()
    for record, stays in steps:
        put(board, record)
        known[record.ref] = record
        if not stays:
            gone(board, record)
            del known[record.ref]
    assert _table(board) == _table(shown(*known.values()))


@given(st.lists(st.tuples(_RECORDS, st.booleans()), max_size=8))
def test_what_is_joined_once_at_the_end_is_the_same(steps: list[tuple[Record, bool]]) -> None:
    at_once, one_by_one = Board(), Board()
    with at_once.joining_once():
        for board in (at_once, one_by_one):
            for record, stays in steps:
                put(board, record)
                if not stays:
                    gone(board, record)
        assert (len(at_once.lineage), _table(at_once)) == (0, _table(Board()))
    assert _table(at_once) == _table(one_by_one)
    assert set(at_once.lineage.records()) == set(one_by_one.lineage.records())


def test_a_failed_service_is_a_failure_where_services_are_asked_for() -> None:
    failed, well = live("checkout", tag="v1", status=Status.FAILED), live("cart", tag="v1")
    board = Board()
    board.apply(
        events("k8s", Report(Health(condition=Condition.LIVE)), *listing("all", [failed, well]))
    )
    assert exit_code(board, {Kind.SERVICE}) is StatusExitCode.FAILED
    refs = {one.name: one.ref for one in services(board).values()}
    assert exit_code(board, {Kind.SERVICE}, {refs["cart"]}) is StatusExitCode.OK
    assert exit_code(board, {Kind.SERVICE}, {refs["checkout"]}) is StatusExitCode.FAILED
    assert exit_code(board, {Kind.MODEL}) is StatusExitCode.OK
