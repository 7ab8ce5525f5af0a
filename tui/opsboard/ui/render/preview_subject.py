"""What a preview is about: the record under the cursor, what makes it as it is, and since when.

By what the board knows, without asking anybody.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from opsboard.kinds.registry import KINDS
from opsboard.lineage.edges import edges_out_of
from opsboard.records import Alert, Kind, Model, Record, Ref, Service, Status
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.record_selection import acted_on
from opsboard.ui.actions.service_parts import red_part
from opsboard.ui.context import AppContext
from opsboard.ui.render.verdict_rows import RemedyKey
from opsboard.views.rows import is_wrong

if TYPE_CHECKING:
    from opsboard.board.state import Board

_WRONG = Status.WARNING.severity
_PROGRESS = frozenset({Status.OK, Status.RUNNING})


class PreviewSubject(NamedTuple):
    """The *record* of a row; the *part* whose detail, log and history say why it is as it is.

    Of most records that is the record itself; of an alert what it is about, of a service what makes
    it red. *since* is when it became so, ``None`` where nobody knows. *alert* is the one about it,
    or about the drift that a model is as bad as.
    """

    record: Record
    part: Record
    since: datetime | None
    alert: Alert | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether something is wrong with it."""
        return self.record.status.severity >= _WRONG


def subject_of(board: "Board", ref: Ref) -> PreviewSubject | None:
    """Return what a preview of *ref* is about; ``None`` where the board does not have it."""
    record = board.get(ref)
    if record is None:
        return None
    red = red_part(record, board)
    alert = board.get(red) if red.kind is Kind.ALERT else alert_about(board, red)
    if not isinstance(alert, Alert):
        alert = None
    about = alert.about if alert is not None and red.kind is Kind.ALERT else red
    if isinstance(record, Model):  # its drift dates it; it is itself what is acted on
        about = ref
    part = (board.get(about) if about is not None else None) or record
    return PreviewSubject(record, part, _since(record, part, alert), alert)


def alert_about(board: "Board", ref: Ref) -> Alert | None:
    """Return the alert about *ref*, if there is one."""
    alerts = board.records(Kind.ALERT).values()
    return next((one for one in alerts if isinstance(one, Alert) and one.about == ref), None)


def _since(record: Record, part: Record, alert: Alert | None) -> datetime | None:
    """Return since when it is as it is: by its alert, or by what its kind says it is dated by."""
    if alert is not None and alert.since is not None:
        return alert.since
    if isinstance(record, Service) and record.status in _PROGRESS:
        state = record.in_environment(record.environment)
        return state.since if state is not None else None
    if isinstance(record, Model) and record.status.severity >= _WRONG:
        return None  # a change of it, such as a new version, is not when it began to drift
    kind = KINDS.of(part)
    names = (*(kind.dated_by if kind is not None else ()), "updated_at", "created_at")
    found = (part.__dict__.get(name) for name in names)
    return next((at for at in found if isinstance(at, datetime)), None)


def failing_part(
    board: "Board", subject: PreviewSubject, has_log: Callable[[Ref], bool]
) -> Record | None:
    """Return what has a log that may say why the subject is wrong; ``None`` where nothing has.

    Of what is joined to it, such as the pods of a workload, the worst; or else the part itself.
    """
    if not subject.is_wrong:
        return None
    joined = (edge.downstream for edge in edges_out_of(board.lineage, subject.part.ref))
    refs = dict.fromkeys(one for one in joined if isinstance(one, Ref) and has_log(one))
    parts = [one for one in map(board.get, refs) if one is not None and is_wrong(one)]
    if not parts:
        return subject.part if has_log(subject.part.ref) else None
    return max(parts, key=lambda one: (one.status.severity, one.name))


def remedy_key(context: AppContext, subject: PreviewSubject) -> RemedyKey | None:
    """Return the key of the action that is possible now and would mend what is wrong, if any is.

    The first that the source offers for the part: its own order is that of use. An action without a
    key of its own is in the menu of all of them.
    """
    acts = context.acts
    if acts is None or acts.not_ready_reason or not subject.is_wrong:
        return None
    if context.read_only or context.as_of is not None:
        return None
    part = acted_on(subject.part, context.board)
    offers = acts.available_actions(part)
    offer = next((one for one in offers if not one.disabled_reason), None)
    if offer is None:
        return None
    own = f"record.{offer.action.id}"
    keys = context.keys_of(ACTIONS[own]) if own in ACTIONS else ()
    keys = keys or context.keys_of(ACTIONS["record.actions"])
    return RemedyKey(key_label(keys[0]), offer.action.title, offer.action.help) if keys else None
