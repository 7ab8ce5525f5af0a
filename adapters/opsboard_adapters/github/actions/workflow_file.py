"""Workflow files: how one is dispatched, and which environments its jobs deploy to.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

import asyncio
import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Final

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent

from opsboard.adapter import Input, Malformed, Misconfigured, Option, SourceError
from opsboard.text.encoding import NotTextError, decode_text
from opsboard_adapters.github.reader import GitHubReader

MAX_BYTES: Final = 262_144
"""Bytes of a workflow file that is read."""
MAX_DEPTH: Final = 100
"""Levels of nesting; a workflow has about ten."""
MAX_INPUTS: Final = 25
"""Inputs that a workflow may have."""
MARKERS: Final = ("opsboard_plan", "correlation_id", "distinct_id", "idempotency_key")
"""Inputs for a key by which the run is recognised; they are never asked for."""

_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Loads strings, lists and mappings only: in YAML 1.1 ``on`` and ``no`` would be booleans, which
GitHub does not follow.
"""
_TYPES: Final[Mapping[str, Any]] = {"boolean": "boolean", "number": "number", "choice": "choice"}
_EMPTY: Final = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class DispatchTrigger:
    """How a workflow is dispatched. *inputs* are those without the *marker*.

    *environment_inputs* are the names of inputs of the type ``environment``. With *visible*, the
    marker is part of the run's title, where it can be found. *excess* inputs are left out; *tree*
    is the whole file.
    """

    possible: bool
    inputs: tuple[Input, ...] = ()
    environment_inputs: tuple[str, ...] = ()
    marker: str = ""
    visible: bool = False
    excess: int = 0
    tree: object = None


async def read_trigger(
    reader: GitHubReader, repository: str, path: str, ref: str
) -> DispatchTrigger:
    """Return how the workflow at *path* is dispatched at *ref*, with the file's content."""
    tree = await read_workflow_tree(reader, repository, path, ref)
    trigger = await _with_environments(reader, repository, parse_trigger(tree))
    return replace(trigger, tree=tree)


async def read_workflow_tree(reader: GitHubReader, repository: str, path: str, ref: str) -> object:
    """Return the workflow at *path* as strings, lists and mappings. Raises :exc:`SourceError`."""
    check_ref(ref)
    file = await reader.content(repository, path, ref)
    if file.encoding != "base64" or file.size > MAX_BYTES:
        raise Malformed(f"{path} of {repository} at {ref} is too large to be read", "look at it")
    where = f"{path} of {repository} at {ref}"
    return await asyncio.to_thread(_parsed, file.content or "", where)


def check_ref(ref: str) -> None:
    """Raise :exc:`Misconfigured` where *ref* cannot be a branch or tag (git check-ref-format)."""
    if not ref or ".." in ref or any(char.isspace() or char in "~^:?*[\\" for char in ref):
        raise Misconfigured(f"{ref!r} is not a branch or tag", "name one that the repository has")


def _check_depth(text: str) -> None:
    """Raise :exc:`RecursionError` where *text* is nested too deeply: libyaml would overflow the C
    stack.
    """
    depth = 0
    for event in yaml.parse(text, _LOADER):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise RecursionError("nested too deeply")


def _parsed(content: str, where: str) -> object:
    try:
        text = decode_text(base64.b64decode(content))
        _check_depth(text)
        return yaml.load(text, _LOADER)  # noqa: S506 - it makes text, lists and mappings only
    except (binascii.Error, NotTextError, yaml.YAMLError, RecursionError) as error:
        text = " ".join(str(error).split())[:200]
        raise Malformed(f"{where} is not valid YAML: {text}", "fix the workflow") from None


def parse_trigger(tree: object) -> DispatchTrigger:
    """Return how the workflow *tree* is dispatched."""
    if not isinstance(tree, dict):
        return DispatchTrigger(possible=False)
    triggers = tree.get("on")
    if isinstance(triggers, str | list):
        return DispatchTrigger(possible="workflow_dispatch" in _words(triggers))
    if not isinstance(triggers, dict) or "workflow_dispatch" not in triggers:
        return DispatchTrigger(possible=False)
    spec = triggers["workflow_dispatch"]
    inputs = spec.get("inputs") if isinstance(spec, dict) else None
    return _trigger(inputs if isinstance(inputs, dict) else {}, _scalar(tree.get("run-name")))


def _words(triggers: str | list[object]) -> Sequence[str]:
    return [triggers] if isinstance(triggers, str) else [_scalar(one) for one in triggers]


def _trigger(inputs: Mapping[object, object], title: str) -> DispatchTrigger:
    known = {_scalar(name): _mapping(spec) for name, spec in list(inputs.items())[:MAX_INPUTS]}
    marker = next((name for name in MARKERS if name in known and _takes_a_key(known[name])), "")
    fields = tuple(_input(name, spec) for name, spec in known.items() if name and name != marker)
    return DispatchTrigger(
        possible=True,
        inputs=fields,
        environment_inputs=tuple(
            name for name, spec in known.items() if spec.get("type") == "environment"
        ),
        marker=marker,
        visible=bool(marker) and f"inputs.{marker}" in title,
        excess=max(len(inputs) - MAX_INPUTS, 0),
    )


def _takes_a_key(spec: Mapping[object, object]) -> bool:
    return _scalar(spec.get("type")) in {"", "string"}


def _input(name: str, spec: Mapping[object, object]) -> Input:
    kind = _scalar(spec.get("type"))
    options = spec.get("options")
    values = [_scalar(one) for one in options] if isinstance(options, list) else []
    default = _scalar(spec.get("default"))
    return Input(
        name=name,
        label=name,
        help=_scalar(spec.get("description")),
        type=_TYPES.get(kind, "text"),
        default=default.lower() if kind == "boolean" else default,
        required=_scalar(spec.get("required")).lower() == "true",
        options=tuple(Option(value=value) for value in dict.fromkeys(values) if value),
    )


async def _with_environments(
    reader: GitHubReader, repository: str, trigger: DispatchTrigger
) -> DispatchTrigger:
    """Give inputs of the type ``environment`` the repository's environments as options."""
    if not trigger.environment_inputs:
        return trigger
    found = await reader.environments(repository)
    if not found:
        return trigger
    options = tuple(Option(value=one.name) for one in found)
    fields = tuple(
        one.model_copy(update={"type": "choice", "options": options})
        if one.name in trigger.environment_inputs
        else one
        for one in trigger.inputs
    )
    return replace(trigger, inputs=fields)


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, dict) else {}


def _scalar(value: object) -> str:
    """Return *value* if it is a string that is not empty or null; ``""`` otherwise."""
    return value if isinstance(value, str) and value not in _EMPTY else ""


MAX_FILES: Final = 10
"""Workflow files that are read for one that calls others."""

_LOCAL: Final = "./"
_CALLED: Final = re.compile(r"([^/@]+/[^/@]+)/(\.github/workflows/[^/@]+)@(.+)")
_INPUT: Final = re.compile(r"\$\{\{\s*(?:github\.event\.)?inputs\.([A-Za-z_][\w-]*)\s*\}\}")
_MATRIX: Final = re.compile(r"\$\{\{\s*matrix\.([A-Za-z_][\w-]*)\s*\}\}")
_EXPRESSION: Final = "${{"
_NONE: Final = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class WorkflowSource:
    """A workflow file: *tree* is its content, *ref* the commit, branch or tag it was read at."""

    repository: str
    ref: str
    tree: object


@dataclass(slots=True)
class NamedEnvironments:
    """The environments that jobs name. With *doubts*, there may be others."""

    names: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


async def environments_of_jobs(
    reader: GitHubReader,
    file: WorkflowSource,
    inputs: Mapping[str, str],
    without: Set[str] = frozenset(),
) -> NamedEnvironments:
    """Return the environments of the jobs of *file*, without the jobs named in *without*.

    *inputs* are the inputs of the run, as far as they are known. Called workflows are followed.
    """
    named = NamedEnvironments()
    waiting = [(file, inputs)]
    for _ in range(MAX_FILES):
        if not waiting:
            return named
        file, inputs = waiting.pop()
        for key, job in _jobs(file.tree, named):
            if {key, _text(job.get("name"))} & without:
                continue
            if "environment" in job:
                _note(named, key, job, inputs)
            if "uses" in job:
                called = await _called_workflow(reader, file, job, named)
                waiting += [(one, _inputs_of_call(job, inputs)) for one in called]
    named.doubts.append(f"it calls more than {MAX_FILES} workflows")
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
    declared = job["environment"]
    text = declared.get("name") if isinstance(declared, Mapping) else declared
    if not isinstance(text, str):
        named.doubts.append(f"the environment of {key} cannot be read")
        return
    for name in _evaluated(text, job, inputs):
        if _EXPRESSION in name:
            named.doubts.append(f"the environment of {key} is only known when it runs: {name}")
        elif name not in _NONE and name not in named.names:
            named.names.append(name)


def _evaluated(text: str, job: Mapping[Any, Any], inputs: Mapping[str, str]) -> Sequence[str]:
    """Return the values that *text* may evaluate to; unknown expressions stay as they are
    written.
    """
    text = _INPUT.sub(lambda found: inputs.get(found[1], found[0]), text)
    if (found := _MATRIX.search(text)) is None:
        return [text]
    return [text.replace(found[0], value) for value in _matrix(job, found[1])] or [text]


def _matrix(job: Mapping[Any, Any], key: str) -> Sequence[str]:
    """Return the values of *key* in the matrix of *job*; none where they are computed."""
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


def _inputs_of_call(job: Mapping[Any, Any], inputs: Mapping[str, str]) -> Mapping[str, str]:
    """Return the inputs of a called workflow, as far as they are known."""
    given = job.get("with")
    if not isinstance(given, Mapping):
        return {}
    pairs = {str(name): _evaluated(_text(value), job, inputs) for name, value in given.items()}
    return {
        name: values[0]
        for name, values in pairs.items()
        if len(values) == 1 and _EXPRESSION not in values[0]
    }


async def _called_workflow(
    reader: GitHubReader, file: WorkflowSource, job: Mapping[Any, Any], named: NamedEnvironments
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
        return [
            WorkflowSource(repository, ref, await read_workflow_tree(reader, repository, path, ref))
        ]
    except SourceError as error:
        named.doubts.append(f"the workflow {uses} cannot be read: {error.message}")
        return ()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
