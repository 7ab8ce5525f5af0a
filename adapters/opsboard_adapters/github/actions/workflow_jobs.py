"""Which environments the jobs of a workflow name, its called workflows' too.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idenvironment
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final

from opsboard.adapter import SourceError
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.workflow_file import read_tree

MOST_FILES: Final = 10
"""Workflows that are read for one that calls others."""

_LOCAL: Final = "./"
_CALLED: Final = re.compile(r"([^/@]+/[^/@]+)/(\.github/workflows/[^/@]+)@(.+)")
_INPUT: Final = re.compile(r"\$\{\{\s*(?:github\.event\.)?inputs\.([A-Za-z_][\w-]*)\s*\}\}")
_MATRIX: Final = re.compile(r"\$\{\{\s*matrix\.([A-Za-z_][\w-]*)\s*\}\}")
_EXPRESSION: Final = "${{"
_NONE: Final = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class WorkflowSource:
    """A workflow that has been read: *tree* is what is in it, *ref* where it is taken from."""

    repository: str
    ref: str
    tree: object


@dataclass(slots=True)
class NamedEnvironments:
    """The environments that jobs name. With *doubts*, there may be others."""

    names: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


async def environments_of_jobs(
    site: GitHubContext,
    file: WorkflowSource,
    inputs: Mapping[str, str],
    without: Set[str] = frozenset(),
) -> NamedEnvironments:
    """Return what the jobs of *file* name, but those called as *without* says.

    *inputs* are what it is told, as far as that is known.
    """
    named = NamedEnvironments()
    waiting = [(file, inputs)]
    for _ in range(MOST_FILES):
        if not waiting:
            return named
        file, inputs = waiting.pop()
        for key, job in _jobs(file.tree, named):
            if {key, _text(job.get("name"))} & without:
                continue
            if "environment" in job:
                _note(named, key, job, inputs)
            if "uses" in job:
                called = await _called(site, file, job, named)
                waiting += [(one, _given(job, inputs)) for one in called]
    named.doubts.append(f"it calls more than {MOST_FILES} workflows")
    return named


def _jobs(tree: object, named: NamedEnvironments) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    jobs = tree.get("jobs") if isinstance(tree, Mapping) else None
    if not isinstance(jobs, Mapping):
        named.doubts.append("it has no jobs that can be read")
        return
    for key, job in jobs.items():
        if isinstance(job, Mapping):
            yield str(key), job
        else:
            named.doubts.append(f"the job {key} cannot be read")


def _note(
    named: NamedEnvironments, key: str, job: Mapping[Any, Any], inputs: Mapping[str, str]
) -> None:
    told = job["environment"]
    text = told.get("name") if isinstance(told, Mapping) else told
    if not isinstance(text, str):
        named.doubts.append(f"the environment of {key} cannot be read")
        return
    for name in _filled(text, job, inputs):
        if _EXPRESSION in name:
            named.doubts.append(f"the environment of {key} is told when it runs: {name}")
        elif name not in _NONE and name not in named.names:
            named.names.append(name)


def _filled(text: str, job: Mapping[Any, Any], inputs: Mapping[str, str]) -> Sequence[str]:
    """Return what *text* may come to; what is not known is left as it is written."""
    text = _INPUT.sub(lambda found: inputs.get(found[1], found[0]), text)
    if (found := _MATRIX.search(text)) is None:
        return [text]
    return [text.replace(found[0], value) for value in _matrix(job, found[1])] or [text]


def _matrix(job: Mapping[Any, Any], key: str) -> Sequence[str]:
    """Return the values of *key* in the matrix of *job*; none where they are not written there."""
    strategy = job.get("strategy")
    matrix = strategy.get("matrix") if isinstance(strategy, Mapping) else None
    if not isinstance(matrix, Mapping):
        return ()
    listed, further = matrix.get(key, []), matrix.get("include", [])
    if not isinstance(listed, list) or not isinstance(further, list):
        return ()
    more = [one.get(key) for one in further if isinstance(one, Mapping) and key in one]
    values = [*listed, *more]
    return values if all(isinstance(value, str) for value in values) else ()


def _given(job: Mapping[Any, Any], inputs: Mapping[str, str]) -> Mapping[str, str]:
    """Return what a called workflow is told, as far as that is known."""
    told = job.get("with")
    if not isinstance(told, Mapping):
        return {}
    pairs = {str(name): _filled(_text(value), job, inputs) for name, value in told.items()}
    return {
        name: values[0]
        for name, values in pairs.items()
        if len(values) == 1 and _EXPRESSION not in values[0]
    }


async def _called(
    site: GitHubContext, file: WorkflowSource, job: Mapping[Any, Any], named: NamedEnvironments
) -> Sequence[WorkflowSource]:
    """Return the workflow that *job* calls, if it can be read."""
    uses = _text(job.get("uses"))
    repository, path, ref = file.repository, uses.removeprefix(_LOCAL), file.ref
    if not uses.startswith(_LOCAL):
        if (found := _CALLED.fullmatch(uses)) is None:
            named.doubts.append(f"the workflow {uses} cannot be read")
            return ()
        repository, path, ref = found[1], found[2], found[3]
    try:
        return [WorkflowSource(repository, ref, await read_tree(site, repository, path, ref))]
    except SourceError as error:
        named.doubts.append(f"the workflow {uses} cannot be read: {error.message}")
        return ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
