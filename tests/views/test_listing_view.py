"""Saved views of listings: what is made of the columns that a server turns out to have."""

from pathlib import Path

import pytest

from opsboard.adapter import ListingUpdate
from opsboard.commands.live_config import news_of
from opsboard.config.load import load_config
from opsboard.config.problems import ConfigError
from opsboard.records import listed_ref
from opsboard.views.listing_table import ListingTable
from opsboard.views.panes import ListingView
from opsboard.views.rows import RowModel
from tests.views.test_listing_table import AGE, NOW, SIZE, STATUS, row

VIEW = '[[views]]\nname = "mine"\nlisting = "widgets"\n'


def _view(tmp_path: Path, text: str = "") -> ListingView:
    file = tmp_path / "config.toml"
    file.write_text(VIEW + text, encoding="utf-8")
    news = news_of(load_config(file))
    assert not news.problems
    (view,) = news.views or ()
    assert isinstance(view, ListingView)
    return view


def _problem(tmp_path: Path, text: str) -> str:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    try:
        (problem,) = news_of(load_config(file)).problems
    except ConfigError as error:
        return str(error.problems[0])
    return problem


def _table(view: ListingView) -> ListingTable:
    table = ListingTable("widgets", scoped=True, view=view)
    rows = [
        row("a", "NotReady", "3", "2026-01-15T08:00:00Z"),
        row("b", "Ready", "10", ""),
        row("c", "NotReady", "20", ""),
    ]
    table.take("k8s", ListingUpdate(rows, columns=(STATUS, SIZE, AGE), complete=True))
    return table


def _names(table: ListingTable) -> list[str]:
    model = RowModel(table.pane, table.records)
    model.rebuild(NOW)
    return [model.ref(at).id.rpartition("/")[2] for at in range(len(model))]


def test_a_view_has_its_columns_order_and_filter(tmp_path: Path) -> None:
    text = 'columns = ["name", { name = "Size", title = "MiB", width = 9 }]\nsort = "-size"\n'
    table = _table(_view(tmp_path, text + 'filter = "status:notready"'))
    assert [column.title for column in table.pane.columns] == ["", "name", "MiB"]
    size = table.pane.columns[-1]
    assert (size.width, size.widest) == (9, 9)
    assert _names(table) == ["c", "a"]
    assert not table.view_notes


def test_a_view_without_columns_has_those_of_the_listing(tmp_path: Path) -> None:
    plain = ListingTable("widgets", scoped=True)
    plain.take("k8s", ListingUpdate([row("a", "x", "3", "")], columns=(STATUS, SIZE, AGE)))
    table = _table(_view(tmp_path))
    assert [one.id for one in table.pane.columns] == [one.id for one in plain.pane.columns]
    assert _names(table) == ["a", "b", "c"]


def test_what_the_server_does_not_have_is_told_and_hides_no_row(tmp_path: Path) -> None:
    text = 'columns = ["name", "sise"]\nsort = "weight"\nfilter = "colour:red"\n'
    table = _table(_view(tmp_path, text))
    assert [column.title for column in table.pane.columns] == ["", "name"]
    assert _names(table) == ["a", "b", "c"]
    column, order, unknown = table.view_notes
    assert column.startswith("view mine: there is no column 'sise'; did you mean 'size'")
    assert order.startswith("view mine: there is no column 'weight'; ")
    assert unknown.startswith("view mine: filter 'colour:red': no field 'colour'")
    assert unknown.endswith("all is shown")


def test_where_there_is_no_row_nobody_can_tell_which_columns_there_are(tmp_path: Path) -> None:
    table = ListingTable("widgets", scoped=True, view=_view(tmp_path, 'columns = ["a", "a-b"]'))
    table.take("k8s", ListingUpdate(columns=(STATUS,), complete=True))
    assert not table.view_notes
    assert table.pane.title == _view(tmp_path).title, "it is called as with rows"


def test_a_column_that_comes_later_is_taken_then(tmp_path: Path) -> None:
    table = ListingTable("widgets", scoped=True, view=_view(tmp_path, 'columns = ["size"]'))
    table.take("k8s", ListingUpdate([row("a", "Ready")], columns=(STATUS,)))
    assert table.view_notes
    table.take("k8s", ListingUpdate([row("b", "Ready", "3")], columns=(STATUS, SIZE)))
    assert [column.title for column in table.pane.columns] == ["", "size"]
    assert not table.view_notes


def test_rows_on_show_are_narrowed_once_the_columns_are_known(tmp_path: Path) -> None:
    table = ListingTable("widgets", scoped=True, view=_view(tmp_path, 'filter = "size:>5"'))
    model = RowModel(table.pane, table.records)
    table.take("k8s", ListingUpdate([row("a", "x", "3")], columns=(STATUS, SIZE)))
    model.set_pane(table.pane, NOW)
    assert (len(model), model.foreign, model.total) == (0, 1, 0)
    changes = table.take("k8s", ListingUpdate([row("b", "x", "30")]))
    model.update(changes.changed, changes.removed, NOW)
    assert [model.ref(at) for at in range(len(model))] == [
        listed_ref("k8s", "widgets", "eu/shop/b")
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (VIEW + 'pane = "builds"', "a view is of a pane or of a listing: write one of them"),
        ('[[views]]\nname = "mine"', "a view is of a pane or of a listing: write one of them"),
        ('[[views]]\nname = "m"\npane = "pods"\nsearch = "x"', "`search` is for a `listing`"),
        (VIEW + 'columns = [{ field = "size" }]', "'size' is a field, and what servers list has"),
        (VIEW + 'columns = ["size", "Size"]', "the column 'Size' is there twice"),
        (VIEW.replace("widgets", "nodes ns"), "'nodes ns' is more than one word"),
        (VIEW.replace("mine", "pods"), "the word 'pods' opens 'Pods' already"),
        (VIEW + "number = 3", "3 opens a pane of the board"),
        (VIEW + '[[views]]\nname = "mine"\npane = "pods"', "the word 'mine' opens 'mine' already"),
    ],
)
def test_what_is_wrong_with_one_is_said_with_file_and_line(
    tmp_path: Path, text: str, said: str
) -> None:
    problem = _problem(tmp_path, text)
    assert problem.startswith(f"{tmp_path / 'config.toml'}:")
    assert said in problem
