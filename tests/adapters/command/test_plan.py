"""What a training by a command is told, and what is planned of it."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import (
    RETRAIN,
    Fresh,
    Misconfigured,
    Permission,
    Request,
    Source,
    Unsupported,
)
from opsboard.records import Kind, Ref, Status
from opsboard.testing.no_network import no_network
from opsboard_adapters.command.recipe import CommandRecipe
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
    assert plan.timeout > 600
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
    assert caught.value.hint


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


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("{it}", "-rf"),
        ("{it}", "--output=/etc/passwd"),
        ("{it}.csv", "-x"),
        ("-{it}", "-exec"),
        ("--{it}=1", "-x"),
        ("{it}-rf", ""),
        ("{other}{it}", "-x"),
        ("-- {it}", "-x"),
    ],
)
async def test_a_value_never_becomes_an_option(source: Source, word: str, value: str) -> None:
    values = {"it": value, **({"other": ""} if "other" in word else {})}
    recipe = request(f"python3 train.py {word}", values)
    with pytest.raises(Unsupported, match=r"an option of the command|is required") as caught:
        await source.plan(recipe)
    assert caught.value.hint


async def test_nor_does_the_name_of_a_model(source: Source) -> None:
    told = request("python3 train.py {model}")
    named = told.model_copy(update={"ref": Ref("ml", Kind.MODEL, "--output=x")})
    with pytest.raises(Unsupported, match="model would make"):
        await source.plan(named)


@pytest.mark.parametrize(
    ("word", "value"),
    [("--lr={it}", "-0.1"), ("--{it}", "fast"), ("-v{it}", "-1"), ("x{it}", "-1"), ("{it}", "a-b")],
)
async def test_what_the_recipe_writes_itself_stays_as_it_is(
    source: Source, word: str, value: str
) -> None:
    plan = await source.plan(request(f"python3 train.py {word}", {"it": value}))
    assert plan.payload["argv"][-1] == word.replace("{it}", value)


@given(values=st.lists(st.text("-ab=", max_size=4), min_size=2, max_size=2), data=st.data())
def test_whatever_the_values_options_are_the_recipes_own(
    values: list[str], data: st.DataObject
) -> None:
    parts = st.sampled_from(["{a}", "{b}", "-", "--", "x", "="])
    words = data.draw(st.lists(st.lists(parts, min_size=1).map("".join), min_size=1, max_size=4))
    recipe = CommandRecipe(command=shlex.join(words))
    told = dict(zip("ab", values, strict=True))
    try:
        argv = recipe.argv(told)
    except Unsupported:
        return
    for word, filled in zip(words, argv, strict=True):
        assert not filled.startswith("-") or word.startswith("-")
