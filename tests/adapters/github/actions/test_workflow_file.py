"""What a workflow's file says of being begun by hand, however it is written."""

import base64
from typing import Any

import httpx
import pytest
import yaml

from opsboard.adapter import Input, Malformed, Unsupported
from opsboard_adapters.github.actions.workflow_file import (
    MAX_INPUTS,
    DispatchTrigger,
    parse_trigger,
)
from tests.adapters.github.actions.stage import AppHarness


def _read(text: str) -> DispatchTrigger:
    return parse_trigger(yaml.load(text, yaml.BaseLoader))  # noqa: S506 - text, lists and mappings only


def _input(text: str) -> Input:
    (one,) = _read(f"on:\n  workflow_dispatch:\n    inputs:\n      it: {{{text}}}\n").inputs
    return one


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("on: workflow_dispatch", True),
        ("on: [push, workflow_dispatch]", True),
        ("on:\n  workflow_dispatch:", True),
        ('"on":\n  workflow_dispatch: {}', True),
        ("on: push", False),
        ("on: [push]", False),
        ("on: {push: {}}", False),
        ("name: x", False),
        ("- a list", False),
        ("just text", False),
        ("", False),
    ],
)
def test_whether_it_can_be(text: str, possible: bool) -> None:
    assert _read(text).possible is possible


def test_yes_and_no_are_words() -> None:
    """GitHub reads YAML 1.2: there, ``yes`` and ``on`` are text, and 010 is not 8."""
    one = _input("type: choice, options: [yes, no, on, 010], default: no")
    assert [option.value for option in one.options] == ["yes", "no", "on", "010"]
    assert one.default == "no"


@pytest.mark.parametrize(
    ("text", "kind", "default", "required"),
    [
        ("type: boolean, default: True", "boolean", "true", False),
        ("type: number, default: 0.10", "number", "0.10", False),
        ("type: string, default: ~", "text", "", False),
        ("description: hm, required: true", "text", "", True),
        ("type: unheard-of", "text", "", False),
        ("default: [1, 2]", "text", "", False),
    ],
)
def test_types(text: str, kind: str, default: str, required: bool) -> None:
    one = _input(text)
    assert (one.type, one.default, one.required) == (kind, default, required)


def test_an_input_without_anything() -> None:
    (one,) = _read("on:\n  workflow_dispatch:\n    inputs:\n      it:\n").inputs
    assert (one.name, one.type, one.help) == ("it", "text", "")


def test_as_many_as_github_takes() -> None:
    lines = "".join(f"      i{number}: {{}}\n" for number in range(MAX_INPUTS + 3))
    found = _read(f"on:\n  workflow_dispatch:\n    inputs:\n{lines}")
    assert (len(found.inputs), found.excess) == (MAX_INPUTS, 3)


def test_a_marker_is_not_asked_for() -> None:
    text = "run-name: X ${{ inputs.correlation_id }}\non:\n  workflow_dispatch:\n    inputs:\n"
    found = _read(f"{text}      correlation_id: {{}}\n      a: {{}}\n")
    assert (found.marker, found.visible) == ("correlation_id", True)
    assert [one.name for one in found.inputs] == ["a"]
    hidden = _read("on:\n  workflow_dispatch:\n    inputs:\n      opsboard_plan: {}\n")
    assert (hidden.marker, hidden.visible) == ("opsboard_plan", False)
    number = _read("on:\n  workflow_dispatch:\n    inputs:\n      opsboard_plan: {type: number}\n")
    assert number.marker == ""


def test_hostile_text_is_cleaned() -> None:
    (one,) = parse_trigger(
        {"on": {"workflow_dispatch": {"inputs": {"a\x1b[31m": {"description": "x\x1b]0;t\x07"}}}}}
    ).inputs
    assert "\x1b" not in one.name + one.help


BOMB = "a: &a [x, x]\n" + "".join(
    f"b{n}: &b{n} [*{'a' if n == 0 else f'b{n - 1}'}, *{'a' if n == 0 else f'b{n - 1}'}]\n"
    for n in range(40)
) + "on: {workflow_dispatch: {inputs: {it: {options: [*b39], description: *b39}}}}\n"  # fmt: skip


def _serves(stage: AppHarness, **fields: Any) -> None:
    def tamper(request: httpx.Request) -> httpx.Response | None:
        if "/contents/" not in request.url.path:
            return None
        told = {"sha": "1", "size": 10, "encoding": "base64", "content": "", **fields}
        return httpx.Response(200, json=told)

    stage.wire.tamper = tamper


def _encoded(text: bytes) -> str:
    return base64.b64encode(text).decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"content": _encoded(b"on: [push\nx: }")},
        {"content": _encoded(b"\xff\xfe\x00")},
        {"content": "no base64 at all!"},
        {"content": _encoded(b"[" * 5_000)},
        {"content": _encoded(b"[" * 200_000)},
        {"size": 10_000_000},
        {"encoding": "none"},
    ],
)
async def test_a_file_that_cannot_be_read(stage: AppHarness, fields: dict[str, Any]) -> None:
    _serves(stage, **fields)
    with pytest.raises(Malformed, match=r"deploy\.yml of harbourside/catalog at main"):
        await stage.form("dispatch", stage.ended("catalog", "deploy", "success"))


async def test_a_bomb_is_not_unfolded(stage: AppHarness) -> None:
    _serves(stage, content=_encoded(BOMB.encode()))
    form = await stage.form("dispatch", stage.ended("catalog", "deploy", "success"))
    assert [one.name for one in form.inputs] == ["ref", "it"]
    assert not form.inputs[1].options


async def test_an_input_of_the_name_that_ours_has(stage: AppHarness) -> None:
    text = b"on: {workflow_dispatch: {inputs: {ref: {default: v1}}}}"
    _serves(stage, content=_encoded(text))
    ref = stage.ended("catalog", "deploy", "success")
    form = await stage.form("dispatch", ref)
    assert [(one.name, one.default) for one in form.inputs] == [("git-ref", "main"), ("ref", "v1")]
    plan = await stage.plan("dispatch", ref, ref="v2")
    assert plan.payload["body"]["inputs"] == {"ref": "v2"}
    assert plan.payload["body"]["ref"] == "main"


async def test_a_secret_is_not_given_to_a_workflow(stage: AppHarness) -> None:
    text = b"on: {workflow_dispatch: {inputs: {api_token: {default: hush}, size: {default: s}}}}"
    _serves(stage, content=_encoded(text))
    ref = stage.ended("catalog", "deploy", "success")
    plan = await stage.plan("dispatch", ref)
    assert plan.payload["body"]["inputs"] == {"size": "s"}
    assert "hush" not in plan.model_dump_json()
    with pytest.raises(Unsupported, match="api_token: a secret must not be given here"):
        await stage.plan("dispatch", ref, api_token="canary")
