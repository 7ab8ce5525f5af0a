"""What to read in place of a table without rows: why there are none, and what can be done."""

from collections.abc import Sequence

from opsboard.adapter import Condition
from opsboard.board.source_state import SourceState
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind
from opsboard.views.panes import PaneSpec
from opsboard.views.rows import RowModel


def table_placeholder(
    spec: PaneSpec, model: RowModel, sources: Sequence[SourceState], as_of: str = ""
) -> str:
    """Return what to read in place of the rows of *model*; nothing where there are some.

    *as_of* is the time that an earlier board is of.
    """
    if len(model):
        return ""
    if model.only_wrong and model.total and not model.filter:
        return "Nothing is wrong. Esc shows all of them."
    if model.filter:
        near = model.suggested_filter()
        text = f"None of {model.total:,} matches {model.filter.text!r}"
        return f"{text}{f'; {near}' if near else '.'} Esc drops the filter."
    if model.foreign and not model.total:
        return f"None of {model.foreign:,} matches {spec.filter!r}, the filter of this view."
    return empty_table_text(spec, sources, as_of)


def empty_table_text(spec: PaneSpec, sources: Sequence[SourceState], as_of: str = "") -> str:
    """Return what to read where there are no rows, and below it why, and what can be done.

    What is below the first line may hold for other tables too: a board tells it once.
    """
    what = spec.title.lower()
    if not sources:
        why = "No source is configured: `opsboard init` writes a config of what is found here."
        return f"No {what}.\n{why}"
    if _is_nobodys(spec, sources):
        titles = ", ".join(dict.fromkeys(source.title for source in sources))
        hint = "`opsboard init --print` prints a config of what is found here."
        return f"No source has {what}: there is {titles} alone.\n{hint}"
    if as_of and (said := _earlier_text(spec, sources, as_of)):
        return said
    kept_back = [source for source in sources if source.has_answered and not source.is_complete]
    when, there = (f"as of {as_of}", f" as of {as_of}") if as_of else ("yet", "")
    lines = [f"No {what} are known {when}." if kept_back else f"No {what}{there}."]
    if not all(source.has_answered for source in sources):
        lines = [f"No {what} yet: asking."]
    elif spec.id == "alerts" and not kept_back:
        lines = [f"Nothing was wrong{there}." if as_of else "Nothing is wrong."]
    for source in kept_back:
        hint = f" ({source.health.hint})" if source.health.hint else ""
        why = source.health.message or f"no data: {source.health.condition}"
        lines.append(f"{source.name}: {why}{hint}")
    return "\n".join(lines)


def _earlier_text(spec: PaneSpec, sources: Sequence[SourceState], as_of: str) -> str:
    """Return why an earlier board cannot have rows of the table, or not yet; ``""`` where it can.

    What was done from here is no record of a source, and is kept in the audit trail.
    """
    kind = KINDS.get(spec.kind)
    if spec.kind is Kind.ACTIVITY:
        return f"The board as of {as_of} has no actions: :timeline tells what was done."
    if kind is not None and kind.from_sources and not kind.recorded:
        return f"{spec.title} are not recorded: the board as of {as_of} has none."
    starting = (one.health for one in sources if one.health.condition is Condition.STARTING)
    missing = next((health.message for health in starting if health.message), "")
    return f"No {spec.title.lower()} yet: {missing}." if missing else ""


def _is_nobodys(spec: PaneSpec, sources: Sequence[SourceState]) -> bool:
    """Tell whether it is known that none of *sources* can have a row of the table.

    Alerts come of all kinds of record.
    """
    kind = KINDS.get(spec.kind)
    if kind is None or not kind.from_sources or spec.kind is Kind.ALERT:
        return False
    return all(source.kinds and spec.kind not in source.kinds for source in sources)
