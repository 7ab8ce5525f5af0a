"""Columns of services: what is wrong first, then how far each commit has come.

Each cell is one text, for reports; a screen may draw the same record with pictures.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from opsboard.kinds.ages import age, since_epoch
from opsboard.kinds.columns import NAME, REASON, STATUS, Cell, CellRole, Column, text_column
from opsboard.kinds.declaration import RecordKind
from opsboard.records import EnvironmentState, Kind, Service, Status
from opsboard.text.numbers import format_metric, natural_key

SHOWN: Final = ("staging", "production")
"""Environments that have a column of their own; all others share one."""

_MARKS: Final = {
    Status.OK: "✓", Status.RUNNING: "◐", Status.WARNING: "▲", Status.FAILED: "✗",
    Status.UNKNOWN: "?",
}  # fmt: skip


def version_text(state: EnvironmentState) -> str:
    """Return the version that runs, with what is rolled out: ``v17 → v18``."""
    known = state.version
    if not state.next_version:
        return known or (state.commits[0][:7] if len(state.commits) == 1 else "")
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


def _environment(name: str) -> Callable[[Service, datetime], Cell]:
    def show(service: Service, now: datetime) -> Cell:
        state = service.in_environment(name)
        if state is None:
            return Cell("")
        wrong = state.status.severity >= Status.WARNING.severity
        return Cell(_environment_text(state, now), state.status if wrong else None)

    return show


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
    marks = "".join(_MARKS[one.status] for one in service.main)
    last = service.main[-1].status if service.main else None
    wrong = last is not None and last.severity >= Status.WARNING.severity
    waits = f" +{service.waiting}" if service.waiting > 0 else ""
    return Cell(f"{marks}{waits}", last if wrong else None)


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
    wrong = status.severity >= Status.WARNING.severity
    text = f"{service.drift_metric} {format_metric(service.drift_value)}"
    return Cell(text, status if wrong else None)


def _drift_key(service: Service) -> tuple[int, str]:
    return (service.drift_status.severity if service.drift_status else -1, service.drift_metric)


def _alerts(service: Service, _: datetime) -> Cell:
    known = f"{service.known_alerts} known" if service.known_alerts else ""
    count = str(len(service.alerts)) if service.alerts else ""
    return Cell(", ".join(filter(None, (count, known))))


COLUMNS: Final = (
    STATUS,
    NAME,
    Column("main", "main", _main, _main_key, 6, 10, 2),
    Column(
        "staging", "staging", _environment("staging"), _environment_key("staging"), 12, 24, 2,
        ticks=True,
    ),
    Column(
        "production", "production", _environment("production"), _environment_key("production"),
        12, 26, 1, ticks=True,
    ),
    REASON,
    Column("model", "model", _model, lambda s: s.model.casefold(), 10, 22, 3),
    Column("drift", "drift", _drift, _drift_key, 8, 18, 3),
    Column("alerts", "alerts", _alerts, lambda s: len(s.alerts), 6, 12, 4, right=True),
    Column("others", "elsewhere", _others, lambda s: len(s.environments), 10, 30, 5, ticks=True),
    text_column("repository", "repository", 10, 34, priority=6),
    text_column("message", "message", 12, 120, priority=7),
)  # fmt: skip

SERVICE: Final = RecordKind(
    Kind.SERVICE,
    Service,
    title="Services",
    columns=COLUMNS,
    search=("name", "reason", "message", "repository", "model", "environment"),
    aliases=("service", "svc"),
    cached=False,
    natural=True,
    from_sources=False,
    recorded=False,
    qualified_name=lambda service: service.name,
)
