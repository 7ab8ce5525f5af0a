"""Messages between the app and its screens and widgets.

Downwards, the app posts to its screens what has changed. Upwards, screens and widgets post what
is asked for: :class:`NavigationRequest` and its subclasses are handled by the navigator, the
others by the app itself.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message

from opsboard.records import Alert, Identity, Ref

if TYPE_CHECKING:
    from opsboard.adapter import ActionSpec, Detail
    from opsboard.board.state import BoardDelta
    from opsboard.delivery.lane import LaneKey
    from opsboard.delivery.read_delivery import DeliveryHistory
    from opsboard.ui.actions.record_target import RecordTarget
    from opsboard.views.listing_directory import ListingChoice
    from opsboard.views.panes import ListingView


# --- from the app to its screens -----------------------------------------------------------------


class BoardChanged(Message):
    """The board has changed. Posted to every screen on the stack, at most ten times a second."""

    bubble = False

    def __init__(self, delta: "BoardDelta") -> None:
        super().__init__()
        self.delta = delta


class ClockTicked(Message):
    """Time has passed, and ages may read differently. Posted to the top screen only."""

    bubble = False

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now


class StylesChanged(Message):
    """The theme or the glyphs have changed. Posted to every screen on the stack, to redraw."""

    bubble = False


class ScopeChanged(Message):
    """The scope has changed. Posted to every screen on the stack."""

    bubble = False


class ViewsChanged(Message):
    """There are other saved views than before. Posted to every screen on the stack."""

    bubble = False


# --- from screens and widgets to the navigator ---------------------------------------------------


class NavigationRequest(Message):
    """Base of the messages that open a screen, or leave the program."""


class OpenDetail(NavigationRequest):
    """Open the detail of the record *ref*.

    *fallback* is what is shown where its source has none, and the board has no such record.
    """

    def __init__(self, ref: Ref, fallback: "Detail | None" = None) -> None:
        super().__init__()
        self.ref, self.fallback = ref, fallback


class OpenLog(NavigationRequest):
    """Open the log of *ref*, which is called *title*, at *part*: a step or a container."""

    def __init__(self, ref: Ref, title: str, part: str = "") -> None:
        super().__init__()
        self.ref, self.title, self.part = ref, title, part


class OpenRaw(NavigationRequest):
    """Open *ref*, which is called *title*, as YAML or JSON."""

    def __init__(self, ref: Ref, title: str) -> None:
        super().__init__()
        self.ref, self.title = ref, title


class OpenDescription(NavigationRequest):
    """Open *ref*, which is called *title*, described in one text."""

    def __init__(self, ref: Ref, title: str) -> None:
        super().__init__()
        self.ref, self.title = ref, title


class OpenText(NavigationRequest):
    """Open a page with *text*, which is called *title* and is a thing of that *sort*."""

    def __init__(self, sort: str, title: str, text: str) -> None:
        super().__init__()
        self.sort, self.title, self.text = sort, title, text


class OpenTree(NavigationRequest):
    """Open what owns *ref*, which is called *title*, and what it owns."""

    def __init__(self, ref: Ref, title: str) -> None:
        super().__init__()
        self.ref, self.title = ref, title


class OpenLineage(NavigationRequest):
    """Open the chain before and after *node*: a record, or a thing such as a commit."""

    def __init__(self, node: Ref | Identity) -> None:
        super().__init__()
        self.node = node


class OpenWhere(NavigationRequest):
    """Open where *commit* is."""

    def __init__(self, commit: Identity) -> None:
        super().__init__()
        self.commit = commit


class OpenTimeline(NavigationRequest):
    """Open the time line of the record *ref* and of what it is joined to, or of everything.

    *filter_text* is the filter that it begins with.
    """

    def __init__(self, ref: Ref | None = None, filter_text: str = "") -> None:
        super().__init__()
        self.ref, self.filter_text = ref, filter_text


class OpenDelivery(NavigationRequest):
    """Open the delivery figures of everything that is called *name*, or without it of all."""

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self.name = name


class OpenDeliveryLane(NavigationRequest):
    """Open the delivery figures of one *lane* of *history*, of so many *days*."""

    def __init__(self, lane: "LaneKey", history: "DeliveryHistory", days: int) -> None:
        super().__init__()
        self.lane, self.history, self.days = lane, history, days


class OpenBeforeRed(NavigationRequest):
    """Open what changed before the record *ref* went red."""

    def __init__(self, ref: Ref) -> None:
        super().__init__()
        self.ref = ref


class OpenComparison(NavigationRequest):
    """Open *refs* side by side."""

    def __init__(self, refs: Sequence[Ref]) -> None:
        super().__init__()
        self.refs = refs


class OpenListing(NavigationRequest):
    """Open the table of what *choice* lists, filtered by *filter_text*, or as a saved *view*."""

    def __init__(
        self, choice: "ListingChoice", filter_text: str = "", view: "ListingView | None" = None
    ) -> None:
        super().__init__()
        self.choice, self.filter_text, self.view = choice, filter_text, view


class ShowTime(Message):
    """Show the board as it was: at the change before (-1) or after (+1) the time on show."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step


class LeaveTime(NavigationRequest):
    """Go back from an earlier board to the live one."""


class OpenSources(NavigationRequest):
    """Open the health of the sources, with the cursor on *source* if one is named."""

    def __init__(self, source: str = "") -> None:
        super().__init__()
        self.source = source


class StartAction(NavigationRequest):
    """Plan the action *spec* for *targets*, and show the plan.

    *skipped* are records that were selected too and cannot be targets, each with the reason.
    """

    def __init__(
        self,
        spec: "ActionSpec",
        targets: "Sequence[RecordTarget]",
        skipped: "Sequence[tuple[RecordTarget, str]]" = (),
    ) -> None:
        super().__init__()
        self.spec, self.targets, self.skipped = spec, targets, skipped


class ChoiceOption(NamedTuple):
    """One of several things to choose from.

    One that is not possible now is listed too, with its *disabled_reason*. The cursor begins on the
    first that *is_current*: it counts now, and says so.
    """

    label: str
    value: str
    note: str = ""
    disabled_reason: str = ""
    is_current: bool = False


class AskChoice(NavigationRequest):
    """Ask *title*, and call *on_chosen* with the value of one of *options*, or with ``None``."""

    def __init__(
        self,
        title: str,
        options: Sequence[ChoiceOption],
        on_chosen: Callable[[str | None], None],
    ) -> None:
        super().__init__()
        self.title, self.options, self.on_chosen = title, options, on_chosen


class QuitRequested(NavigationRequest):
    """Leave the program, after a confirmation while an action is being sent."""


# --- from screens and widgets to the app ---------------------------------------------------------


class CopyText(Message):
    """Copy *text* to the clipboard, and notify the user that it is *label*."""

    def __init__(self, text: str, label: str) -> None:
        super().__init__()
        self.text, self.label = text, label


class AcknowledgeAlerts(Message):
    """Acknowledge *alerts*; if all of them are acknowledged already, open them again.

    With a *reason*, they are acknowledged all the same.
    """

    def __init__(self, alerts: Sequence[Alert], reason: str = "") -> None:
        super().__init__()
        self.alerts, self.reason = alerts, reason


class SnoozeAlerts(Message):
    """Silence *alerts* for *length*, which the user wrote as *duration*, for a *reason*."""

    def __init__(
        self, alerts: Sequence[Alert], length: timedelta, duration: str, reason: str = ""
    ) -> None:
        super().__init__()
        self.alerts, self.length, self.duration, self.reason = alerts, length, duration, reason
