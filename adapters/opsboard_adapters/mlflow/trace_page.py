"""The pages of a trace, with its spans as a tree, and of one span."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from opsboard.adapter import (
    Detail,
    Fact,
    Facts,
    Grid,
    GridRow,
    NotFound,
    Section,
    SourceError,
    TextSection,
)
from opsboard.records import Ref, Status, listed_key, listed_ref, row_of
from opsboard.text.sanitize import sanitize
from opsboard_adapters.listing.completeness import SkippedRecords, unread_section
from opsboard_adapters.listing.partial import collecting_errors
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.links import record_id, split_version_id
from opsboard_adapters.mlflow.sections import iso, labelled, pairs_grid, passage
from opsboard_adapters.mlflow.spans import LONGEST, Span, in_tree_order, read_spans
from opsboard_adapters.mlflow.states import TRACE_STATES
from opsboard_adapters.mlflow.structs import MLflowTrace, moment

SPANS: Final = "spans"
"""What spans are listed as: on the page of their trace."""
MAX_SPANS: Final = 500
"""Spans of a trace that its page lists."""
_INPUT, _OUTPUT = "mlflow.traceInputs", "mlflow.traceOutputs"
_IN_A_CELL: Final = 120
_INDENT: Final = "  "


async def trace_page(ref: Ref, api: MLflowApi) -> Detail:
    """Return the page of the trace *ref*. Raises :exc:`NotFound`."""
    _, trace_id = listed_key(ref)
    trace = await api.trace(trace_id)
    faults: list[SourceError] = []
    spans: list[Span] = []
    left_out, none_yet = 0, ""
    experiment = (await api.experiment_names([trace.experiment_id]))[trace.experiment_id]
    with collecting_errors(faults):
        try:
            spans, left_out = read_spans(await api.spans(trace_id))
        except NotFound:
            none_yet = "none was logged, or it has not ended"
    record = replace(
        row_of(ref),
        name=trace.tags.get("mlflow.traceName", "") or trace_id,
        status=TRACE_STATES.get(trace.status, Status.UNKNOWN),
        created_at=moment(trace.timestamp_ms),
    )
    empty = "could not be read" if faults else none_yet or "none"
    return Detail(
        record=record,
        sections=(
            _facts(trace, experiment),
            _tree(ref, trace_id, spans, empty),
            *_left_out(left_out),
            *_texts(trace, spans),
            pairs_grid("Tags", trace.tags),
            *unread_section(faults, SkippedRecords("spans")),
        ),
    )


def _facts(trace: MLflowTrace, experiment: str) -> Facts:
    noted = trace.metadata
    return Facts(
        title="Trace",
        facts=labelled(
            ("Id", trace.request_id),
            ("Status", trace.status.lower().replace("_", " ")),
            ("Took", took(trace.execution_time_ms / 1000 if trace.execution_time_ms else None)),
            ("Started", iso(moment(trace.timestamp_ms))),
            ("Experiment", experiment),
            ("By", noted.get("mlflow.user", "")),
            ("Session", noted.get("mlflow.trace.session", "")),
            ("Run", noted.get("mlflow.sourceRun", "")),
        ),
    )


def took(seconds: float | None) -> str:
    """Return a duration in the unit that shows it best, ``""`` where it is not known."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.3g}ms"
    return f"{seconds:.3g}s" if seconds < 60 else f"{seconds / 60:.3g}min"


def _tree(ref: Ref, trace_id: str, spans: Sequence[Span], empty: str) -> Grid:
    shown = in_tree_order(spans)
    first = min((span.begin for span in spans if span.begin), default=0)
    more = len(shown) > MAX_SPANS
    title = f"Spans, the first {MAX_SPANS:,} of {len(shown):,}" if more else "Spans"
    return Grid(
        title=title,
        columns=("Span", "Took", "After", "Type", "Output"),
        rows=tuple(
            GridRow(
                cells=(
                    f"{_INDENT * depth}{sanitize(span.name)}",
                    took(span.seconds),
                    took((span.begin - first) / 1e9) if span.begin and first else "",
                    span.type,
                    _in_a_cell(span.message or span.outputs),
                ),
                status=span.state,
                ref=listed_ref(ref.source, SPANS, record_id(trace_id, span.id)),
            )
            for depth, span in shown[:MAX_SPANS]
        ),
        empty=empty,
    )


def _in_a_cell(text: str) -> str:
    line = sanitize(text[: _IN_A_CELL * 4])
    return line if len(line) <= _IN_A_CELL else f"{line[: _IN_A_CELL - 1]}…"


def _left_out(count: int) -> tuple[Facts, ...]:
    if not count:
        return ()
    text = f"{count:,} of what was logged as spans: without an id, or with one that others have"
    return (Facts(title="Left out", facts=(Fact(label="Spans", value=text),)),)


def _texts(trace: MLflowTrace, spans: Sequence[Span]) -> tuple[Section, ...]:
    """Return what went in and came out: by the span at the top, else as the trace notes it."""
    tops = [span for span in spans if not span.parent]
    top = tops[0] if len(tops) == 1 else None
    inputs = (top.inputs if top else "") or trace.metadata.get(_INPUT, "")
    outputs = (top.outputs if top else "") or trace.metadata.get(_OUTPUT, "")
    return (*passage("Inputs", inputs[:LONGEST]), *passage("Outputs", outputs[:LONGEST]))


async def span_page(ref: Ref, api: MLflowApi) -> Detail:
    """Return the page of the span *ref*. Raises :exc:`NotFound`."""
    _, key = listed_key(ref)
    trace_id, span_id = split_version_id(key)
    spans, _ = read_spans(await api.spans(trace_id))
    one = next((span for span in spans if span.id == span_id), None)
    if one is None:
        raise NotFound(f"the trace {trace_id} has no span {span_id}", "go back, and refresh")
    parent = next((span.name for span in spans if span.id == one.parent), "")
    record = replace(
        row_of(ref),
        name=one.name,
        status=one.state or Status.UNKNOWN,
        created_at=moment(one.begin // 1_000_000),
    )
    facts = labelled(
        ("Status", one.status.lower()),
        ("Message", one.message),
        ("Took", took(one.seconds)),
        ("Type", one.type),
        ("Below", parent),
        ("Trace", trace_id),
    )
    return Detail(
        record=record,
        sections=(
            Facts(title="Span", facts=facts),
            *passage("Inputs", one.inputs),
            *passage("Outputs", one.outputs),
            *_events(one),
            pairs_grid("Attributes", one.others),
        ),
    )


def _events(span: Span) -> tuple[TextSection, ...]:
    texts = []
    for name, attributes in span.events:
        lines = (f"{key}: {value}" for key, value in sorted(attributes.items()))
        texts.append("\n".join((name, *lines)))
    return passage("Events", "\n\n".join(texts)[:LONGEST])
