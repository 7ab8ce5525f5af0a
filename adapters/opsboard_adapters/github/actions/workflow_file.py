"""The file of a workflow: whether it can be begun by hand, and what it can be told then.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent

from opsboard.adapter import Input, Malformed, Misconfigured, Option
from opsboard.text_encoding import NotTextError, decode_text
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.models import GitHubContent, parse

MAX_BYTES: Final = 262_144
"""Bytes of a file that is read."""
MAX_DEPTH: Final = 100
"""Levels of nesting: a workflow has about ten."""
MAX_INPUTS: Final = 25
"""Inputs that a workflow may have."""
MARKERS: Final = ("opsboard_plan", "correlation_id", "distinct_id", "idempotency_key")
"""Inputs that carry a key by which a run is found again; never asked for."""

_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Makes text, lists and mappings only, and so no boolean of ``on`` or ``no``, as YAML 1.1 does
and GitHub does not."""
_TYPES: Final[Mapping[str, Any]] = {"boolean": "boolean", "number": "number", "choice": "choice"}
_EMPTY: Final = frozenset({"", "~", "null"})


@dataclass(frozen=True, slots=True)
class DispatchTrigger:
    """How a workflow is begun by hand. *told* are its inputs, without the *marker*.

    *places* are the names of those that choose an environment. With *visible*, the marker is
    in the title of the run, where it can be found.
    """

    possible: bool
    told: tuple[Input, ...] = ()
    places: tuple[str, ...] = ()
    marker: str = ""
    visible: bool = False
    excess: int = 0
    tree: object = None


async def read_workflow(
    site: GitHubContext, repository: str, path: str, ref: str
) -> DispatchTrigger:
    """Return how the workflow at *path* is begun by hand at *ref*, and all that is in it."""
    tree = await read_tree(site, repository, path, ref)
    by_hand = await _with_environments(site, repository, parse_trigger(tree))
    return replace(by_hand, tree=tree)


async def read_tree(site: GitHubContext, repository: str, path: str, ref: str) -> object:
    """Return what is in the workflow at *path*: text, lists and mappings. Raises SourceError."""
    check_ref(ref)
    body = await site.api.get_object(f"repos/{repository}/contents/{path}", {"ref": ref})
    file = parse(GitHubContent, body)
    if file.encoding != "base64" or file.size > MAX_BYTES:
        raise Malformed(f"{path} of {repository} at {ref} is too large to be read", "look at it")
    where = f"{path} of {repository} at {ref}"
    return await asyncio.to_thread(_parsed, file.content or "", where)


def check_ref(ref: str) -> None:
    """Raise :exc:`Misconfigured` where *ref* can be no branch or tag (git check-ref-format)."""
    if not ref or ".." in ref or any(char.isspace() or char in "~^:?*[\\" for char in ref):
        raise Misconfigured(f"{ref!r} is no branch or tag", "name one that the repository has")


def _check_depth(text: str) -> None:
    """Raise :exc:`RecursionError` where libyaml, on the stack of C, would go too deep in *text*."""
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
        said = " ".join(str(error).split())[:200]
        raise Malformed(f"{where} is no YAML: {said}", "fix the workflow") from None


def parse_trigger(tree: object) -> DispatchTrigger:
    """Return what a workflow says of being begun by hand."""
    if not isinstance(tree, dict):
        return DispatchTrigger(possible=False)
    triggers = tree.get("on")
    if isinstance(triggers, str | list):
        return DispatchTrigger(possible="workflow_dispatch" in _words(triggers))
    if not isinstance(triggers, dict) or "workflow_dispatch" not in triggers:
        return DispatchTrigger(possible=False)
    said = triggers["workflow_dispatch"]
    inputs = said.get("inputs") if isinstance(said, dict) else None
    return _by_hand(inputs if isinstance(inputs, dict) else {}, _scalar(tree.get("run-name")))


def _words(triggers: str | list[object]) -> Sequence[str]:
    return [triggers] if isinstance(triggers, str) else [_scalar(one) for one in triggers]


def _by_hand(inputs: Mapping[object, object], title: str) -> DispatchTrigger:
    known = {_scalar(name): _mapping(said) for name, said in list(inputs.items())[:MAX_INPUTS]}
    marker = next((name for name in MARKERS if name in known and _takes_a_key(known[name])), "")
    told = tuple(_input(name, said) for name, said in known.items() if name and name != marker)
    return DispatchTrigger(
        possible=True,
        told=told,
        places=tuple(name for name, said in known.items() if said.get("type") == "environment"),
        marker=marker,
        visible=bool(marker) and f"inputs.{marker}" in title,
        excess=max(len(inputs) - MAX_INPUTS, 0),
    )


def _takes_a_key(said: Mapping[object, object]) -> bool:
    return _scalar(said.get("type")) in {"", "string"}


def _input(name: str, said: Mapping[object, object]) -> Input:
    word = _scalar(said.get("type"))
    options = said.get("options")
    values = [_scalar(one) for one in options] if isinstance(options, list) else []
    default = _scalar(said.get("default"))
    return Input(
        name=name,
        label=name,
        help=_scalar(said.get("description")),
        type=_TYPES.get(word, "text"),
        default=default.lower() if word == "boolean" else default,
        required=_scalar(said.get("required")).lower() == "true",
        options=tuple(Option(value=value) for value in dict.fromkeys(values) if value),
    )


async def _with_environments(
    site: GitHubContext, repository: str, by_hand: DispatchTrigger
) -> DispatchTrigger:
    """Let inputs that choose an environment offer those that there are."""
    if not by_hand.places:
        return by_hand
    found = await site.environments(repository)
    if not found:
        return by_hand
    options = tuple(Option(value=one.name) for one in found)
    told = tuple(
        one.model_copy(update={"type": "choice", "options": options})
        if one.name in by_hand.places
        else one
        for one in by_hand.told
    )
    return replace(by_hand, told=told)


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, dict) else {}


def _scalar(value: object) -> str:
    """Return *value* if it is text that says something; anything else is nothing."""
    return value if isinstance(value, str) and value not in _EMPTY else ""
