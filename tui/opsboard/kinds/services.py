"""Columns of services: what is wrong first, then how far each commit has come.

Each cell is one text, for filters and reports; what can be drawn better has parts too: the last
builds as the signs of their status, what is ready as a bar, the course of a drift as a line.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from opsboard.kinds.ages import age, since_epoch
from opsboard.kinds.columns import NAME, REASON, STATUS, Cell, CellRole, Column, text_column
from opsboard.kinds.declaration import BoardKind
from opsboard.kinds.sparkline import share_bar, sparkline
from opsboard.records import EnvironmentState, Kind, Service, Status
from opsboard.records.commits import short_sha
from opsboard.text.numbers import format_metric, natural_key

_LINE: Final = 5
"""Values of a drift that its line shows; the preview and the page of the service show more."""

SHOWN: Final = ("staging", "production")
"""Environments that have a column of their own; all others share one."""

_MARKS: Final = {
    Status.OK: "✓", Status.RUNNING: "◐", Status.WARNING: "▲", Status.FAILED: "✗",
    Status.UNKNOWN: "?",
}  # fmt: skip


def status_marks(statuses: Iterable[Status]) -> str:
    """Return the sign of each of *statuses*: ``✓✗✓✓``."""
    return "".join(map(_MARKS.__getitem__, statuses))


def version_text(state: EnvironmentState) -> str:
    """Return the version that runs, with what is rolled out: ``v17 → v18``."""
    known = state.version
    if not state.next_version:
        return known or (short_sha(state.commits[0]) if len(state.commits) == 1 else "")
    return f"{known} → {state.next_version}" if known else f"→ {state.next_version}"


def since_text(state: EnvironmentState, now: datetime) -> str:
    """Return for how long it has run: ``3h``, or ``≥3h`` where it may be longer."""
    told = age(state.since, now)
    return f"≥{told}" if told and state.since_at_latest else told


def waiting_text(waiting: int) -> str:
    """Return how many commits wait: ``+4``, nothing for none, ``+?`` where nobody knows."""
    if waiting < 0:
        return "+?"
    return f"+{waiting}" if waiting else ""


def _environment_text(state: EnvironmentState, now: datetime) -> str:
    short = f"{state.ready}/{state.desired}" if state.ready < state.desired else ""
    parts = (version_text(state), waiting_text(state.waiting), short, since_text(state, now))
    return " ".join(filter(None, (*parts, "≠" if state.disagreement else "")))


def _environment(name: str, prefix: str = "") -> Callable[[Service, datetime], Cell]:
    """Return what shows the version in the environment *name*, after a *prefix* if there is any."""

    def show(service: Service, now: datetime) -> Cell:
        state = service.in_environment(name)
        if state is None:
            return Cell("")
        parts = tuple(_version_parts(state))
        head = (Cell(f"{prefix} ", role=CellRole.MUTED),) if prefix and parts else ()
        return Cell(_environment_text(state, now), _wrong(state.status), parts=(*head, *parts))

    return show


def _version_parts(state: EnvironmentState) -> Iterator[Cell]:
    version = version_text(state)
    role = CellRole.PRODUCTION if state.environment == SHOWN[-1] else CellRole.PLAIN
    if version:
        yield Cell(version, Status.RUNNING if state.next_version else _wrong(state.status), role)
    if state.waiting > 0:
        yield Cell(f" {waiting_text(state.waiting)}", role=CellRole.MUTED)
    if state.disagreement:
        yield Cell(" ≠", Status.WARNING)


def _wrong(status: Status) -> Status | None:
    return status if status.severity >= Status.WARNING.severity else None


def _since(name: str) -> Callable[[Service, datetime], Cell]:
    def show(service: Service, now: datetime) -> Cell:
        state = service.in_environment(name)
        if state is None:
            return Cell("")
        wrong = _wrong(state.status)
        role = CellRole.PLAIN if wrong else CellRole.MUTED
        return Cell(since_text(state, now), wrong, role, since=state.since)

    return show


def _since_key(name: str) -> Callable[[Service], float]:
    def key(service: Service) -> float:
        state = service.in_environment(name)
        return since_epoch(state.since) if state is not None else 0.0

    return key


_BAR: Final = 4
"""Columns of the bar of what is ready."""


def ready_bar(state: EnvironmentState) -> str:
    """Return how much of what is wanted is ready, as a bar: ``███▁``. It is full only if all is."""
    return share_bar(state.ready, state.desired)


def _ready(service: Service, _: datetime) -> Cell:
    state = service.in_environment(SHOWN[-1])
    if state is None or not state.desired:
        return Cell("")
    text = f"{state.ready}/{state.desired}"
    short = state.ready < state.desired
    status = (_wrong(state.status) or Status.RUNNING) if short else None
    role = CellRole.PLAIN if short else CellRole.MUTED
    return Cell(text, status, parts=(Cell(ready_bar(state), status, role),))


def _ready_key(service: Service) -> float:
    state = service.in_environment(SHOWN[-1])
    return state.ready / state.desired if state is not None and state.desired else 1.0


def _environment_key(name: str) -> Callable[[Service], tuple[object, ...]]:
    def key(service: Service) -> tuple[object, ...]:
        state = service.in_environment(name)
        return (0.0,) if state is None else (since_epoch(state.since), natural_key(state.version))

    return key


def _others(service: Service, now: datetime) -> Cell:
    rest = [one for one in service.environments if one.environment not in SHOWN]
    texts = (f"{one.environment or '?'} {_environment_text(one, now)}" for one in rest)
    return Cell(", ".join(texts), role=CellRole.MUTED)


def _main(service: Service, _: datetime) -> Cell:
    marks = status_marks(one.status for one in service.main)
    last = service.main[-1].status if service.main else None
    waits = f" +{service.waiting}" if service.waiting > 0 else ""
    signs = tuple(Cell(one.status.value, one.status, CellRole.GLYPH) for one in service.main)
    behind = (Cell(waits, role=CellRole.MUTED),) if waits else ()
    status = _wrong(last) if last is not None else None
    return Cell(f"{marks}{waits}", status, parts=(*signs, *behind))


def _main_key(service: Service) -> int:
    return service.main[-1].status.severity if service.main else -1


def _model(service: Service, _: datetime) -> Cell:
    if not service.model:
        return Cell("")
    version = f" v{service.model_version}" if service.model_version else ""
    return Cell(f"{service.model}{version}")


def _drift(service: Service, _: datetime) -> Cell:
    if service.drift_value is None:
        return Cell("")
    status = service.drift_status or Status.UNKNOWN
    text = f"{service.drift_metric} {format_metric(service.drift_value)}"
    wrong = _wrong(status.at_most(Status.WARNING))
    role = CellRole.PLAIN if wrong else CellRole.MUTED
    line = sparkline(service.drift_trend, _LINE)
    gap = " " if line else ""
    return Cell(text, wrong, parts=(Cell(f"{line}{gap}", wrong, role), Cell(text, wrong, role)))


def _short_drift(service: Service, now: datetime) -> Cell:
    """Return the same in few columns: without the name of the measure, which the page has."""
    cell = _drift(service, now)
    if service.drift_value is None:
        return cell
    line, text = cell.parts
    value = service.drift_value
    shown = f"{value:.2f}" if 0.01 <= abs(value) < 1 else f"{value:.2g}"  # 0.20 below 0.17
    return cell._replace(parts=(line, text._replace(text=shown)))


def _drift_key(service: Service) -> tuple[int, str]:
    return (service.drift_status.severity if service.drift_status else -1, service.drift_metric)


def _alerts(service: Service, _: datetime) -> Cell:
    known = f"{service.known_alerts} known" if service.known_alerts else ""
    count = str(len(service.alerts)) if service.alerts else ""
    return Cell(", ".join(filter(None, (count, known))))


def _version_column(name: str, priority: int, prefix: str = "") -> Column:
    key, width = _environment_key(name), max(10, len(prefix) + len(" → fa2dec5"))
    return Column(name, name, _environment(name, prefix), key, width, 20, priority, ticks=True)


def _since_column(name: str, priority: int) -> Column:
    """Return the column of ages beside that of a version; what it is of stands over that one."""
    return Column(
        f"{name}_since",
        "since",
        _since(name),
        _since_key(name),
        5,
        7,
        priority,
        right=True,
        ticks=True,
    )


_STAGING, _PRODUCTION = SHOWN
_MAIN: Final = Column("main", "main", _main, _main_key, 8, 9, 2)
_READY: Final = Column("ready", "ready", _ready, _ready_key, 5, 5, 2)
_DRIFT: Final = Column("drift", "drift", _short_drift, _drift_key, 10, 11, 3)

COLUMNS: Final = (
    STATUS,
    NAME,
    _MAIN,
    _version_column(_STAGING, 2),
    _since_column(_STAGING, 3),
    _version_column(_PRODUCTION, 1),
    _READY,
    _since_column(_PRODUCTION, 1),
    replace(REASON, priority=3),
    _DRIFT,
    Column("model", "model", _model, lambda s: s.model.casefold(), 10, 22, 4),
    Column("alerts", "alerts", _alerts, lambda s: len(s.alerts), 6, 12, 4, right=True),
    Column("others", "elsewhere", _others, lambda s: len(s.environments), 10, 30, 5, ticks=True),
    text_column("repository", "repository", 10, 34, priority=6),
    text_column("message", "message", 12, 120, priority=7),
)

COMPACT: Final = (
    STATUS,
    NAME,
    _MAIN,
    _version_column(_STAGING, 2, "stg"),
    _since_column(_STAGING, 3),
    _version_column(_PRODUCTION, 1, "prod"),
    _READY,
    _since_column(_PRODUCTION, 1),
    _DRIFT,
)
"""Columns that say themselves what they are of, where there is no room for titles."""

SERVICE: Final = BoardKind(
    Kind.SERVICE,
    Service,
    title="Services",
    columns=COLUMNS,
    compact=COMPACT,
    search=("name", "reason", "message", "repository", "model", "environment"),
    aliases=("service",),
    number=5,
    stands_for=lambda service: [target.ref for target in service.targets],
    cached=False,
    natural=True,
    from_sources=False,
    recorded=False,
    made_of=(Kind.BUILD, Kind.DEPLOYMENT, Kind.MODEL),
    qualified_name=lambda service: service.name,
)
