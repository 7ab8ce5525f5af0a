"""``:view``: opening saved views."""

from collections.abc import Callable, Sequence

from opsboard.text.suggestions import did_you_mean_or_list
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.config_actions import ConfigActions
from opsboard.ui.messages import AskChoice, ChoiceOption
from opsboard.ui.navigator import Navigator
from opsboard.views.panes import SAVED_VIEWS, ListingView, SavedView

_NONE = "there are no saved views; [[views]] in the config makes some"


class ViewActions(ActionGroup):
    """The actions of the app that open saved views."""

    def __init__(
        self,
        app: UiActionHandler,
        navigator: Navigator,
        config: ConfigActions,
        open_listing: Callable[[ListingView], None],
    ) -> None:
        self._app, self._navigator, self._config = app, navigator, config
        self._open_listing = open_listing

    def disabled_reason(self, action: UiAction) -> str:
        """Return why no view is opened: there is none."""
        none = not (SAVED_VIEWS.all or self._config.has_config)
        return _NONE if action.id == "app.view" and none else ""

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the names of the views."""
        return [view.id for view in SAVED_VIEWS.all] if action.takes == "view" else ()

    async def do_view(self, name: str) -> None:
        """Open the view that is called *name*, or ask for one."""
        if SAVED_VIEWS.find(name) is None:
            await self._config.look()
        if not SAVED_VIEWS.all:
            self._app.show_notice(_NONE, wrong=True)
        elif not name:
            self._ask()
        elif (view := SAVED_VIEWS.find(name)) is not None:
            await self._show(view)
        else:
            known = did_you_mean_or_list(name, [one.id for one in SAVED_VIEWS.all])
            self._app.show_notice(f"there is no view {name!r}; {known}", wrong=True)

    async def _show(self, view: SavedView) -> None:
        if isinstance(view, ListingView):
            self._open_listing(view)
        else:
            await self._navigator.show_pane(view.id)

    def _ask(self) -> None:
        options = [ChoiceOption(one.title, one.id, _note(one)) for one in SAVED_VIEWS.all]

        def on_chosen(name: str | None) -> None:
            if name is not None and (view := SAVED_VIEWS.find(name)) is not None:
                self._app.call_later(self._show, view)

        self._navigator.navigate(AskChoice("Which view?", options, on_chosen))


def _note(view: SavedView) -> str:
    """Return what a choice says of *view*: what it is narrowed to."""
    if isinstance(view, ListingView):
        return " · ".join(filter(None, (view.listing, view.search, view.filter)))
    return view.filter
