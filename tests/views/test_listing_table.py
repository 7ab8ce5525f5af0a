"""Rows of listings as a table: columns, rows, notes, and the words that lead to them."""

from datetime import UTC, datetime

import pytest

from opsboard.adapter import (
    ListingCatalog,
    ListingColumn,
    ListingColumnType,
    ListingRow,
    ListingType,
    ListingUpdate,
)
from opsboard.records import Kind, Ref, Status, listed_ref
from opsboard.views.filter import FilterError, parse
from opsboard.views.layout import fixed_columns
from opsboard.views.listing_directory import ListingDirectory
from opsboard.views.listing_table import ListingTable
from opsboard.views.rows import RowModel

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
STATUS = ListingColumn(name="Status")
SIZE = ListingColumn(name="Size", type=ListingColumnType.NUMBER, wide=True)
AGE = ListingColumn(name="Age", type=ListingColumnType.TIME)


def row(name: str, *cells: str, **more: object) -> ListingRow:
    values = {"namespace": "shop", "cluster": "eu", "status": Status.WARNING, **more}
    return ListingRow(key=f"eu/shop/{name}", name=name, cells=cells, **values)  # type: ignore[arg-type]


def filled() -> ListingTable:
    table = ListingTable("widgets", scoped=True)
    rows = [row("a", "NotReady", "3", "2026-01-15T08:00:00Z"), row("b", "Ready", "10", "")]
    table.take("k8s", ListingUpdate(rows, columns=(STATUS, SIZE, AGE), complete=True))
    return table


def test_columns_are_the_servers_with_name_and_namespace_before_them() -> None:
    columns = filled().pane.columns
    assert [one.title for one in columns] == ["", "name", "namespace", "status", "size", "age"]
    size = next(one for one in columns if one.title == "size")
    assert size.priority > max(one.priority for one in columns if one is not size)


def test_ages_go_on_and_other_cells_are_as_they_are() -> None:
    table = filled()
    record = table.records[listed_ref("k8s", "widgets", "eu/shop/a")]
    shown = {one.title: one.show(record, NOW).text for one in table.pane.columns}
    assert (shown["status"], shown["size"], shown["age"]) == ("NotReady", "3", "1h")


def test_a_filter_reads_the_servers_columns_as_well_as_the_rows() -> None:
    table = filled()

    def passing(text: str) -> list[str]:
        chosen = parse(text, table.pane)
        return [one.name for one in table.records.values() if chosen(one, NOW)]

    assert passing("status:notready") == ["a"]
    assert passing("size:>5") == ["b"]
    assert passing("age:<2h") == ["a"]
    assert passing("ready !not") == ["b"]
    assert passing("namespace:shop eu") == ["a", "b"]
    with pytest.raises(FilterError, match="no field 'phase'"):
        parse("phase:x", table.pane)


def test_clusters_have_a_column_once_there_are_two() -> None:
    table = filled()
    changes = table.take("k8s", ListingUpdate([row("c", "Ready", cluster="us")]))
    assert changes.columns
    assert "cluster" in [one.id for one in table.pane.columns]


def test_two_sources_share_the_columns_that_are_called_the_same() -> None:
    table = ListingTable("runs", scoped=False, several_sources=True)
    one, other = ListingColumn(name="User"), ListingColumn(name="Loss")
    table.take("a", ListingUpdate([row("1", "ada", "0.1")], columns=(one, other)))
    table.take("b", ListingUpdate([row("2", "0.2", "bob")], columns=(other, one)))
    cells = {record.source: record.cells for record in table.records.values()}
    assert cells == {"a": ("ada", "0.1"), "b": ("bob", "0.2")}
    assert [one.title for one in table.pane.columns][-1] == "source"


def test_two_columns_of_one_name_are_two() -> None:
    table = ListingTable("odd", scoped=False)
    twice = ListingColumn(name="Ready")
    table.take("k8s", ListingUpdate([row("a", "1", "2")], columns=(twice, twice)))
    (record,) = table.records.values()
    assert record.cells == ("1", "2")
    shown = [one.show(record, NOW).text for one in table.pane.columns if one.title == "ready"]
    assert shown == ["1", "2"]
    assert [one.id for one in table.pane.columns][-2:] == ["ready", "ready-2"]


def test_rows_go_and_a_source_can_be_read_again() -> None:
    table = filled()
    gone = table.take("k8s", ListingUpdate(removed=["eu/shop/a", "eu/shop/never"])).removed
    assert [ref.id for ref in gone] == ["widgets/eu/shop/a"]
    assert len(table.clear("k8s")) == 1
    assert not table.records
    assert not table.is_complete


def test_a_row_that_is_a_record_of_the_board_says_so() -> None:
    ref = Ref("k8s", Kind.POD, "eu/shop/a")
    table = ListingTable("pods", scoped=True)
    table.take("k8s", ListingUpdate([row("a", ref=ref)], columns=()))
    assert [one.about for one in table.records.values()] == [ref]


# --- words ---------------------------------------------------------------------------------------


def test_a_full_name_goes_before_an_alias_and_the_first_alias_before_others() -> None:
    core = ListingType(name="events", title="events", aliases=("ev",))
    other = ListingType(name="events.events.k8s.io", title="events", aliases=("events", "ev"))
    found = ListingDirectory({"k8s": ListingCatalog(types=(core, other))})
    assert [choice.name for word in ("events", "ev") if (choice := found.find(word))] == [
        "events",
        "events",
    ]
    last = found.find("events.events.k8s.io")
    assert last is not None
    assert last.offered[0].type is other
    assert found.find("evil") is None


def test_a_word_of_two_types_says_which_is_taken_and_how_the_other_is_opened() -> None:
    velero = ListingType(name="backups.velero.io", title="backups", aliases=("backups",))
    other = ListingType(name="backups.longhorn.io", title="backups", aliases=("backups", "lhb"))
    found = ListingDirectory({"k8s": ListingCatalog(types=(velero, other))})

    def told(word: str) -> str:
        choice = found.find(word)
        assert choice is not None
        return choice.told_apart(word)

    said = "by the full name there is also backups.longhorn.io"
    assert told("backups") == f"backups is taken as backups.velero.io; {said}"
    assert told("lhb") == told("backups.velero.io") == told("backups.longhorn.io") == ""


def test_a_full_name_is_taken_without_a_word() -> None:
    core = ListingType(name="nodes", title="nodes")
    metrics = ListingType(name="nodes.metrics.k8s.io", title="nodes", aliases=("nodes",))
    choice = ListingDirectory({"k8s": ListingCatalog(types=(metrics, core))}).find("nodes")
    assert choice is not None
    assert (choice.name, choice.told_apart("nodes")) == ("nodes", "")


def test_a_word_of_two_sources_lists_both() -> None:
    one = ListingType(name="nodes", title="nodes", aliases=("no",))
    catalog = ListingCatalog(types=(one,), notes=("x is down",))
    found = ListingDirectory({"a": catalog, "b": catalog})
    choice = found.find("no")
    assert choice is not None
    assert [offered.source for offered in choice.offered] == ["a", "b"]
    assert found.notes == ["a: x is down", "b: x is down"]


def _tree(table: ListingTable) -> list[str]:
    name = next(one for one in table.pane.columns if one.id == "name")
    ordered = sorted(table.records.values(), key=name.key)
    return [name.show(one, NOW).text for one in ordered]


def test_rows_stand_below_what_they_belong_below_in_whatever_order_they_come() -> None:
    table = ListingTable("runs", scoped=False)
    rows = [
        ListingRow(key="4", name="leaf", parent="2"),
        ListingRow(key="2", name="b-trial", parent="1"),
        ListingRow(key="3", name="a-trial", parent="1"),
        ListingRow(key="5", name="a", parent="not listed"),
    ]
    table.take("ml", ListingUpdate(rows, columns=(), complete=True))
    assert _tree(table) == ["a", "a-trial", "b-trial", "  leaf"]
    changes = table.take("ml", ListingUpdate([ListingRow(key="1", name="sweep")]))
    assert _tree(table) == ["a", "sweep", "  a-trial", "  b-trial", "    leaf"]
    assert {ref.id for ref in changes.changed} == {"runs/1", "runs/2", "runs/3", "runs/4"}
    table.take("ml", ListingUpdate(removed=["2"]))
    assert _tree(table) == ["a", "leaf", "sweep", "  a-trial"]


def _by(table: ListingTable, column: str, *, descending: bool = False) -> list[str]:
    """Return the names in the order of *column*, as the rows of a pane sort them."""
    found = next(one for one in table.pane.columns if one.id == column)
    key = (found.key_descending if descending else None) or found.key
    return [one.name for one in sorted(table.records.values(), key=key, reverse=descending)]


def test_a_tree_stays_one_in_any_order_and_a_row_stands_where_its_best_would() -> None:
    table = ListingTable("runs", scoped=False)
    rows = [
        ListingRow(key="1", name="sweep", cells=("",)),
        ListingRow(key="2", name="b", parent="1", cells=("0.7",)),
        ListingRow(key="3", name="a", parent="1", cells=("0.95",)),
        ListingRow(key="4", name="other", cells=("0.9",)),
        ListingRow(key="5", name="none", cells=("",)),
    ]
    auc = ListingColumn(name="auc", type=ListingColumnType.NUMBER)
    table.take("ml", ListingUpdate(rows, columns=(auc,), complete=True))
    assert _by(table, "name") == ["none", "other", "sweep", "a", "b"]
    assert _by(table, "name", descending=True) == ["sweep", "b", "a", "other", "none"]
    assert _by(table, "auc", descending=True) == ["sweep", "a", "b", "other", "none"]
    assert _by(table, "auc") == ["sweep", "b", "a", "other", "none"]
    better = ListingRow(key="4", name="other", cells=("0.99",))
    changes = table.take("ml", ListingUpdate([better]))
    assert {ref.id for ref in changes.changed} == {"runs/4"}
    assert _by(table, "auc", descending=True) == ["other", "sweep", "a", "b", "none"]
    changes = table.take("ml", ListingUpdate(removed=["3"]))
    assert "runs/1" in {ref.id for ref in changes.changed}, "it stands elsewhere now"
    assert _by(table, "auc", descending=True) == ["other", "sweep", "b", "none"]


def test_rows_below_each_other_in_a_ring_end() -> None:
    table = ListingTable("runs", scoped=False)
    rows = [ListingRow(key=str(at), name=str(at), parent=str((at + 1) % 3)) for at in range(3)]
    rows += [ListingRow(key=f"d{at}", name=f"d{at}", parent=f"d{at + 1}") for at in range(100)]
    table.take("ml", ListingUpdate(rows, columns=(), complete=True))
    assert len(_tree(table)) == 103


def test_where_there_is_little_room_what_is_essential_comes_before_the_servers_own() -> None:
    """At 80 columns, of the nodes of two clusters with all that a server prints of them."""
    names = ("Status", "Roles", "Version")
    columns = [ListingColumn(name=name) for name in names]
    columns.insert(2, AGE)
    shares = [
        ListingColumn(name=f"{what} share", type=ListingColumnType.NUMBER, essential=True)
        for what in ("CPU", "Memory")
    ]
    cells = ("Ready", "<none>", "2026-01-15T08:00:00Z", "v1.36.2", "8%", "6%")
    table = ListingTable("nodes", scoped=False)
    rows = [
        row(f"production-{cluster}-node-1", *cells, cluster=f"production-{cluster}")
        for cluster in ("eu", "us")
    ]
    update = ListingUpdate(rows, columns=(*columns, *shares), complete=True)
    table.take("k8s", update)
    shown = [one.title for one in fixed_columns(table.pane.columns, 77, "name")]
    assert shown == ["", "name", "cluster", "status", "age", "cpu share", "memory share"]
    wide = [one.title for one in fixed_columns(table.pane.columns, 197, "name")]
    assert {"roles", "version"} < {*wide}


def _names(table: ListingTable, model: RowModel) -> list[str]:
    model.set_pane(table.pane, NOW)
    model.rebuild(NOW)
    return [one.name for number in range(len(model)) if (one := model.record(number))]


def test_it_begins_in_the_order_of_the_listing_until_somebody_sorts_it() -> None:
    table = ListingTable("runs", scoped=False, order="-age")
    model = RowModel(table.pane, table.records)
    assert model.column.id == "name", "no column has come yet"
    rows = [
        row("a", "", "", "2026-01-15T07:00:00Z"),
        row("b", "", "", "2026-01-15T08:30:00Z"),
        row("c", "", "", "2026-01-15T08:00:00Z"),
    ]
    table.take("mlflow", ListingUpdate(rows, columns=(STATUS, SIZE, AGE), complete=True))
    assert _names(table, model) == ["b", "c", "a"]
    assert (model.column.title, model.descending) == ("age", True)
    model.sort_by(table.pane.columns[0], descending=False)
    more = ListingColumn(name="Loss", type=ListingColumnType.NUMBER)
    table.take("mlflow", ListingUpdate(columns=(STATUS, SIZE, AGE, more)))
    assert _names(table, model) == ["a", "b", "c"], "somebody has sorted it since"


def test_without_the_column_of_its_order_it_begins_by_name() -> None:
    table = ListingTable("runs", scoped=False, order="-started")
    table.take("mlflow", ListingUpdate([row("b"), row("a")], columns=(STATUS,), complete=True))
    assert _names(table, RowModel(table.pane, table.records)) == ["a", "b"]
    assert not table.pane.descending


def test_of_several_sources_the_first_order_counts() -> None:
    plain, newest = (
        ListingType(name="runs", title="Runs"),
        ListingType(name="runs", title="Runs", order="-started"),
    )
    catalogs = {"a": ListingCatalog(types=(plain,)), "b": ListingCatalog(types=(newest,))}
    choice = ListingDirectory(catalogs).find("runs")
    assert choice is not None
    assert choice.order == "-started"
