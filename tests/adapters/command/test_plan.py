"""What a training by a command is told, and what is planned of it."""

import shlex

import pytest

from opsboard.adapter import (
    RETRAIN,
    Fresh,
    Misconfigured,
    Permission,
    Request,
    Source,
    Unsupported,
)
from opsboard.records import Status
from opsboard.testing.no_network import no_network
from tests.adapters.command.training import MODEL, request


async def test_the_placeholders_are_the_inputs(source: Source) -> None:
    form = await source.form(
        request("train {model} --lr={rate} --epochs {epochs} '{\"a\": {epochs}}'", inputs="seed")
    )
    assert [(one.name, one.required) for one in form.inputs] == [
        ("rate", True), ("epochs", True), ("seed", True)
    ]  # fmt: skip


async def test_the_plan_shows_the_words_and_a_value_is_never_more_than_one(source: Source) -> None:
    values = {"what": "a b; rm -rf / $(id) '"}
    with no_network():
        plan = await source.plan(request("python3 -u 'my script.py' --on={what} {model}", values))
    argv = ["python3", "-u", "my script.py", "--on=a b; rm -rf / $(id) '", "fraud"]
    assert plan.payload["argv"] == argv
    assert plan.blockers == ()
    assert plan.permission is Permission.ALLOWED
    assert plan.patience > 600
    (shown,) = plan.changes
    assert shlex.split(shown.after or "") == argv


@pytest.mark.parametrize(
    ("command", "cwd", "why"),
    [
        ("no-such-program-0f9d", "", "no program"),
        ("./train", "", "no program"),
        ("true", "nowhere", "no folder"),
    ],
)
async def test_what_cannot_run_is_a_blocker(
    source: Source, command: str, cwd: str, why: str
) -> None:
    plan = await source.plan(request(command, cwd=cwd))
    assert any(why in text for text in plan.blockers)


@pytest.mark.parametrize(
    "told",
    [
        {"command": ""},
        {"command": "  "},
        {"command": "train 'unfinished"},
        {},
        {"command": "true", "colour": "red"},
        {"command": "train {api_token}"},
        {"command": "true", "inputs": "a b"},
    ],
)
async def test_a_recipe_that_is_none(source: Source, told: dict[str, str]) -> None:
    asked = Request(action=RETRAIN, ref=MODEL, recipe=told)
    with pytest.raises(Misconfigured) as caught:
        await source.plan(asked)
    assert caught.value.mend


@pytest.mark.parametrize("values", [{}, {"epochs": "5", "epocs": "6"}, {"epochs": "a\0b"}])
async def test_values_that_do_not_fit(source: Source, values: dict[str, str]) -> None:
    with pytest.raises(Unsupported):
        await source.plan(request("true {epochs}", values))


async def test_it_does_nothing_else(source: Source) -> None:
    with pytest.raises(Unsupported):
        await source.plan(Request(action="rollback", ref=MODEL))
    assert await anext(aiter(source.changes())) == Fresh("commands")
    checks = [check async for check in source.checks()]
    assert {check.status for check in checks} == {Status.OK}
