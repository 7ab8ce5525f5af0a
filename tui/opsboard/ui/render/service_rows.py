"""The rows of a service's page: what runs where, what waits, what CI says, model and alerts."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from opsboard.kinds.ages import age_text
from opsboard.kinds.services import since_text, version_text, waiting_text
from opsboard.kinds.sparkline import sparkline
from opsboard.records import Alert, EnvironmentState, Ref, Service, Status
from opsboard.records.commits import short_sha
from opsboard.text.numbers import format_metric
from opsboard.ui.render.cells import BOLD, text_width
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, fit_text, heading_row, wrap_text
from opsboard.views.scope import clusters_of

if TYPE_CHECKING:
    from opsboard.board.state import Board

_ENVIRONMENT: Final = 12
_VERSION: Final = 16
_REASON: Final = 17
_AGE: Final = 6
_CLUSTER: Final = 8
"""Columns of a cluster's name from which on it tells which."""


def service_rows(service: Service, board: "Board", page: PageFormat) -> Iterator[PageRow]:
    """Yield the rows of *service*, but for its chain and time line."""
    yield from _environments(service, board, page)
    yield from _main(service, page)
    yield from _model(service, page)
    yield from _alerts(service, board, page)
    for line in wrap_text(service.hint, page.width - 4) if service.hint else ():
        yield PageRow(Text(f"  {line}", page.styles.muted), selectable=True, copy_text=service.hint)


def _environments(service: Service, board: "Board", page: PageFormat) -> Iterator[PageRow]:
    yield heading_row("Environments", page.styles, str(len(service.environments) or "none known"))
    targets = dict[str, Ref]()
    for target in service.targets:  # what runs it comes before the CI server that deployed it
        targets.setdefault(target.environment, target.ref)
    for state in reversed(service.environments):  # production first
        clusters = sorted(set(clusters_of(service, [state.environment], board.get)))
        yield _environment(state, clusters, targets.get(state.environment), page)
        yield from _witnesses(state, page)


def _environment(
    state: EnvironmentState, clusters: Sequence[str], ref: Ref | None, page: PageFormat
) -> PageRow:
    styles = page.styles
    text = Text("   ")
    text.append(f"{styles.glyphs.status[state.status]} ", styles.statuses[state.status])
    name = state.environment or "?"
    text.append(fit_text(name, _ENVIRONMENT, styles), styles.environment_cell(name))
    version = styles.glyphs.in_these_glyphs(version_text(state))
    text.append(f" {fit_text(version, _VERSION, styles)}", BOLD)
    ready = f"{state.ready}/{state.desired}" if state.desired else ""
    short = state.ready < state.desired
    text.append(f" {ready:>7}", styles.statuses[state.status] if short else styles.muted)
    since = styles.glyphs.in_these_glyphs(since_text(state, page.now))
    text.append(f" {since:>6}", styles.muted)
    waiting = f"{waiting_text(state.waiting)} waiting" if state.waiting > 0 else ""
    rest = "  ".join(filter(None, (waiting, state.reason, state.model_version)))
    where = ", ".join(clusters)
    room = max(8, page.width - text.cell_len - 2)
    text.append(f"  {fit_text(rest, min(text_width(rest), room), styles)}")
    if (room := room - text_width(rest) - (2 if rest else 0)) >= min(_CLUSTER, text_width(where)):
        text.append("  " if rest else "").append(
            fit_text(where, min(text_width(where), room), styles), styles.muted
        )
    key = ("environment", state.environment)
    return PageRow(text, selectable=True, copy_text=version, ref=ref, key=key)


def _witnesses(state: EnvironmentState, page: PageFormat) -> Iterator[PageRow]:
    styles = page.styles
    if state.disagreement:
        mark = styles.glyphs.status[Status.WARNING]
        for line in wrap_text(state.disagreement, page.width - 10):
            text = Text(f"       {mark} {line}", styles.statuses[Status.WARNING])
            yield PageRow(text, selectable=True, copy_text=state.disagreement)
            mark = " "
    for witness in state.witnesses:
        said = f"{witness.ref.source} says {witness.says}"
        short = short_sha(witness.commit)
        commit = f"  {short}" if short and short not in witness.says else ""
        text = Text(f"       {styles.glyphs.dot} {said}{commit}", styles.muted)
        key = ("witness", state.environment, witness.ref)
        yield PageRow(text, selectable=True, copy_text=witness.says, ref=witness.ref, key=key)


def _main(service: Service, page: PageFormat) -> Iterator[PageRow]:
    styles = page.styles
    if not service.main:
        return
    yield BLANK
    waits = f"{waiting_text(service.waiting)} in no environment yet" if service.waiting > 0 else ""
    yield heading_row(f"Last builds of {service.branch or 'main'}", styles, waits)
    for build in reversed(service.main):
        text = Text("   ")
        text.append(f"{styles.glyphs.status[build.status]} ", styles.statuses[build.status])
        text.append(short_sha(build.commit), BOLD)
        text.append(f"  {age_text(build.at, page.now) if build.at else ''}", styles.muted)
        key = ("main", build.build)
        yield PageRow(text, selectable=True, copy_text=build.commit, ref=build.build, key=key)


def _model(service: Service, page: PageFormat) -> Iterator[PageRow]:
    styles = page.styles
    if not service.model:
        return
    yield BLANK
    yield heading_row("Model", styles)
    version = f" v{service.model_version}" if service.model_version else ""
    text = Text.assemble("     ", (f"{service.model}{version}", BOLD))
    yield PageRow(text, selectable=True, copy_text=service.model, ref=service.model_ref,
                  key="model")  # fmt: skip
    if service.drift_value is None:
        return
    status = service.drift_status or Status.UNKNOWN
    line = Text("   ").append(f"{styles.glyphs.status[status]} ", styles.statuses[status])
    line.append(f"{service.drift_metric} {format_metric(service.drift_value)}  ")
    trend = styles.glyphs.in_these_glyphs(sparkline(service.drift_trend))
    line.append(trend, styles.statuses[status])
    yield PageRow(line, selectable=True, copy_text=service.drift_metric, ref=service.drift,
                  key="drift")  # fmt: skip


def _alerts(service: Service, board: "Board", page: PageFormat) -> Iterator[PageRow]:
    styles = page.styles
    alerts: Sequence[Alert] = [
        alert for alert in map(board.get, service.alerts) if isinstance(alert, Alert)
    ]
    known = f"{service.known_alerts} known" if service.known_alerts else ""
    if not alerts and not known:
        return
    yield BLANK
    yield heading_row("Alerts", styles, ", ".join(filter(None, (f"{len(alerts)} open", known))))
    for alert in alerts:
        text = Text("   ")
        text.append(
            f"{styles.glyphs.status[alert.display_status]} ", styles.statuses[alert.display_status]
        )
        text.append(
            f"{fit_text(alert.reason, _REASON, styles)} ", styles.statuses[alert.display_status]
        )
        where = alert.environment
        text.append(fit_text(where, _ENVIRONMENT, styles), styles.environment_cell(where))
        text.append(f" {age_text(alert.since, page.now):>{_AGE}}  ", styles.muted)
        what = "" if alert.name == service.name else f"{alert.name}  "
        text.append(fit_text(f"{what}{alert.message}", max(8, page.width - text.cell_len), styles),
                    styles.muted)  # fmt: skip
        yield PageRow(text, selectable=True, copy_text=alert.message, ref=alert.ref, key=alert.ref)
