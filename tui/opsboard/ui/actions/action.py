"""What an action is, and the places where actions can be."""

from enum import StrEnum

from opsboard.frozen import Frozen, frozen_unchecked


class Place(StrEnum):
    """Where one is. Several hold at once, from the widget in focus outwards to the app."""

    MOVE = "moving about"
    RECORD = "record"
    ACT = "acting on it"
    PANE = "pane"
    BOARD = "board"
    DETAIL = "detail"
    LOG = "log"
    RAW = "raw"
    PLAN = "plan"
    FORM = "form"
    CONFIRM = "confirmation"
    PROMPT = "prompt"
    CHOICE = "choice"
    SCREEN = "this screen"
    APP = "everywhere"


CHAINS: tuple[frozenset[Place], ...] = (
    frozenset({Place.MOVE, Place.RECORD, Place.PANE, Place.ACT, Place.BOARD, Place.APP}),
    frozenset({Place.MOVE, Place.RECORD, Place.DETAIL, Place.ACT, Place.SCREEN, Place.APP}),
    frozenset({Place.MOVE, Place.LOG, Place.SCREEN, Place.APP}),
    frozenset({Place.MOVE, Place.RAW, Place.SCREEN, Place.APP}),
    frozenset({Place.MOVE, Place.PLAN, Place.SCREEN, Place.APP}),
    frozenset({Place.FORM, Place.SCREEN, Place.APP}),
    frozenset({Place.CONFIRM}),
    frozenset({Place.PROMPT}),
    frozenset({Place.MOVE, Place.CHOICE}),
)
"""Places that can hold at the same time: within one of these, a key means one thing only."""


@frozen_unchecked
class Action(Frozen):
    """Something a user can do, told once for keys, hints, help, commands and palette.

    *id* is what ``[ui.keys]`` in the config file names. Whatever acts at *place* has a method
    ``do_<handler>`` for it; it is given *argument*, or what was typed after the command, if the
    action *takes* something. Actions with a *rank* stand in the hints line, lowest first.
    """

    id: str
    title: str
    place: Place
    help: str
    keys: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    takes: str = ""
    rank: int = 0
    handler: str = ""
    argument: str = ""

    @property
    def method(self) -> str:
        """The name of the method that carries the action out."""
        return "do_" + (self.handler or self.id.partition(".")[2])
