"""The line of hints: the keys of most worth that fit, in their order, and never without help."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.ui.actions import bindings
from opsboard.ui.actions.registry import UiActionRegistry
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.widgets.key_hints import KeyHint, fit_hints
from opsboard.views.panes import SAVED_VIEWS, ListingView
from tests.ui.sample_history import CHAIN
from tests.ui.start_screens import board_with

HELP = KeyHint("?", "Help")
HINTS = st.lists(
    st.builds(
        KeyHint,
        key=st.sampled_from(("a", "Enter", "^P")),
        title=st.text("abc ", min_size=1, max_size=20),
        about=st.sampled_from(("", "shop/checkout", "harbourside/catalog staging of a name " * 2)),
    ),
    max_size=24,
)


@given(hints=HINTS, width=st.integers(20, 200))
def test_no_room_is_left_to_a_hint_that_fits(hints: list[KeyHint], width: int) -> None:
    numbered = [one._replace(title=f"{at} {one.title}") for at, one in enumerate(hints)]
    shown = list(fit_hints([*numbered, HELP], width, "…"))
    titles = [one.title for one in numbered]
    places = [titles.index(one.title) for one in shown[:-1]]
    assert shown[-1] == HELP
    assert places == sorted(places)
    room = width - sum(one.width for one in shown)
    assert room >= 0
    for at, hint in enumerate(numbered):
        if at not in places:
            assert hint._replace(about="").width > room


async def test_what_does_nothing_here_is_no_hint() -> None:
    stage = board_with(CHAIN)
    async with stage.showing("2 Deployments", (200, 60)) as pilot:
        await stage.does(pilot, "2", then="! Only wrong")
        await stage.at_rest(pilot)
        assert "Acknowledge" not in stage.text.splitlines()[-1]
        await stage.does(pilot, "4", then="a Acknowledge")


@pytest.mark.parametrize(
    ("pane", "hinted"),
    [
        ("4", ("a Acknowledge",)),
        ("2", ("g Chain", "/ Filter", "! Only wrong")),
    ],
)
async def test_eighty_columns_hint_what_mends(pane: str, hinted: tuple[str, ...]) -> None:
    stage = board_with(CHAIN)
    async with stage.showing("2 Deployments", (80, 24)) as pilot:
        await stage.does(pilot, pane, then=hinted[0])
        await stage.at_rest(pilot)
        line = stage.text.splitlines()[-1]
        assert [one for one in hinted if one not in line] == []


async def test_a_prompt_that_is_closed_leaves_the_hints_of_the_pane() -> None:
    stage = board_with(CHAIN)
    async with stage.showing("2 Deployments", (120, 36)) as pilot:
        await stage.does(pilot, "2", then="! Only wrong")
        await stage.does(pilot, *":deployments", "enter", *"/checkout", then="/checkout")
        await stage.does(pilot, "enter", then="! Only wrong")
        await stage.at_rest(pilot)
        assert "Accept" not in stage.text


def test_actions_of_tables_are_made_anew_when_a_view_comes_or_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = bindings._LaterActions()
    before = later()
    assert later() is before
    mine = ListingView("mine", "Mine", "nodes")
    monkeypatch.setattr(SAVED_VIEWS, "all", (*SAVED_VIEWS.all, mine))
    assert [one.id for one in later() if one not in before] == ["pane.mine"]
    assert later() is later()


def test_a_registry_takes_in_what_comes_and_goes() -> None:
    one, other = (
        UiAction(f"x.{word}", word, BindingScope.APP, "Does it.", commands=(word,))
        for word in ("one", "other")
    )
    now: tuple[UiAction, ...] = (one,)
    registry = UiActionRegistry((), later=lambda: now)
    assert list(registry) == [one]
    now = (other,)
    assert list(registry) == [other]
    assert "x.one" not in registry
