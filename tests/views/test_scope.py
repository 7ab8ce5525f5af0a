"""What a scope shows and what it hides, and that what it hides is counted."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.kinds.registry import KINDS
from opsboard.records import (
    Alert,
    Build,
    Deployment,
    ListedObject,
    Pod,
    Record,
    Ref,
    Service,
    ServiceTarget,
    Status,
)
from opsboard.views.panes import pane_named
from opsboard.views.rows import RowModel
from opsboard.views.scope import EVERYWHERE, Scope, parse_names

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
SHOP, EU = Scope(namespaces=("shop",)), Scope(clusters=("eu",))
NAMES = ("shop", "infra", "kube-system")
CLUSTERS = ("eu", "us")


def pod(name: str, namespace: str = "shop", cluster: str = "eu") -> Pod:
    return Pod(
        source="k",
        id=f"{cluster}/{namespace}/{name}",
        name=name,
        cluster=cluster,
        namespace=namespace,
        status=Status.FAILED,
    )


def nothing(_: Ref) -> Record | None:
    return None


@pytest.mark.parametrize(
    ("scope", "namespace", "cluster", "shown"),
    [
        (EVERYWHERE, "infra", "us", True),
        (SHOP, "shop", "us", True),
        (SHOP, "infra", "eu", False),
        (EU, "infra", "eu", True),
        (EU, "shop", "us", False),
        (Scope(("shop",), ("eu",)), "shop", "us", False),
        (Scope(("shop", "infra"), ()), "infra", "us", True),
    ],
)
def test_a_record_is_shown_where_it_is(
    scope: Scope, namespace: str, cluster: str, shown: bool
) -> None:
    assert scope.admits(pod("a", namespace, cluster), nothing) is shown


def test_what_is_in_no_namespace_is_not_narrowed_by_one() -> None:
    build = Build(source="g", id="1", name="b", repository="r", workflow="w", number=1, state="x")
    node = ListedObject(source="k", id="nodes/eu//n", name="n", listing="nodes", cluster="eu")
    release = Deployment(
        source="g", id="1", name="d", workload="GitHub", cluster="acme/shop", namespace="production"
    )
    for record in (build, node, release):
        assert SHOP.admits(record, nothing)
    assert EU.admits(release, nothing)  # its repository is no cluster
    assert not Scope(clusters=("us",)).admits(node, nothing)


def test_alerts_and_services_are_where_the_records_are_that_they_stand_for() -> None:
    here, there = pod("a"), pod("b", "infra", "us")
    board = {one.ref: one for one in (here, there)}

    def alert(about: Ref | None) -> Alert:
        return Alert(source="k", id="1", name="x", since=NOW, about=about)

    def service(*refs: Ref) -> Service:
        targets = tuple(ServiceTarget(environment="production", ref=ref) for ref in refs)
        return Service(source="board", id="s", name="s", targets=targets)

    assert SHOP.admits(alert(here.ref), board.get)
    assert not SHOP.admits(alert(there.ref), board.get)
    assert SHOP.admits(alert(None), board.get), "a source is everywhere"
    assert SHOP.admits(alert(there.ref), nothing), "what nobody knows is shown"
    assert SHOP.admits(service(here.ref, there.ref), board.get)
    assert not SHOP.admits(service(there.ref), board.get)


def test_a_service_is_where_its_workloads_are_and_not_where_its_build_is() -> None:
    build = Build(source="g", id="1", name="b", repository="r", workflow="w", number=1, state="x")
    release = Deployment(
        source="g", id="1", name="d", workload="GitHub", cluster="acme/shop", namespace="production"
    )
    node = ListedObject(source="k", id="nodes/eu//n", name="n", listing="nodes", cluster="eu")
    there = pod("b", "infra", "us")
    board = {one.ref: one for one in (build, release, node, there)}

    def service(*parts: Record) -> Service:
        targets = tuple(ServiceTarget(environment="production", ref=one.ref) for one in parts)
        return Service(source="board", id="s", name="s", targets=targets)

    for scope in (SHOP, EU):
        assert not scope.admits(service(build, release, there), board.get)
        assert scope.admits(service(build, release), board.get), "it is in no namespace"
    assert not Scope(("shop",), ("us",)).admits(service(node, there), board.get)
    assert SHOP.admits(service(node), board.get)


@pytest.mark.parametrize(
    ("text", "names"),
    [("shop", ("shop",)), ("shop, infra", ("shop", "infra")), ("all", ()), ("shop,all", ())],
)
def test_names_are_typed_with_commas(text: str, names: Sequence[str]) -> None:
    assert parse_names(text) == names


def test_it_is_told_as_it_is_typed() -> None:
    assert Scope(("shop", "infra"), ("prod-eu",)).text == "ctx prod-eu ns shop,infra"
    assert not EVERYWHERE
    assert not EVERYWHERE.text


def test_the_kinds_of_a_cluster_all_say_where_they_are() -> None:
    placed = {kind.name for kind in KINDS if kind.is_in_namespaces}
    assert placed >= {"pod", "deployment", "job", "cron-job", "event", "config", "listed"}
    assert not placed & {"build", "model", "drift", "image"}


SCOPES = st.builds(
    Scope,
    st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(CLUSTERS), max_size=1).map(tuple),
)
PODS = st.lists(
    st.builds(pod, st.sampled_from("abcdef"), st.sampled_from(NAMES), st.sampled_from(CLUSTERS)),
    max_size=12,
)


@given(SCOPES, PODS, PODS)
def test_rows_and_what_is_outside_are_always_all_there_is(
    scope: Scope, first: list[Pod], later: list[Pod]
) -> None:
    """However records come and go, what an update leaves is what building anew would."""
    records: dict[Ref, Record] = {one.ref: one for one in first}
    model = RowModel(pane_named("pods"), records)
    model.set_scope(lambda record: scope.admits(record, nothing), NOW)
    new = {one.ref: one for one in later}
    removed = records.keys() - new.keys()
    for ref in removed:
        del records[ref]
    records.update(new)
    model.update(frozenset(new), frozenset(removed), NOW)
    shown = {model.ref(row) for row in range(len(model))}
    assert shown == {ref for ref, one in records.items() if scope.admits(one, nothing)}
    assert model.outside.total() + len(shown) == len(records)
    assert model.total == len(shown)
    model.set_scope(None, NOW)
    assert len(model) == len(records)
    assert not model.outside
