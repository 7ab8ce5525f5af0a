"""Repositories that go, come, are renamed or closed while the board runs: the rest stays live."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Health,
    Remove,
    Report,
    ScopeRemoved,
    Source,
)
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board, SourceState
from opsboard.records import Kind, Status
from tests.adapters.github.support import (
    NOW,
    FakeContext,
    FakeGitHub,
    collect,
    connected,
    context,
    run,
    runs,
)


def _runs(repository: str) -> str:
    return f"/repos/{repository}/actions/runs"


def _world(*repositories: str) -> dict[str, Any]:
    """Return the answers of a GitHub with a run in each of *repositories*."""
    found: dict[str, Any] = {}
    for number, repository in enumerate(repositories, 1):
        found[_runs(repository)] = runs(run(number))
        found[f"/repos/{repository}/deployments"] = []
    return found


def _listed(*repositories: str) -> list[dict[str, Any]]:
    return [{"full_name": name, "pushed_at": NOW.isoformat()} for name in repositories]


class Watch:
    """A board that is told what a source says."""

    def __init__(self, source: Source, ctx: FakeContext, github: FakeGitHub) -> None:
        self.board, self.github = Board(), github
        self._source, self._ctx = source, ctx
        self._tell(Report(Health(condition=Condition.LIVE)))

    async def after(self, minutes: float) -> Sequence[Change]:
        """Let so many *minutes* pass; return what was said then, the board has taken it in."""
        self._ctx.time += timedelta(minutes=minutes)
        changes = await collect(self._source, self._ctx)
        self._tell(*changes)
        return changes

    def _tell(self, *changes: Change) -> None:
        self.board.apply(BoardEvent("github", change, self._ctx.time) for change in changes)

    @property
    def rows(self) -> set[str]:
        return {build.id for build in self.board.records(Kind.BUILD).values()}

    @property
    def state(self) -> SourceState:
        state = self.board.source("github")
        assert state is not None
        return state


@asynccontextmanager
async def _watching(
    tmp_path: Path, answers: dict[str, Any], **settings: Any
) -> AsyncIterator[Watch]:
    ctx, github = context(tmp_path), FakeGitHub(answers)
    async with connected(github, ctx, **settings) as source:
        watch = Watch(source, ctx, github)
        await watch.after(0)
        yield watch


async def test_an_organisation_loses_one_and_gains_one(tmp_path: Path) -> None:
    answers = {**_world("o/a", "o/b", "o/c"), "/orgs/o/repos": _listed("o/a", "o/b")}
    async with _watching(tmp_path, answers, repositories=[], organisations=["o"]) as watch:
        assert watch.rows == {"o/a/1", "o/b/2"}
        watch.github.answers["/orgs/o/repos"] = _listed("o/a", "o/c")
        await watch.after(5)
        await watch.after(5)
        assert watch.rows == {"o/a/1", "o/c/3"}
        assert watch.state.health.condition is Condition.LIVE
        assert not [scope for scope in watch.state.scopes if scope.endswith("o/b")]
        # What is gone does not make the rest look old.
        assert watch.state.fresh_at is not None
        assert watch.state.fresh_at >= NOW + timedelta(minutes=10)
        asked = watch.github.paths().count(_runs("o/b"))
        await watch.after(60)
        assert watch.github.paths().count(_runs("o/b")) == asked


async def test_one_that_comes_back_is_told_anew(tmp_path: Path) -> None:
    answers = {**_world("o/a", "o/b"), "/orgs/o/repos": _listed("o/a", "o/b")}
    async with _watching(tmp_path, answers, repositories=[], organisations=["o"]) as watch:
        watch.github.answers["/orgs/o/repos"] = _listed("o/a")
        await watch.after(5)
        assert watch.rows == {"o/a/1"}
        watch.github.answers["/orgs/o/repos"] = _listed("o/a", "o/b")
        await watch.after(5)
        changes = await watch.after(5)
        assert watch.rows == {"o/a/1", "o/b/2"}
        assert not [one for one in changes if isinstance(one, Report)]


async def test_a_deleted_repository_is_let_go_when_that_is_certain(tmp_path: Path) -> None:
    async with _watching(tmp_path, _world("o/a", "o/b"), repositories=["o/a", "o/b"]) as watch:
        kept = {path: watch.github.answers.pop(path) for path in list(_world("o/a"))}
        await watch.after(5)
        assert watch.rows == {"o/a/1", "o/b/2"}, "GitHub may err for a moment"
        await watch.after(5)
        assert watch.rows == {"o/b/2"}
        assert set(watch.state.failing_scopes) == {"runs:o/a", "deployments:o/a"}
        assert "404" in watch.state.health.message
        assert watch.state.health.hint
        assert watch.state.scopes["runs:o/b"].health.condition is Condition.LIVE
        watch.github.answers |= kept
        await watch.after(30)
        assert watch.rows == {"o/a/1", "o/b/2"}
        assert watch.state.health.condition is Condition.LIVE


async def test_what_a_404_hides_is_not_said_to_be_removed(tmp_path: Path) -> None:
    """GitHub answers 404 for what is deleted and for what may not be seen any more alike."""
    async with _watching(tmp_path, _world("o/a"), repositories=["o/a"]) as watch:
        for path in _world("o/a"):
            del watch.github.answers[path]
        said = [change for _ in range(4) for change in await watch.after(5)]
        assert watch.rows == set()
        assert not [change for change in said if isinstance(change, Complete | Remove)]
        assert [c.deleted for c in said if isinstance(c, ScopeRemoved)].count(True) == 0


async def test_a_repository_that_is_missing_has_its_organisation_asked(tmp_path: Path) -> None:
    answers = {**_world("o/a", "o/b"), "/orgs/o/repos": _listed("o/a", "o/b")}
    async with _watching(tmp_path, answers, repositories=[], organisations=["o"]) as watch:
        for path in _world("o/b"):
            del watch.github.answers[path]
        watch.github.answers["/orgs/o/repos"] = _listed("o/a")
        await watch.after(0.9)  # the organisation would not be due yet
        await watch.after(0.1)
        assert watch.rows == {"o/a/1"}
        assert watch.state.health.condition is Condition.LIVE


@pytest.mark.parametrize(
    "said", ["Resource not accessible by integration", "Actions is disabled for this repository."]
)
async def test_what_may_not_be_read_any_more_is_explained(tmp_path: Path, said: str) -> None:
    async with _watching(tmp_path, _world("o/a", "o/b"), repositories=["o/a", "o/b"]) as watch:
        forbidden = httpx.Response(403, json={"message": said})
        watch.github.answers[_runs("o/a")] = forbidden
        watch.github.answers[_runs("o/b")] = runs(run(3), run(2))
        await watch.after(5)
        await watch.after(5)
        assert watch.rows == {"o/a/1", "o/b/2", "o/b/3"}, "nobody said that they are not there"
        assert watch.state.failing_scopes == ("runs:o/a",)
        assert said.rstrip(".") in watch.state.health.message
        (alert,) = [
            one for one in watch.board.records(Kind.ALERT).values() if one.status is Status.FAILED
        ]
        assert said.rstrip(".") in alert.message
        assert ("switched off" in alert.message) is ("disabled" in said)


async def test_a_new_name_is_followed_and_remembered(tmp_path: Path) -> None:
    async with _watching(
        tmp_path, _world("o/a", "o/b"), repositories=["o/a", "o/b"], deployments=False
    ) as watch:
        there = "/repositories/1/actions/runs"
        location = f"https://api.github.com{there}?per_page=30"
        watch.github.answers[_runs("o/a")] = httpx.Response(301, headers={"Location": location})
        watch.github.answers[there] = runs(run(9), run(1))
        await watch.after(5)
        assert watch.rows == {"o/a/9", "o/a/1", "o/b/2"}
        asked = watch.github.paths().count(_runs("o/a"))
        watch.github.statuses.clear()
        await watch.after(5)
        assert watch.github.paths().count(_runs("o/a")) == asked
        assert set(watch.github.statuses) == {304}
        # It has its old name again.
        del watch.github.answers[there]
        watch.github.answers[_runs("o/a")] = runs(run(10))
        await watch.after(5)
        assert watch.rows == {"o/a/10", "o/b/2"}
        assert watch.state.health.condition is Condition.LIVE


async def test_an_organisation_is_not_taken_for_a_user_when_it_is_missing(tmp_path: Path) -> None:
    """A user's list holds only what is public: private repositories would seem gone."""
    answers = {**_world("o/a", "o/b"), "/orgs/o/repos": _listed("o/a", "o/b")}
    async with _watching(tmp_path, answers, repositories=[], organisations=["o"]) as watch:
        del watch.github.answers["/orgs/o/repos"]
        watch.github.answers["/users/o/repos"] = _listed("o/a")
        await watch.after(5)
        assert watch.rows == {"o/a/1", "o/b/2"}
        assert watch.state.failing_scopes == ("repositories:o",)
