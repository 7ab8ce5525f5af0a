"""Any resource of a cluster as its server prints it, and what a server may do on the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from opsboard.adapter import (
    ListingQuery,
    ListingRow,
    ListingUpdate,
    NotFound,
    Source,
    SourceError,
)
from opsboard.records import Kind, Ref, Status, listed_ref
from opsboard.testing.fakes import FakeContext
from opsboard_adapters.kubernetes import Kubernetes, listings
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, silence, status, stream
from tests.adapters.kubernetes.table_answers import (
    AGE,
    LIST,
    NAME,
    PHASE,
    SIZE,
    WATCH,
    WIDGET_GROUP,
    WIDGETS,
    answer,
    change,
    group,
    groups,
    resource,
    row,
    tables,
)
from tests.patience import PATIENCE

WIDGET = "widgets.example.com"


class Opened:
    """A listing that is open, with what it has told so far."""

    def __init__(self, updates: AsyncIterator[ListingUpdate]) -> None:
        self._updates = updates
        self.columns: list[str] = []
        self.rows: dict[str, ListingRow] = {}
        self.notes: tuple[str, ...] = ()
        self.complete = False
        self.told: list[ListingUpdate] = []

    async def next(self) -> ListingUpdate:
        async with asyncio.timeout(PATIENCE):
            update = await anext(self._updates)
        self.told.append(update)
        if update.columns is not None:
            self.columns = [column.name for column in update.columns]
        self.rows.update((one.key, one) for one in update.rows)
        for key in update.removed:
            self.rows.pop(key, None)
        self.notes = self.notes if update.notes is None else update.notes
        self.complete = self.complete if update.complete is None else update.complete
        return update

    async def until_complete(self) -> "Opened":
        while not self.complete:
            await self.next()
        return self

    async def until_noted(self, word: str) -> "Opened":
        while not any(word in note for note in self.notes):
            await self.next()
        return self

    @property
    def names(self) -> list[str]:
        return sorted(one.name for one in self.rows.values())


@asynccontextmanager
async def connected(settings: KubernetesSettings) -> AsyncIterator[tuple[Source, FakeContext]]:
    context = FakeContext("k8s")
    async with Kubernetes.connect(settings, context) as source:
        yield source, context


@asynccontextmanager
async def opened(
    source: Source, name: str = WIDGET, query: ListingQuery | None = None
) -> AsyncIterator[Opened]:
    updates: Any = source.listing(name, query or ListingQuery())
    async with aclosing(updates):
        yield Opened(updates)


async def paused(context: FakeContext) -> None:
    """Wait until the source waits before it tries again."""
    async with asyncio.timeout(PATIENCE):
        while not context.pausing:  # noqa: ASYNC110 - a pause tells nobody
            await asyncio.sleep(0.01)


@pytest.fixture
def widgets(cluster: ScriptedCluster) -> ScriptedCluster:
    """A cluster with a custom resource, and the core's nodes and Secrets."""
    cluster.script["list /apis"] = [groups(WIDGET_GROUP)]
    node = resource("nodes", "Node", "no", scope="Cluster")
    core = group("", node, resource("secrets", "Secret"), resource("pods", "Pod", "po"))
    cluster.script["list /api"] = [groups(core)]
    return cluster


# --- what there is -------------------------------------------------------------------------------


async def test_resources_are_known_by_every_word_that_kubectl_takes(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    async with connected(settings) as (source, _):
        catalog = await source.listing_types()
    types = {one.name: one for one in catalog.types}
    assert types["nodes"].aliases == ("no", "node", "nodes.core")
    assert not types["nodes"].scoped
    assert types[WIDGET].aliases == ("widgets", "wd", "widget")
    assert types[WIDGET].scoped
    assert types[WIDGET].group == "example.com"
    assert catalog.notes == ()


async def test_what_is_not_known_of_an_aggregated_api_that_is_down_is_said(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    down = group("metrics.k8s.io", freshness="Stale")
    widgets.script["list /apis"] = [groups(WIDGET_GROUP, down)]
    async with connected(settings) as (source, _):
        catalog = await source.listing_types()
        assert catalog.notes == ("test: the server of metrics.k8s.io/v1 does not answer",)
        assert WIDGET in {one.name for one in catalog.types}
        with pytest.raises(NotFound, match=r"no nodemetrics.*metrics\.k8s\.io/v1 does not answer"):
            async with opened(source, "nodemetrics") as listing:
                await listing.next()


async def test_a_server_without_aggregated_discovery_is_asked_group_by_group(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    versions = [{"version": "v2"}, {"version": "v1"}]
    named = {"name": "example.com", "versions": versions, "preferredVersion": {"version": "v1"}}
    broken = {"name": "broken.example.com", "versions": [{"version": "v1"}]}
    widgets.script["list /api"] = [answer({"kind": "APIVersions", "versions": ["v1"]})]
    widgets.script["list /apis"] = [answer({"kind": "APIGroupList", "groups": [named, broken]})]
    verbs = {"verbs": ["get", "list", "watch"], "namespaced": True}
    one = {"name": "widgets", "singularName": "widget", "kind": "Widget", "shortNames": ["wd"]}
    part = {"name": "widgets/status", "kind": "Widget"}
    gadget = {"name": "gadgets", "kind": "Gadget", **verbs}
    widgets.script["list /api/v1"] = [answer({"resources": [{"name": "nodes", **verbs}]})]
    widgets.script["list /apis/example.com/v1"] = [
        answer({"resources": [{**one, **verbs}, {**part, **verbs}]})
    ]
    widgets.script["list /apis/example.com/v2"] = [
        answer({"resources": [{**one, **verbs}, gadget]})
    ]
    widgets.script["list /apis/broken.example.com/v1"] = [status(503, "no endpoints")]
    async with connected(settings) as (source, _):
        catalog = await source.listing_types()
        widgets.script[LIST] = [tables([NAME], row("a"))]
        async with opened(source) as listing:
            await listing.until_complete()  # at v1, which the server prefers
    names = {one.name for one in catalog.types}
    assert names == {"nodes", WIDGET, "gadgets.example.com"}
    assert len(catalog.notes) == 1
    assert "broken.example.com" in catalog.notes[0]


async def test_three_thousand_custom_resources_are_all_there(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    many = [resource(f"things{at}", f"Thing{at}", f"th{at}") for at in range(3_000)]
    widgets.script["list /apis"] = [groups(group("many.example.com", *many))]
    async with connected(settings) as (source, _):
        catalog = await source.listing_types()
    assert len(catalog.types) == 3_003


# --- tables --------------------------------------------------------------------------------------


async def test_rows_are_as_the_server_prints_them_and_ages_are_times(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    widgets.script[LIST] = [tables([NAME, PHASE, SIZE, AGE], row("a", "Pending", 3, "5m"))]
    async with connected(settings) as (source, _), opened(source) as listing:
        await listing.until_complete()
    (found,) = listing.rows.values()
    columns = next(update.columns for update in listing.told if update.columns)
    assert [(one.name, one.type.value, one.wide) for one in columns] == [
        ("Phase", "text", False),
        ("Size", "number", True),
        ("Age", "time", False),
    ]
    assert found.cells == ("Pending", "3", "2026-01-15T08:00:00Z")
    assert (found.key, found.namespace, found.cluster) == ("test/shop/a", "shop", "test")
    assert found.status is Status.WARNING
    assert found.ref is None


async def test_a_row_that_is_a_record_of_the_board_is_that_record(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    widgets.script["list /api/v1/pods"] = [tables([NAME], row("p"))]
    widgets.script["list /api/v1/secrets"] = [tables([NAME], row("s"))]
    async with connected(settings) as (source, _):
        for name, ref in (
            ("pods", Ref("k8s", Kind.POD, "test/shop/p")),
            ("secrets", Ref("k8s", Kind.CONFIG, "test/shop/Secret/s")),
        ):
            async with opened(source, name) as listing:
                await listing.until_complete()
            assert [one.ref for one in listing.rows.values()] == [ref]


async def test_a_custom_column_may_be_called_as_the_names_are(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    own = {"name": "Name", "type": "string"}
    widgets.script[LIST] = [tables([NAME, own, PHASE, PHASE], row("a", "mine", "x", "y"))]
    async with connected(settings) as (source, _), opened(source) as listing:
        await listing.until_complete()
    assert listing.columns == ["Name", "Phase", "Phase"]
    assert [(one.name, one.cells) for one in listing.rows.values()] == [("a", ("mine", "x", "y"))]


async def test_columns_that_change_between_pages_keep_the_cells_of_both_in_place(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    widgets.script[LIST] = [
        tables([NAME, PHASE, AGE], row("a", "Ready", "1m"), more="next"),
        tables([NAME, SIZE, PHASE], row("b", 7, "Ready")),
    ]
    async with connected(settings) as (source, _), opened(source) as listing:
        await listing.until_complete()
    assert listing.columns == ["Phase", "Age", "Size"]
    cells = {one.name: one.cells for one in listing.rows.values()}
    assert cells == {"a": ("Ready", "2026-01-15T08:00:00Z"), "b": ("Ready", "", "7")}


async def test_escapes_and_odd_cells_of_a_custom_resource_are_harmless(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    odd = {"name": "\x1b]0;owned\x07Evil[b]", "type": "string"}
    cells = ("\x1b[31mred\x1b[0m\nsecond", [1, {"a": None}], None, True, "x" * 9_000)
    columns: list[dict[str, Any]] = [NAME, odd, PHASE, SIZE, {"name": "Is"}, {"name": "Long"}]
    widgets.script[LIST] = [tables(columns, row("a", *cells), {"cells": "nonsense"})]
    async with connected(settings) as (source, _), opened(source) as listing:
        await listing.until_complete()
    (found,) = listing.rows.values()
    assert listing.columns[0] == "Evil[b]"
    assert found.cells[:4] == ("red second", '[1,{"a":null}]', "", "true")
    assert len(found.cells[4]) <= 300
    assert listing.notes == ("test: 1 rows could not be read",)


async def test_a_table_of_more_rows_than_are_kept_ends_there_and_says_so(
    widgets: ScriptedCluster, settings: KubernetesSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "MAX_ROWS", 700)
    first = [row(f"a{at}") for at in range(500)]
    second = [row(f"b{at}") for at in range(500)]
    widgets.script[LIST] = [
        tables([NAME], *first, more="second", left=50_000),
        tables(None, *second, more="third", left=49_500),
    ]
    widgets.script[WATCH] = [stream(change("ADDED", row("new"), 11), ends=False)]
    async with connected(settings) as (source, _), opened(source) as listing:
        await listing.until_complete()
        assert len(listing.rows) == 700
        assert listing.notes == ("test: the first 700 are shown, there are 49,800 more",)
        await listing.next()  # what is new has no room either
        assert len(listing.rows) == 700


async def test_a_server_that_knows_no_tables_is_listed_by_name_and_age(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    item = row("a")["object"]
    widgets.script[LIST] = [answer({"kind": "WidgetList", "metadata": {}, "items": [item]})]
    async with connected(settings) as (source, _), opened(source) as listing:
        await listing.until_complete()
    assert listing.columns == ["Age"]
    assert [one.cells for one in listing.rows.values()] == [("2026-01-15T08:00:00Z",)]


# --- watching ------------------------------------------------------------------------------------


async def test_changes_arrive_while_it_is_open_and_the_watch_ends_with_it(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    widgets.script[LIST] = [tables([NAME, PHASE], row("a", "Ready"), row("b", "Ready"))]
    changes = (
        change("MODIFIED", row("a", "Failed"), 11),
        change("DELETED", row("b", "Ready"), 12),
        change("ADDED", row("c", "Ready"), 13),
    )
    widgets.script[WATCH] = [stream(*changes, ends=False)]
    async with connected(settings) as (source, _):
        async with opened(source) as listing:
            await listing.until_complete()
            while "c" not in listing.names:
                await listing.next()
        assert listing.names == ["a", "c"]
        assert {one.name: one.status for one in listing.rows.values()}["a"] is Status.FAILED
    assert widgets.asked[WATCH][0]["resourceVersion"] == "10"


async def test_a_watch_whose_version_is_lost_begins_again_with_a_list(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    widgets.script[LIST] = [
        tables([NAME], row("a"), row("b")),
        tables([NAME], row("b"), row("c"), version=20),
    ]
    gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}
    widgets.script[WATCH] = [stream(gone), silence]
    async with connected(settings) as (source, context), opened(source) as listing:
        await listing.until_complete()
        await paused(context)
        context.refresh()
        while listing.names != ["b", "c"]:
            await listing.next()
    assert len(widgets.asked[LIST]) == 2


async def test_a_right_that_lacks_is_named_and_tried_again(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    widgets.script[LIST] = [status(403, "no"), tables([NAME], row("a"))]
    async with connected(settings) as (source, context), opened(source) as listing:
        await listing.until_noted("may not list widgets.example.com")
        assert "ask for list and watch on widgets.example.com" in listing.notes[0]
        await paused(context)
        context.refresh()
        await listing.until_complete()
        assert listing.notes == ()
        assert listing.names == ["a"]


async def test_who_may_list_and_not_watch_sees_the_rows_and_what_is_missing(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    widgets.script[LIST] = [tables([NAME], row("a")), tables([NAME], row("b"))]
    widgets.script[WATCH] = [status(403, "no")]
    async with connected(settings) as (source, context), opened(source) as listing:
        await listing.until_noted("may not watch widgets.example.com")
        assert listing.names == ["a"]
        await paused(context)
        context.refresh()
        while listing.names != ["b"]:
            await listing.next()


async def test_a_namespace_is_asked_for_alone(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    path = WIDGETS.replace("/widgets", "/namespaces/shop/widgets")
    widgets.script[f"list {path}"] = [tables([NAME], row("a"))]
    widgets.script["list /api/v1/nodes"] = [tables([NAME], row("n", namespace=""))]
    query = ListingQuery(namespaces=("shop",))
    async with connected(settings) as (source, _):
        async with opened(source, query=query) as listing:
            await listing.until_complete()
        assert listing.names == ["a"]
        async with opened(source, "nodes", query) as listing:  # which are in no namespace
            await listing.until_complete()
        assert listing.names == ["n"]
    assert LIST not in widgets.asked


async def test_a_cluster_that_is_not_wanted_is_not_asked(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    async with connected(settings) as (source, _):
        with pytest.raises(SourceError, match="no cluster of this source is in elsewhere"):
            async with opened(source, query=ListingQuery(clusters=("elsewhere",))) as listing:
                await listing.next()


# --- the page of an object -----------------------------------------------------------------------


async def test_an_object_has_a_page_of_its_fields_owners_and_conditions(
    widgets: ScriptedCluster, settings: KubernetesSettings
) -> None:
    path = WIDGETS.replace("/widgets", "/namespaces/shop/widgets/a")
    owner = {"apiVersion": "example.com/v2", "kind": "Widget", "name": "parent", "uid": "u"}
    metadata = {**row("a")["object"]["metadata"], "ownerReferences": [owner]}
    spec = {"size": {"cpu": 3}, "password": "hunter2-hunter2", "steps": [{"run": "make"}]}
    ready = {"type": "Ready", "status": "False", "reason": "Broken", "message": "no disk"}
    item = {"kind": "Widget", "metadata": metadata, "spec": spec, "status": {"conditions": [ready]}}
    widgets.script[f"list {path}"] = [answer(item)]
    ref = listed_ref("k8s", WIDGET, "test/shop/a")
    async with connected(settings) as (source, _):
        detail = await source.detail(ref)
        raw = await source.raw(ref)
    assert detail.record.ref == ref
    assert detail.record.status is Status.WARNING
    text = repr(detail.sections)
    assert "no disk" in text
    assert "size.cpu" in text
    assert "run make" in text
    assert "hunter2" not in text
    assert "hunter2" not in repr(raw)
    (parent,) = (
        found.ref
        for section in detail.sections
        for found in getattr(section, "rows", ())
        if found.ref is not None
    )
    assert parent == listed_ref("k8s", WIDGET, "test/shop/parent")


@pytest.mark.parametrize("key", ["nonsense", "gadgets/test/shop/a", "nodes/elsewhere//a"])
async def test_a_row_that_no_server_has_is_a_clear_error(
    widgets: ScriptedCluster, settings: KubernetesSettings, key: str
) -> None:
    async with connected(settings) as (source, _):
        with pytest.raises(NotFound):
            await source.detail(Ref("k8s", Kind.LISTED, key))
