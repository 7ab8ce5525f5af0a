"""The registry of actions, and what is derived from it."""

import pytest

from opsboard.ui.actions import bindings
from opsboard.ui.actions.alert_commands import AlertCommands, parse_duration
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import KeymapError, build_keymap, clashes
from opsboard.ui.actions.record_actions import RecordActions
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.record_comparison import RecordComparison
from opsboard.ui.actions.record_history import RecordHistory
from opsboard.ui.actions.record_pull_request import RecordPullRequest
from opsboard.ui.actions.registry import UiActionRegistry, textual_key
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.app import OpsboardApp
from opsboard.ui.app_actions import AppActions
from opsboard.ui.config_actions import ConfigActions
from opsboard.ui.forwards import ForwardActions
from opsboard.ui.history_actions import HistoryActions
from opsboard.ui.scope_actions import ScopeActions
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.screens.before_red import BeforeRedScreen
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.choice import ChoiceScreen
from opsboard.ui.screens.confirm import ConfirmScreen
from opsboard.ui.screens.delivery import DeliveryScreen
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.form import FormScreen
from opsboard.ui.screens.log import LogScreen
from opsboard.ui.screens.plan import PlanScreen
from opsboard.ui.screens.raw import RawScreen
from opsboard.ui.screens.report import ReportScreen
from opsboard.ui.screens.timeline import TimelineScreen
from opsboard.ui.view_actions import ViewActions
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.ui.widgets.pane import Pane
from opsboard.ui.widgets.pane_controls import PaneFilter, PaneSort
from opsboard.ui.widgets.prompt import PromptInput

HANDLERS: dict[BindingScope, tuple[type, ...]] = {
    BindingScope.APP: (
        OpsboardApp,
        AppActions,
        HistoryActions,
        ScopeActions,
        ViewActions,
        ConfigActions,
        ForwardActions,
    ),
    BindingScope.SCREEN: (BaseScreen,),
    BindingScope.BOARD: (BoardScreen,),
    BindingScope.PANE: (Pane, PaneFilter, PaneSort),
    BindingScope.RECORD: (
        RecordCommands,
        RecordHistory,
        RecordPullRequest,
        RecordComparison,
        AlertCommands,
        RecordActions,
    ),
    BindingScope.ACT: (RecordActions,),
    BindingScope.PLAN: (PlanScreen,),
    BindingScope.FORM: (FormScreen,),
    BindingScope.CONFIRM: (ConfirmScreen,),
    BindingScope.DETAIL: (DetailScreen,),
    BindingScope.STEPPED: (BaseScreen,),
    BindingScope.TIMELINE: (TimelineScreen,),
    BindingScope.BEFORE_RED: (BeforeRedScreen,),
    BindingScope.DELIVERY: (DeliveryScreen,),
    BindingScope.REPORT: (ReportScreen,),
    BindingScope.LOG: (LogScreen,),
    BindingScope.RAW: (RawScreen,),
    BindingScope.MOVE: (LinesView,),
    BindingScope.PROMPT: (PromptInput,),
    BindingScope.CHOICE: (ChoiceScreen,),
}
"""The node that carries out the actions of a scope, and its action groups."""


def test_no_two_actions_share_a_key_where_both_can_be_pressed() -> None:
    assert [(one.id, other.id, key) for one, other, key in clashes()] == []


def test_a_clash_in_the_registry_is_found() -> None:
    here = UiAction("x.one", "One", BindingScope.PANE, "", keys=("u",))
    outside = UiAction("x.two", "Two", BindingScope.APP, "", keys=("u",))
    elsewhere = UiAction("x.three", "Three", BindingScope.LOG, "", keys=("u",))
    found = [
        (one.id, other.id)
        for one, other, _ in clashes(UiActionRegistry((here, outside, elsewhere)))
    ]
    assert found == [("x.one", "x.two"), ("x.two", "x.three")]


@pytest.mark.parametrize("scope", BindingScope)
def test_every_action_has_one_method_that_carries_it_out(scope: BindingScope) -> None:
    for action in ACTIONS.at(scope):
        owners = [one for one in HANDLERS[scope] if callable(getattr(one, action.method, None))]
        assert len(owners) == 1, action.id


def test_every_action_says_what_it_does() -> None:
    assert [action.id for action in ACTIONS if not action.help.endswith(".")] == []


def test_bindings_carry_the_ids_that_the_config_names() -> None:
    bindings = {binding.id: binding for binding in ACTIONS.bindings(BindingScope.LOG)}  # type: ignore[union-attr]
    assert bindings["log.wrap"].key == "w"  # type: ignore[union-attr]


def test_two_actions_of_one_id_are_refused() -> None:
    action = UiAction("a.b", "A", BindingScope.APP, "Does a.")
    with pytest.raises(ValueError, match=r"a\.b"):
        UiActionRegistry((action, action))


def test_the_users_keys_replace_the_declared_ones() -> None:
    assert build_keymap({"app.help": ["?", "H"], "log.wrap": ["ctrl+w"]}) == {
        "app.help": "question_mark,H",
        "log.wrap": "ctrl+w",
    }


def test_an_unknown_action_is_named_with_the_nearest_known() -> None:
    with pytest.raises(KeymapError, match=r"log\.warp.*did you mean 'log\.wrap'\?"):
        build_keymap({"log.warp": ["x"]})


def test_a_key_that_is_taken_is_an_error_that_names_who_has_it() -> None:
    with pytest.raises(KeymapError, match=r"key r belongs to app\.refresh"):
        build_keymap({"app.help": ["r"]})


def test_a_key_is_free_once_its_owner_has_another() -> None:
    swapped = build_keymap({"app.help": ["r"], "app.refresh": ["R", "question_mark"][1:]})
    assert swapped == {"app.help": "r", "app.refresh": "question_mark"}


@pytest.mark.parametrize(
    ("typed", "name"),
    [("?", "question_mark"), ("/", "slash"), (",", "comma"), ("ctrl+a", "ctrl+a")],
)
def test_keys_may_be_written_as_they_look(typed: str, name: str) -> None:
    assert textual_key(typed) == name


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
        for group in vars(bindings).values()
        if isinstance(group, tuple)
        for action in group
        if isinstance(action, UiAction)
    }
    assert listed == {action.id for action in ACTIONS}
