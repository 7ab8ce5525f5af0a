"""What an adapter can do, and whether it is possible for one record now.

What an adapter can do to the world is declared in :attr:`Adapter.actions`. Menus, key hints, the
command palette, ``opsboard act`` and the guard all read that list, so they cannot drift apart.
Keys are not declared here but in the registry of the screen's own actions.
"""

from collections.abc import Callable
from typing import Any, Final

from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Kind, Record, Ref, listed_key

RETRAIN: Final = "retrain"
"""The action that an engine of training runs offers: see :attr:`Adapter.recipe`."""

EXEC: Final = "exec"
FORWARD: Final = "forward"
EDIT: Final = "edit"
DEBUG: Final = "debug"

LET_IN: Final = frozenset({EXEC, DEBUG})
"""Actions that let somebody into what runs: what is done there is in no plan. So the guard denies
them where changes are protected, unless the policy names them for that environment."""


def _always_possible(record: Record, settings: Any) -> str:
    return ""


@frozen_unchecked
class ActionSpec(Frozen):
    """An action on records of *kinds*; of what is only listed, on rows of *listings*.

    *id* is the word for it in config, on the command line and in the audit: ``rollback``. The
    same act has the same word in every adapter. *disruptive* is what changes what runs or serves; a
    re-run of a build is not. With *needs_input*, there is nothing to plan before its form is
    filled in; otherwise it is planned with the form's defaults, which can be changed from there.
    One that is *single* has one target at a time: what takes the terminal, say.

    *disabled_reason* is called with a record of those kinds and the settings of its source; it
    returns why the action makes no sense for that record now, or ``""``. It is decided from the
    record alone: quick, and without network. What only the server knows is for the plan to find
    out.
    """

    id: str
    title: str
    help: str
    kinds: frozenset[Kind]
    disruptive: bool = True
    needs_input: bool = False
    single: bool = False
    disabled_reason: Callable[[Record, Any], str] = _always_possible
    listings: frozenset[str] = frozenset()

    def is_for(self, ref: Ref) -> bool:
        """Tell whether it is an action on such records as *ref*."""
        if ref.kind not in self.kinds:
            return False
        return ref.kind is not Kind.LISTED or listed_key(ref)[0] in self.listings


@frozen_unchecked
class ActionAvailability(Frozen):
    """An offer for one record; *disabled_reason* says why it is not possible now, or is ``""``."""

    action: ActionSpec
    disabled_reason: str = ""


LOADED_ACTIONS: Final[dict[str, tuple[ActionSpec, ...]]] = {}
"""The actions of each adapter that is loaded by now, by its name: their words are commands."""
