"""Saved views: what the config makes of a pane, and what is wrong with it, where."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.commands.live_config import news_of
from opsboard.config.load import Config, load_config
from opsboard.config.problems import ConfigError
from opsboard.kinds.field_columns import field_column, field_names
from opsboard.kinds.registry import KINDS
from opsboard.records import Deployment, Kind, Record, Ref, Status
from opsboard.records.claims import Claim, Strength
from opsboard.views.filter import parse
from opsboard.views.panes import PaneSpec
from opsboard.views.rows import RowModel
from tests.ui.app_harness import NOW
from tests.ui.sample_records import builds, everything

VIEW = '[[views]]\nname = "mine"\npane = "builds"\n'


def _config(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file)


def _problems(config: Config) -> list[str]:
    return list(news_of(config).problems)


def _view(tmp_path: Path, text: str) -> PaneSpec:
    config = _config(tmp_path, text)
    assert not _problems(config)
    (view,) = news_of(config).views or ()
    assert isinstance(view, PaneSpec)
    return view


def _cells(view: PaneSpec, record: Record) -> dict[str, str]:
    return {column.title: column.show(record, NOW).text for column in view.columns}


def test_a_view_is_a_pane_with_a_filter_columns_an_order_and_words(tmp_path: Path) -> None:
    view = _view(
        tmp_path,
        VIEW + 'title = "My builds"\nfilter = "by:ada"\nsort = "-age"\nalias = "my"\nnumber = 7\n'
        'columns = ["repository", { name = "title", width = 9, title = "what" }]',
    )
    assert (view.id, view.title, view.kind) == ("mine", "My builds", Kind.BUILD)
    assert (view.filter, view.order, view.descending) == ("by:ada", "age", True)
    assert (view.aliases, view.key, view.number) == (("my",), 7, 0)
    assert not view.alerted_first
    assert [column.id for column in view.columns] == ["status", "repository", "title"]
    assert [column.title for column in view.columns] == ["", "repository", "what"]
    assert (view.columns[2].width, view.columns[2].widest) == (9, 9)


def test_a_view_of_nothing_but_a_pane_is_that_pane(tmp_path: Path) -> None:
    view = _view(tmp_path, '[[views]]\nname = "mine"\npane = "deploy"')
    pane = KINDS.pane("deployments")
    assert pane is not None
    assert (view.columns, view.order, view.descending) == (
        pane.columns, pane.order, pane.descending,
    )  # fmt: skip
    assert view.alerted_first is pane.alerted_first


def test_what_is_not_shown_can_be_filtered_and_sorted_by(tmp_path: Path) -> None:
    view = _view(tmp_path, VIEW + 'columns = ["title"]\nsort = "finished_at"')
    assert parse("branch:main age:<2h", view)
    assert view.order == "finished_at"
    assert "finished_at" not in [column.id for column in view.columns]
    assert view.column("finished_at") is not None


DEPLOYMENT = Deployment(
    source="k8s", id="d", name="cart", status=Status.OK, workload="Deployment", namespace="shop",
    images=("cart:v1", "proxy:v2"), labels=(("team", "red"), ("tier", "web")), paused=True,
    deployed_at=NOW, inputs=(Claim("commit", "github.com/a/b", "abc123", "label", Strength.SHA),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("column", "title", "text"),
    [
        ("images", "images", "cart:v1, proxy:v2"),
        ("labels.team", "team", "red"),
        ("labels.nobody", "nobody", ""),
        ("inputs.commit", "commit", "abc123"),
        ("inputs", "inputs", "commit abc123"),
        ("paused", "paused", "yes"),
        ("deployed_at", "deployed", "0s"),
        ("created_at", "created", ""),
        ("desired", "desired", "0"),
        ("id", "id", "d"),
        ("url", "url", ""),
        ("kind", "kind", "deployment"),
    ],
)
def test_any_field_of_a_record_is_a_column(
    tmp_path: Path, column: str, title: str, text: str
) -> None:
    words = f'[[views]]\nname = "mine"\npane = "deployments"\ncolumns = [{{ field = "{column}" }}]'
    view = _view(tmp_path, words)
    assert _cells(view, DEPLOYMENT) == {"": "ok", title: text}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_field_of_every_kind_shows_and_sorts_every_record(kind: object) -> None:
    one = next(known for known in KINDS if known is kind)
    records = [record for record in everything() if record.kind is one.name]
    for name in field_names(one):
        column = field_column(name.replace(".NAME", ".team"), one)
        assert all(isinstance(column.show(record, NOW).text, str) for record in records)
        sorted(column.key(record) for record in records)


def test_a_field_is_had_in_full_where_the_pane_shortens_it(tmp_path: Path) -> None:
    build = replace(builds(1)[0], repository="acme/shop")
    named = _view(tmp_path, VIEW + 'columns = ["repository"]')
    whole = _view(tmp_path, VIEW + 'columns = [{ field = "repository" }]')
    assert _cells(named, build)["repository"] == "shop"
    assert _cells(whole, build)["repository"] == "acme/shop"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (VIEW + 'columns = [\n  "title",\n  "titel2",\n]', 4, "no column and no field 'titel2'"),
        (VIEW + 'columns = [{ field = "comit" }]', 4, "no field 'comit'; did you mean 'commit'?"),
        (VIEW + 'columns = [{ field = "title.x" }]', 4, "no field 'title.x'"),
        (VIEW + 'columns = [{ field = "inputs.nonsense" }]', 4, "no field 'inputs.nonsense'"),
        (VIEW + 'columns = ["age", "age"]', 4, "the column 'age' is there twice"),
        (VIEW + 'filter = "age:<1x"', 4, "neither a number nor a time"),
        (VIEW + 'filter = "colour:red"', 4, "no field 'colour'"),
        (VIEW + 'filter = "/[/"', 4, "filter"),
        (VIEW + 'sort = "-agee"', 4, "no column and no field 'agee'; did you mean 'age'?"),
        ('[[views]]\nname = "x"\npane = "biulds"', 3, "there is no pane 'biulds'; did you mean"),
        ('[[views]]\npane = "pods"\nname = "pods"', 3, "the word 'pods' opens 'Pods' already"),
        ('[[views]]\npane = "pods"\nname = "quit"', 3, "the word 'quit' is a command already"),
        ('[[views]]\npane = "pods"\nname = "b"', 3, "the word 'b' opens 'Builds' already"),
        ('[[views]]\npane = "pods"\nname = "build"', 3, "the word 'build' opens 'Builds' already"),
        (VIEW + 'alias = ["x", "po"]', 4, "the word 'po' opens 'Pods' already"),
        (VIEW + "number = 4", 4, "4 opens a pane of the board; take 6, 7, 8 or 9"),
        (VIEW + VIEW, 5, "the word 'mine' opens 'mine' already"),
        (
            VIEW + "number = 6\n" + VIEW.replace("mine", "two") + "number = 6",
            8,
            "6 opens 'mine' already",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    (problem,) = _problems(_config(tmp_path, text))
    assert problem.startswith(f"{tmp_path / 'config.toml'}:{line}: views.")
    assert said in problem


@pytest.mark.parametrize(
    "text",
    [
        '[[views]]\nname = "My Builds"\npane = "builds"',
        VIEW + 'columns = [{ name = "age", field = "id" }]',
        VIEW + "columns = [{ width = 3 }]",
        VIEW + 'columns = "age"',
        VIEW + 'colums = ["age"]',
        VIEW + 'title = "a\\u001b[31mb"',
        VIEW + "number = 10",
        '[views]\nname = "x"',
    ],
)
def test_a_view_that_is_no_view_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _config(tmp_path, text)
    problem = caught.value.problems[0]
    assert problem.line is not None
    assert problem.key.startswith("views")


def test_a_wrong_view_takes_none_of_the_others_with_it(tmp_path: Path) -> None:
    text = VIEW + 'filter = "colour:red"\n' + VIEW.replace("mine", "good")
    config = _config(tmp_path, text)
    assert [view.id for view in news_of(config).views or ()] == ["good"]
    assert len(_problems(config)) == 1


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([*Status])), max_size=40))
def test_rows_of_a_view_are_those_that_pass_however_they_come(
    changes: list[tuple[int, Status]],
) -> None:
    pane = KINDS.pane("builds")
    assert pane is not None
    view = replace(pane, filter="status:failed")
    samples = builds(10)
    records: dict[Ref, Record] = {}
    model = RowModel(view, records)
    model.rebuild(NOW)
    for at, status in changes:
        record = replace(samples[at], status=status)
        if records.get(record.ref) == record:
            del records[record.ref]
            model.update(frozenset(), frozenset({record.ref}), NOW)
        else:
            records[record.ref] = record
            model.update(frozenset({record.ref}), frozenset(), NOW)
        failed = {ref for ref, one in records.items() if one.status is Status.FAILED}
        assert {model.ref(row) for row in range(len(model))} == failed
        assert (model.total, model.foreign) == (len(failed), len(records) - len(failed))
