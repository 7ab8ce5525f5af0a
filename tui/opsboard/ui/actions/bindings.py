"""Every action there is: those of the whole program, and from their own modules those of the board
(:mod:`.board_bindings`), of records (:mod:`.record_bindings`) and of the other screens.

Nothing else names keys and commands; the words of an adapter's own actions come from it.
"""

from collections.abc import Iterator
from itertools import chain

from opsboard.adapter.action_spec import LOADED_ACTIONS
from opsboard.ui.actions.board_bindings import BOARD, MOVE, PANE
from opsboard.ui.actions.record_bindings import ACTS, RECORD
from opsboard.ui.actions.registry import UiActionRegistry
from opsboard.ui.actions.screen_bindings import (
    BEFORE_RED,
    CONFIRM,
    DELIVERY,
    DETAIL,
    FORM,
    LOG,
    PLAN,
    RAW,
    REPORT,
    STEPPED,
    TIMELINE,
)
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.views.panes import SAVED_VIEWS, panes

_APP = (
    UiAction(
        "app.help", "Help", BindingScope.APP, "Show the keys and commands of where you are.",
        keys=("question_mark", "f1"), commands=("help",), rank=90,
    ),
    UiAction(
        "app.command", "Command", BindingScope.APP, "Type a command; Tab completes it.",
        keys=("colon",), rank=80,
    ),
    UiAction(
        "app.palette", "Palette", BindingScope.APP, "Search all actions and commands.",
        keys=("ctrl+p",), handler="palette",
    ),
    UiAction(
        "app.refresh", "Refresh", BindingScope.APP,
        "Ask the sources again now: all, or the one named.",
        keys=("r", "ctrl+r"), commands=("refresh",), takes="source", rank=60,
    ),
    UiAction(
        "app.sources", "Sources", BindingScope.APP,
        "Show the health, scopes and budgets of every source.",
        keys=("i",), commands=("sources", "source", "health"),
    ),
    UiAction(
        "app.timeline", "Time line", BindingScope.APP,
        "Show what changed of everything; a filter may follow.",
        commands=("timeline", "tl"), takes="filter",
    ),
    UiAction(
        "app.at", "At a time", BindingScope.APP,
        "Show the board as it was: 14:02, -2h; without a time, as it is now.",
        commands=("at",), takes="time",
    ),
    UiAction(
        "app.where", "Where", BindingScope.APP,
        "Show where a commit, or that of the row, is: built, in which images, live since when.",
        commands=("where",), takes="sha",
    ),
    UiAction(
        "app.handover", "Hand-over", BindingScope.APP,
        "Show a page to paste for who comes next: of the last 8 hours, or since a time.",
        commands=("handover",), takes="since",
    ),
    UiAction(
        "app.delivery", "Delivery figures", BindingScope.APP,
        "Show what was deployed, what failed, and how long both took; a service may follow.",
        commands=("delivery",), takes="name",
    ),
    UiAction(
        "app.namespace", "Namespace", BindingScope.APP,
        "Show only what is in a namespace, or in several: shop,infra; `all` shows everything.",
        commands=("ns", "namespace"), takes="namespace",
    ),
    UiAction(
        "app.cluster", "Cluster", BindingScope.APP,
        "Show only what is in a cluster, or in several; `all` shows everything.",
        commands=("ctx", "context"), takes="cluster",
    ),
    UiAction(
        "app.view", "Saved view", BindingScope.APP,
        "Open a saved view: [[views]] in the config has them; without a name, ask which.",
        commands=("view", "views"), takes="view",
    ),
    UiAction(
        "app.resources", "Resources", BindingScope.APP,
        "Show which further words list something, and of which source; words may narrow it.",
        commands=("resources", "api-resources"), takes="words",
    ),
    UiAction(
        "app.reload", "Reload", BindingScope.APP,
        "Read the config now; connect sources again whose files (a kubeconfig) have changed.",
        commands=("reload",),
    ),
    UiAction(
        "app.forwards", "Forwards", BindingScope.APP,
        "List the ports that are forwarded from here; Enter ends one.",
        commands=("forwards", "pf"),
    ),
    UiAction(
        "app.theme", "Theme", BindingScope.APP,
        "Switch the theme; without a name, to the next one.",
        commands=("theme", "skin"), takes="theme",
    ),
    UiAction(
        "app.ascii", "ASCII", BindingScope.APP, "Draw with ASCII characters only, on or off.",
        commands=("ascii",),
    ),
    UiAction(
        "app.redraw", "Redraw", BindingScope.APP,
        "Draw the whole screen again, after something else wrote over it.",
        keys=("ctrl+l",), commands=("redraw",),
    ),
    UiAction(
        "app.quit", "Quit", BindingScope.APP, "Leave the program.",
        keys=("ctrl+c", "ctrl+q"), commands=("quit", "q", "exit"),
    ),
)  # fmt: skip

_SCREEN = (
    UiAction(
        "screen.back", "Back", BindingScope.SCREEN, "Go back to where you came from.",
        keys=("escape", "q"), commands=("back",), rank=10,
    ),
)  # fmt: skip

_PROMPT = (
    UiAction(
        "prompt.accept", "Accept", BindingScope.PROMPT,
        "Accept what is typed.", keys=("enter",), rank=1,
    ),
    UiAction(
        "prompt.close", "Cancel", BindingScope.PROMPT,
        "Leave the prompt.", keys=("escape",), rank=2,
    ),
    UiAction(
        "prompt.complete", "Complete", BindingScope.PROMPT, "Complete it.", keys=("tab",), rank=3,
    ),
    UiAction("prompt.older", "Older", BindingScope.PROMPT, "To the previous entry.", keys=("up",)),
    UiAction("prompt.newer", "Newer", BindingScope.PROMPT, "To the next entry.", keys=("down",)),
)  # fmt: skip

_CHOICE = (
    UiAction(
        "choice.take", "Take", BindingScope.CHOICE, "Choose the line of the cursor.",
        keys=("enter",),
    ),
    UiAction(
        "choice.close", "Cancel", BindingScope.CHOICE, "Choose nothing.", keys=("escape", "q"),
    ),
)  # fmt: skip


def _pane_actions() -> Iterator[UiAction]:
    """Yield an action for each table.

    Those of an adapter's kinds join when it is loaded, saved views when the config has been read:
    the keys of these are bound by the app.
    """
    for pane in panes():
        yield UiAction(
            f"pane.{pane.id}", pane.title, BindingScope.APP, f"Go to {pane.title.lower()}.",
            keys=(str(pane.number or pane.key),) if pane.number or pane.key else (),
            commands=pane.words, takes="name",
            handler="show_pane", argument=pane.id,
        )  # fmt: skip
    for view in SAVED_VIEWS.listings:
        yield UiAction(
            f"pane.{view.id}", view.title, BindingScope.APP, f"Go to {view.title.lower()}.",
            keys=(str(view.key),) if view.key else (), commands=view.words,
            handler="view", argument=view.id,
        )  # fmt: skip


def _adapter_actions() -> Iterator[UiAction]:
    """Yield a command for each action of the adapters that are loaded, unless its word is taken."""
    for spec in chain.from_iterable(tuple(LOADED_ACTIONS.values())):
        yield UiAction(
            f"record.{spec.id}", spec.title, BindingScope.ACT, spec.help,
            commands=(spec.id,), handler="act", argument=spec.id,
        )  # fmt: skip


class _LaterActions:
    """Those of tables and adapters; made anew when one of these has come or gone, not each time.

    They are asked for several times a key, by the hints alone.
    """

    def __init__(self) -> None:
        self._of: object = None
        self._made: tuple[UiAction, ...] = ()

    def __call__(self) -> tuple[UiAction, ...]:
        of = (panes(), SAVED_VIEWS.listings, tuple(LOADED_ACTIONS.values()))
        if of != self._of:
            self._of, self._made = of, (*_pane_actions(), *_adapter_actions())
        return self._made


_PANES = tuple(_pane_actions())

ACTIONS = UiActionRegistry(
    (
        *MOVE,
        *RECORD,
        *ACTS,
        *PANE,
        *BOARD,
        *DETAIL,
        *STEPPED,
        *TIMELINE,
        *DELIVERY,
        *BEFORE_RED,
        *REPORT,
        *LOG,
        *RAW,
        *PLAN,
        *FORM,
        *CONFIRM,
        *_PROMPT,
        *_CHOICE,
        *_SCREEN,
        *_PANES,
        *_APP,
    ),
    later=_LaterActions(),
)
"""The registry of the program."""
