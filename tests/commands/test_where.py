"""``opsboard where``: a commit of the demo's world, by the real adapters over HTTP."""

import asyncio
import json
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import HostEnviron, listing
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.cli import main
from opsboard.collect.session import open_session
from opsboard.commands import where
from opsboard.commands.collect_once import collect_board, collect_once
from opsboard.commands.setup import enabled_sources, read_config
from opsboard.config.paths import Paths
from opsboard.environments.rules import EnvironmentRules
from opsboard.records import Build, Kind, Record, Service, Status
from opsboard.records.claims import stated
from opsboard.records.identity import ci_run, commit
from tests.patience import PATIENCE

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)

WAIT = ("--wait-fresh", "240")


def _run(config: Path, *words: str) -> int:
    try:
        return main(["--config", str(config), *words])
    except SystemExit as error:
        return int(error.code or 0)


def _document(config: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    _run(config, *words, "--json", *WAIT)
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def live_commit(clusters_config: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The commit that a workload of production runs, by the tag of its image."""
    document = _document(clusters_config, capsys, "status", "--pane", "deployments")
    tags = [
        one["images"][0].rpartition(":")[2]
        for one in document["panes"]["deployments"]
        if one["name"] == "checkout" and one["images"] and one["environment"] == "production"
    ]
    assert tags
    return str(tags[0])


def test_a_commit_is_followed_to_where_it_is_live(
    whole_demo_config: Path, live_commit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = _run(whole_demo_config, "where", live_commit, "--json", *WAIT)
    document = json.loads(capsys.readouterr().out)
    assert code == document["exit_code"] == 0
    assert document["schema"] == "opsboard.where/2"
    assert document["commit"]["sha"].startswith(live_commit)
    assert document["commit"]["repository"].endswith("/checkout")
    assert {build["workflow"] for build in document["builds"]} >= {"ci"}
    live = [one for one in document["places"] if one["presence"] in {"live", "being rolled out"}]
    assert ("checkout", "production") in {
        (one["name"].rpartition("/")[2], one["environment"]) for one in live
    }
    assert all(one["how"] for one in live)


def test_as_text_each_station_has_a_line(
    whole_demo_config: Path, live_commit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(whole_demo_config, "where", live_commit.upper(), *WAIT) == 0
    words = [line.split(" ")[0] for line in capsys.readouterr().out.splitlines() if line[0] != " "]
    assert words[:3] == ["commit", "built", "image"]
    assert {"live", "being"} & set(words)


def test_what_is_read_once_is_what_the_screen_comes_to(
    whole_demo_config: Path, tmp_path: Path
) -> None:
    """Commits that only the clusters know are compared, images that no tag leads to are found."""
    setup = read_config(Namespace(config=whole_demo_config, read_only=False))
    sources = asyncio.run(enabled_sources(setup))
    once = collect_board(setup, sources, PATIENCE)
    screen = open_session(
        sources,
        host_environ=HostEnviron(env={}, home=tmp_path, cwd=tmp_path),
        paths=Paths(tmp_path, tmp_path, tmp_path),
        workspace="",
        environments=EnvironmentRules(setup.config.settings.environments),
        cached=False,
    )
    try:
        collect_once(screen.feed, screen.board, PATIENCE)
    finally:
        screen.close()
    assert all(source.is_complete for source in once.sources())
    for kind in (Kind.COMMIT, Kind.COMMIT_COMPARISON, Kind.IMAGE, Kind.ARTIFACT):
        assert once.records(kind).keys() == screen.board.records(kind).keys()
    told = [_services(board) for board in (once, screen.board)]
    assert told[0] == told[1]
    assert any(count > 0 for cells in told[0].values() for *_, count in cells)


def _services(board: Board) -> dict[str, list[tuple[str, str, int]]]:
    """Return the environments of each service: what runs, and how many commits wait."""
    return {
        one.name: [(cell.environment, cell.version, cell.waiting) for cell in one.environments]
        for one in board.records(Kind.SERVICE).values()
        if isinstance(one, Service)
    }


@pytest.mark.parametrize(
    "sha", ["abc", "main", "g" * 40, "a" * 65, "https://git.example/a/b/commits/main"]
)
def test_what_is_no_commit_is_refused(
    whole_demo_config: Path, sha: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(whole_demo_config, "where", sha) == 64
    assert "hexadecimal digits" in capsys.readouterr().err


def test_a_commit_that_nothing_states_is_live_nowhere(
    whole_demo_config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(whole_demo_config, "where", "0" * 40, *WAIT) == 1
    assert "nothing on the board states a commit" in capsys.readouterr().err


def test_while_a_source_cannot_tell_nowhere_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[sources.m]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:9"\n')
    assert _run(config, "where", "0" * 40, "--wait-fresh", "5") == 2
    assert "m cannot tell" in capsys.readouterr().err


# --- on a board of its own -----------------------------------------------------------------------

SHA, OTHER = "abcdef1" + "0" * 33, "abcdef1" + "1" * 33


def _board(*records: Record) -> Board:
    board = Board({"s": "S"})
    board.apply([BoardEvent("s", change, NOW) for change in listing("all", records)])
    return board


def _build(sha: str, repository: str = "https://github.com/acme/shop") -> Build:
    return Build(
        source="s", id=f"{repository}/{sha}", name="ci", repository="acme/shop", workflow="ci",
        number=1, state="success", status=Status.OK,
        inputs=stated(commit(repository, sha, "head_sha")),
        outputs=stated(ci_run(repository, "1", "GitHub run")),
    )  # fmt: skip


def test_a_beginning_of_several_commits_lists_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    board = _board(_build(SHA), _build(OTHER))
    assert where.answer(board, "abcdef1") == 64
    told = capsys.readouterr().err
    assert "is the beginning of 2 commits" in told
    assert f"{SHA} github.com/acme/shop" in told
    assert OTHER in told
    assert where.answer(board, SHA) == 1
    assert "acme/shop ci  ok" in capsys.readouterr().out


def test_a_fork_with_the_same_commit_is_listed_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    board = _board(_build(SHA), _build(SHA, "https://github.com/fork/shop"))
    assert where.answer(board, SHA) == 64
    assert "github.com/fork/shop" in capsys.readouterr().err
