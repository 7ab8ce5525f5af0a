"""``:ns`` and ``:ctx``: narrowing all panes to namespaces and clusters."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from textual.app import App

from opsboard.kinds.registry import KINDS
from opsboard.text.suggestions import did_you_mean
from opsboard.ui.actions.action_handler import ActionGroup, UiActionHandler
from opsboard.ui.actions.ui_action import UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import AskChoice, ChoiceOption, ScopeChanged
from opsboard.ui.navigator import Navigator
from opsboard.views.panes import pane_named
from opsboard.views.scope import (
    ALL,
    Scope,
    known_clusters,
    known_namespaces,
    namespace_fault,
    parse_names,
)

_TOLD: Final = 5
"""How many are named of what there is."""


class ScopeActions(ActionGroup):
    """The actions of the app that change the scope."""

    def __init__(
        self, app: UiActionHandler, screens: App[Any], context: AppContext, navigator: Navigator
    ) -> None:
        self._app, self._screens = app, screens
        self._context, self._navigator = context, navigator

    def completions(self, action: UiAction) -> Sequence[str]:
        """Return the namespaces or the clusters that the board knows."""
        board = self._context.board
        if action.id == "app.cluster":
            return [*known_clusters(board), ALL]
        is_pane = action.handler == "show_pane" and _is_in_namespaces(action.argument)
        return [*known_namespaces(board), ALL] if action.id == "app.namespace" or is_pane else ()

    def do_namespace(self, text: str) -> None:
        """Narrow all panes to the namespaces that *text* names, or ask for one."""
        known = known_namespaces(self._context.board)
        self._choose("namespace", text, known, "namespaces")

    def do_cluster(self, text: str) -> None:
        """Narrow all panes to the clusters that *text* names, or ask for one."""
        self._choose("cluster", text, known_clusters(self._context.board), "clusters")

    async def do_show_pane(self, pane: str, text: str) -> None:
        """Go to the pane with the id *pane*; *text* is a namespace to narrow to, or a filter.

        It is a namespace where the board knows one of that name, and what the pane shows is in
        namespaces.
        """
        is_taken = _is_in_namespaces(pane) and self.takes_namespace(text)
        await self._navigator.show_pane(pane, "" if is_taken else text)

    def takes_namespace(self, text: str) -> bool:
        """Narrow all panes to the namespaces that *text* names; return whether it names any."""
        known = {*known_namespaces(self._context.board), ALL}
        if not known.issuperset(part.strip() for part in text.split(",")):
            return False
        self._set(replace(self._context.scope, namespaces=parse_names(text)))
        return True

    # --- choosing --------------------------------------------------------------------------------

    def _choose(self, what: str, text: str, known: Sequence[str], field: str) -> None:
        if not text:
            self._ask(what, known, field)
            return
        names = parse_names(text)
        strange = [name for name in names if name not in known]
        for name in strange:
            if wrong := self._fault(what, name, known):
                self._app.show_notice(wrong, wrong=True)
                return
        self._set(replace(self._context.scope, **{field: names}))
        if strange:
            said = f"nothing on the board is in a {what} {', '.join(strange)} so far"
            self._app.show_notice(f"{said}{_there(known)}")

    def _fault(self, what: str, name: str, known: Sequence[str]) -> str:
        """Return why *name*, which nothing on the board is in, is none; ``""`` where it may be."""
        sources = self._context.board.sources()
        if what == "cluster" and any(name in source.scopes for source in sources):
            return ""  # a source watches it, and has yet to find anything in it
        if near := did_you_mean(name, known):
            return f"nothing is in a {what} {name!r}; {near}"
        if what == "namespace":
            return namespace_fault(name)
        is_known = all(source.scopes for source in sources)
        return f"no cluster {name!r} is configured{_there(known)}" if is_known else ""

    def _ask(self, what: str, known: Sequence[str], field: str) -> None:
        now = getattr(self._context.scope, field)
        there = [*known, *(name for name in now if name not in known)]
        options = [
            ChoiceOption(ALL, ALL, "everything", is_current=not now),
            *(ChoiceOption(name, name, is_current=name in now) for name in there),
        ]

        def on_chosen(name: str | None) -> None:
            if name is not None:
                self._set(replace(self._context.scope, **{field: parse_names(name)}))

        self._navigator.navigate(AskChoice(f"Which {what}?", options, on_chosen))

    def _set(self, scope: Scope) -> None:
        """Narrow every screen to *scope*, and keep it over restarts."""
        if scope == self._context.scope:
            return
        state = self._context.scope_state
        state.scope = scope
        for screen in self._screens.screen_stack:
            screen.post_message(ScopeChanged())
        if problem := state.save(scope):
            self._app.show_notice(problem, wrong=True)


def _there(known: Sequence[str]) -> str:
    """Return the end of a sentence that says what there is."""
    more = ", ..." if len(known) > _TOLD else ""
    return f"; there are {', '.join(known[:_TOLD])}{more}" if known else ""


def _is_in_namespaces(pane: str) -> bool:
    kind = KINDS.get(pane_named(pane).kind)
    return kind is not None and kind.is_in_namespaces
