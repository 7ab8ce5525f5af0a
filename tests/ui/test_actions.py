"""The registry of actions, and what is derived from it."""

import pytest

from opsboard.ui.actions import declared
from opsboard.ui.actions.acting import Acting
from opsboard.ui.actions.action import Action, Place
from opsboard.ui.actions.declared import ACTIONS
from opsboard.ui.actions.durations import parse_duration
from opsboard.ui.actions.keymap import KeymapError, clashes, keymap
from opsboard.ui.actions.records import RecordActing
from opsboard.ui.actions.registry import Registry, plain_key
from opsboard.ui.app import OpsboardApp
from opsboard.ui.screens.choice import ChoiceScreen
from opsboard.ui.screens.confirm import ConfirmScreen
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.form import FormScreen
from opsboard.ui.screens.framed import FramedScreen
from opsboard.ui.screens.log import LogScreen
from opsboard.ui.screens.plan import PlanScreen
from opsboard.ui.screens.raw import RawScreen
from opsboard.ui.widgets.lines import LinesView
from opsboard.ui.widgets.prompt import PromptInput

ACTORS: tuple[tuple[Place, type[Acting]], ...] = (
    (Place.APP, OpsboardApp),
    (Place.SCREEN, FramedScreen),
    (Place.RECORD, RecordActing),
    (Place.ACT, RecordActing),
    (Place.PLAN, PlanScreen),
    (Place.FORM, FormScreen),
    (Place.CONFIRM, ConfirmScreen),
    (Place.DETAIL, DetailScreen),
    (Place.LOG, LogScreen),
    (Place.RAW, RawScreen),
    (Place.MOVE, LinesView),
    (Place.PROMPT, PromptInput),
    (Place.CHOICE, ChoiceScreen),
)


def test_no_two_actions_share_a_key_where_both_can_be_pressed() -> None:
    assert [(one.id, other.id, key) for one, other, key in clashes()] == []


def test_a_clash_in_the_registry_is_found() -> None:
    here = Action("x.one", "One", Place.PANE, "", keys=("u",))
    outside = Action("x.two", "Two", Place.APP, "", keys=("u",))
    elsewhere = Action("x.three", "Three", Place.LOG, "", keys=("u",))
    found = [(one.id, other.id) for one, other, _ in clashes(Registry((here, outside, elsewhere)))]
    assert found == [("x.one", "x.two"), ("x.two", "x.three")]


@pytest.mark.parametrize(("place", "actor"), ACTORS)
def test_every_action_has_somebody_who_carries_it_out(place: Place, actor: type[Acting]) -> None:
    assert [a.id for a in ACTIONS.at(place) if not callable(getattr(actor, a.method, None))] == []


def test_every_action_says_what_it_does() -> None:
    assert [action.id for action in ACTIONS if not action.help.endswith(".")] == []


def test_bindings_carry_the_ids_that_the_config_names() -> None:
    bindings = {binding.id: binding for binding in ACTIONS.bindings(Place.LOG)}  # type: ignore[union-attr]
    assert bindings["log.wrap"].key == "w"  # type: ignore[union-attr]


def test_two_actions_of_one_id_are_refused() -> None:
    action = Action("a.b", "A", Place.APP, "Does a.")
    with pytest.raises(ValueError, match=r"a\.b"):
        Registry((action, action))


def test_the_users_keys_replace_the_declared_ones() -> None:
    assert keymap({"app.help": ["?", "H"], "log.wrap": ["ctrl+w"]}) == {
        "app.help": "question_mark,H",
        "log.wrap": "ctrl+w",
    }


def test_an_unknown_action_is_named_with_the_nearest_known() -> None:
    with pytest.raises(KeymapError, match=r"log\.warp.*did you mean 'log\.wrap'\?"):
        keymap({"log.warp": ["x"]})


def test_a_key_that_is_taken_is_an_error_that_names_who_has_it() -> None:
    with pytest.raises(KeymapError, match=r"key r belongs to app\.refresh"):
        keymap({"app.help": ["r"]})


def test_a_key_is_free_once_its_owner_has_another() -> None:
    swapped = keymap({"app.help": ["r"], "app.refresh": ["R", "question_mark"][1:]})
    assert swapped == {"app.help": "r", "app.refresh": "question_mark"}


@pytest.mark.parametrize(
    ("typed", "name"),
    [("?", "question_mark"), ("/", "slash"), (",", "comma"), ("ctrl+a", "ctrl+a")],
)
def test_keys_may_be_written_as_they_look(typed: str, name: str) -> None:
    assert plain_key(typed) == name


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1_800), ("2h", 7_200), ("1 d", 86_400), ("1w", 604_800)]
)
def test_durations(text: str, seconds: int) -> None:
    length = parse_duration(text)
    assert length is not None
    assert length.total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "0h", "5", "h", "5y", "-1h"])
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


def test_every_declared_group_is_registered() -> None:
    listed = {
        action.id
        for group in vars(declared).values()
        if isinstance(group, tuple)
        for action in group
        if isinstance(action, Action)
    }
    assert listed == {action.id for action in ACTIONS}
