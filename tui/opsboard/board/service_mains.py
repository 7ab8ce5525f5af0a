"""What CI says of the last commits of a repository's main branch."""

from collections.abc import Iterable, Sequence
from typing import Final

from opsboard.board.service_parts import ServiceParts, Tables
from opsboard.records import Build, MainBuild

MAIN_SHOWN: Final = 5
"""Commits of the main branch whose builds are told."""

_OF_PULL_REQUESTS: Final = frozenset({"pull_request", "pull_request_target", "merge_group"})
_USUAL_BRANCHES: Final = ("main", "master")


class MainBuilds:
    """The builds of each main branch, kept until builds of the repository change."""

    def __init__(self, tables: Tables, parts: ServiceParts) -> None:
        self._tables = tables
        self._parts = parts
        self._known: dict[str, dict[str, tuple[str, tuple[MainBuild, ...]]]] = {}

    def forget(self, scope: str) -> None:
        """Note that builds of the repository *scope* have changed."""
        self._known.pop(scope, None)

    def of(self, scope: str, branch: str = "") -> tuple[str, tuple[MainBuild, ...]]:
        """Return the main branch of *scope*, and what CI says of its last commits.

        It is *branch*, or what the host says; else ``main``, or ``master``.
        """
        known = self._known.setdefault(scope, {})
        if branch not in known:
            found = (self._tables[ref.kind].get(ref) for ref in sorted(self._parts.builds[scope]))
            builds = [one for one in found if isinstance(one, Build)]
            known[branch] = main_of(builds, branch)
        return known[branch]


def main_of(builds: Sequence[Build], wanted: str) -> tuple[str, tuple[MainBuild, ...]]:
    """Return the main branch and its builds; *wanted* is what a user says that it is."""
    branch = wanted or _default_branch(builds)
    told = any(one.default_branch for one in builds)
    own = [one for one in builds if one.branch == branch and not _is_of_another(one, told=told)]
    latest: dict[tuple[str, str], Build] = {}
    for one in own:
        key = (one.commit, one.workflow)
        if key not in latest or latest[key].number < one.number:
            latest[key] = one
    commits: dict[str, list[Build]] = {}
    for one in latest.values():
        commits.setdefault(one.commit, []).append(one)
    marks = [_mark(sha, runs) for sha, runs in commits.items()]
    marks.sort(key=lambda mark: (mark.at.timestamp() if mark.at else 0.0, mark.commit))
    return branch, tuple(marks[-MAIN_SHOWN:])


def _default_branch(builds: Iterable[Build]) -> str:
    told = {one.default_branch for one in builds} - {""}
    if len(told) == 1:
        return next(iter(told))
    there = {one.branch for one in builds}
    return next((name for name in _USUAL_BRANCHES if name in there), _USUAL_BRANCHES[0])


def _is_of_another(build: Build, *, told: bool) -> bool:
    """Tell whether *build* is of a pull request, or of a fork's branch of the same name.

    Where the host has *told* the default branch of others, a run without it is of a fork.
    """
    return build.event in _OF_PULL_REQUESTS or (told and not build.default_branch)


def _mark(commit: str, runs: Sequence[Build]) -> MainBuild:
    worst = max(runs, key=lambda one: (one.status.severity, one.ref))
    times = [one.created_at for one in runs if one.created_at]
    return MainBuild(
        status=worst.status, commit=commit, build=worst.ref, at=min(times, default=None)
    )
