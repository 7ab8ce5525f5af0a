"""What is read where there are no rows."""

from collections.abc import Sequence

from opsboard.board.state import SourceState
from opsboard.views.panes import PaneSpec
from opsboard.views.rows import RowModel


def table_placeholder(spec: PaneSpec, model: RowModel, sources: Sequence[SourceState]) -> str:
    """Return what to read in place of the rows of *model*; nothing where there are some."""
    if len(model):
        return ""
    if model.filter:
        near = model.suggested_filter()
        told = f"None of {model.total:,} matches {model.filter.text!r}"
        return f"{told}{f'; {near}' if near else '.'} Esc drops the filter."
    return empty_table_text(spec, sources)


def empty_table_text(spec: PaneSpec, sources: Sequence[SourceState]) -> str:
    """Return what to read where there are no rows: why, and what can be done."""
    what = spec.title.lower()
    if not sources:
        return f"No source, so no {what}. `opsboard init` writes a config of what is found here."
    kept_back = [source for source in sources if source.has_answered and not source.is_complete]
    lines = [f"No {what} are known yet." if kept_back else f"No {what}."]
    if not all(source.has_answered for source in sources):
        lines = [f"No {what} yet: asking."]
    elif spec.id == "alerts" and not kept_back:
        lines = ["Nothing is wrong."]
    for source in kept_back:
        hint = f" ({source.health.hint})" if source.health.hint else ""
        why = source.health.message or f"has told nothing: {source.health.condition}"
        lines.append(f"{source.name}: {why}{hint}")
    return "\n".join(lines)
