"""Which kinds of record there are: the board's own, and those of the adapters that are loaded.

The board's own are there from the start. Those of an adapter are added when it is loaded
(:func:`opsboard.config.registry.load`); what is asked for a kind that nobody has declared yet is
answered by ``None``, never by an error: a cache may hold records of an adapter that was removed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from opsboard.kinds.activities import ACTIVITY
from opsboard.kinds.alerts import ALERT
from opsboard.kinds.builds import BUILD, BUILD_JOB
from opsboard.kinds.cluster import CONFIG, CRON_JOB, EVENT, JOB, POD
from opsboard.kinds.commits import ARTIFACT, COMMIT, COMMIT_COMPARISON, PULL_REQUEST, REPOSITORY
from opsboard.kinds.declaration import RecordKind
from opsboard.kinds.deployments import DEPLOYMENT
from opsboard.kinds.guard import guarded
from opsboard.kinds.images import IMAGE
from opsboard.kinds.listed import LISTED
from opsboard.kinds.models import DRIFT_MEASURE, MODEL, MODEL_VERSION
from opsboard.kinds.pane_spec import KindError, PaneSpec
from opsboard.kinds.services import SERVICE
from opsboard.records import Kind, Record
from opsboard.records.codec import add_record_class

OWN: Final = (
    SERVICE, BUILD, DEPLOYMENT, MODEL, ALERT, POD, JOB, CRON_JOB, EVENT, CONFIG, MODEL_VERSION,
    DRIFT_MEASURE, IMAGE, ACTIVITY, BUILD_JOB, COMMIT, PULL_REQUEST, COMMIT_COMPARISON, ARTIFACT,
    REPOSITORY, LISTED,
)  # fmt: skip
"""The board's own kinds, in the order of their panes: services, which join the others, first."""


_COMMANDS: Final = """
    ack acknowledge act actions annotations api-resources approve ascii at back board
    browse cancel chain changed compare containers context copy ctx debug delete
    delivery describe description detail dispatch edit exec exit filter follow forward forwards
    handover health help init json lineage log logs namespace ns overview owners pause
    pf port-forward pr previous promote pull-request q quit raw redraw refresh reject reload rerun
    rerun-failed resources restart resume retrain reverse rollback run save scale search
    shell since skin snooze sort source sources suspend tag take-back
    take-up theme timeline tl tree undo unmark unsuspend view views where whole wrong yaml zoom
"""
COMMAND_WORDS: Final = frozenset(_COMMANDS.split())
"""The words that stand for a command after ``:``: none of them may open a table."""


class KindRegistry:
    """All kinds that are known, by name. May be read from any thread while kinds are added."""

    def __init__(self, own: Iterable[RecordKind] = OWN) -> None:
        self._kinds: Mapping[Kind, RecordKind] = {}
        for kind in own:
            _check(kind, self._kinds.values())
            self._kinds = {**self._kinds, kind.name: kind}

    def __iter__(self) -> Iterator[RecordKind]:
        return iter(self._kinds.values())

    def get(self, name: Kind) -> RecordKind | None:
        """Return the kind called *name*, if anything has declared it."""
        return self._kinds.get(name)

    def of(self, record: Record) -> RecordKind | None:
        """Return the kind of *record*."""
        return self._kinds.get(record.kind)

    def add(self, kinds: Iterable[RecordKind], origin: str) -> None:
        """Add what the object *origin* (``package:Adapter``) declares.

        Declaring the same again, as after a reload, replaces it. Raises :exc:`KindError`, and then
        adds none of *kinds*: for a name, or a word for a pane, that another has already.
        """
        added = dict(self._kinds)
        for kind in kinds:
            _check(kind, added.values())
            known = added.get(kind.name)
            if known is not None and known.origin != origin:
                raise KindError(
                    f"the kind {str(kind.name)!r} is declared by "
                    f"{known.origin or 'opsboard'} already; choose another name"
                )
            _check_as_a_guest(kind)
            added[kind.name] = guarded(kind, origin)
        for name in added.keys() - self._kinds.keys():
            add_record_class(name, added[name].record)
        self._kinds = added

    def drop(self, origin: str) -> None:
        """Forget what the object *origin* declares."""
        self._kinds = {name: kind for name, kind in self._kinds.items() if kind.origin != origin}

    # --- what is shown ---------------------------------------------------------------------------

    def panes(self) -> tuple[PaneSpec, ...]:
        """Return the tables of all kinds that have one."""
        return tuple(kind.pane for kind in self if kind.pane is not None)

    def numbered(self) -> tuple[PaneSpec, ...]:
        """Return the tables that stand on the board from the start, in their order."""
        return tuple(pane for pane in self.panes() if pane.number)

    def in_status(self) -> tuple[PaneSpec, ...]:
        """Return the tables that ``opsboard status`` prints by default."""
        rest = (pane for pane in self.panes() if pane.in_status and not pane.number)
        return (*self.numbered(), *rest)

    def pane(self, word: str) -> PaneSpec | None:
        """Return the table called *word*."""
        return next((pane for pane in self.panes() if pane.id == word), None)


def _check(kind: RecordKind, others: Iterable[RecordKind]) -> None:
    """Raise :exc:`KindError` where the table of *kind* has a word that another one has."""
    declared: object = kind
    if not isinstance(declared, RecordKind):
        raise KindError(f"{declared!r} in `kinds` is neither a RecordKind nor a Kind")
    for other in others:
        if kind.pane is None or other.pane is None or other.name == kind.name:
            continue
        if both := sorted({*other.pane.words} & {*kind.pane.words}):
            raise KindError(
                f"the kind {str(kind.name)!r}: the word {both[0]!r} opens the pane of the kind "
                f"{str(other.name)!r} already; set `pane` and `aliases` to others"
            )


def _check_as_a_guest(kind: RecordKind) -> None:
    """Raise :exc:`KindError` where *kind*, an adapter's, takes what is the board's own."""
    pane = kind.pane
    if pane is None:
        return
    if pane.number:
        raise KindError(
            f"the kind {str(kind.name)!r}: `number` is for the board's own tables; leave it out, "
            f"and give it a key by [ui.keys] (pane.{pane.id})"
        )
    if both := sorted(COMMAND_WORDS & {*pane.words}):
        raise KindError(
            f"the kind {str(kind.name)!r}: the word {both[0]!r} is a command of the board; set "
            "`pane` and `aliases` to others"
        )


KINDS: Final = KindRegistry()
"""The registry of the program."""


def qualified_name(record: Record) -> str:
    """Return the name of *record*, with the repository or the namespace that it is in."""
    kind = KINDS.of(record)
    return kind.qualified_name(record) if kind else record.name


def uniqueness_scope(record: Record) -> str:
    """Return where :func:`qualified_name` is unique: the cluster, or else the source."""
    kind = KINDS.of(record)
    return kind.unique_in(record) if kind else record.source
