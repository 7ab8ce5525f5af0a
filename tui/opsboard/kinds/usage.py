"""CPU and memory in tables: what is used, beside the limit or else the request."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from opsboard.kinds.columns import Cell, CellRole, Column
from opsboard.records import Status

NEAR_LIMIT: Final = 0.9
"""Share of a memory limit from which on the kernel may soon kill the container."""

_KIB: Final = 1024
_UNITS: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi")


def cpu_text(cores: float | None) -> str:
    """Return *cores* as Kubernetes writes them: ``120m``, ``1.5``; ``""`` for ``None``."""
    if cores is None:
        return ""
    if cores < 0.9995:  # what would be rounded to 1000m is 1
        return f"{cores * 1000:.0f}m"
    return f"{cores:.3g}" if cores < 100 else f"{cores:.0f}"


def memory_text(size: float | None) -> str:
    """Return *size* in bytes with three digits: ``256Mi``, ``1.5Gi``; ``""`` for ``None``."""
    if size is None:
        return ""
    unit = 0
    while size >= _KIB - 0.5 and unit < len(_UNITS) - 1:
        size, unit = size / _KIB, unit + 1
    digits = f"{size:.0f}" if size >= 100 or unit == 0 else f"{size:.3g}"
    return f"{digits}{_UNITS[unit]}"


def usage_column(
    field: str, title: str, write: Callable[[float | None], str], width: int
) -> Column:
    """Return the column of what is used of *field*, with the limit, or else the request."""

    def bound(record: Any) -> float | None:
        limit: float | None = getattr(record, f"{field}_limit")
        return getattr(record, f"{field}_request") if limit is None else limit

    def show(record: Any, _: datetime) -> Cell:
        used, of = getattr(record, field), bound(record)
        if used is None:
            return Cell(f"-/{write(of)}" if of is not None else "", role=CellRole.MUTED)
        text = f"{write(used)}/{write(of)}" if of is not None else write(used)
        limit = getattr(record, f"{field}_limit")
        near = field == "memory" and limit and used >= NEAR_LIMIT * limit
        return Cell(text, Status.WARNING if near else None)

    def key(record: Any) -> float:
        used: float | None = getattr(record, field)
        return -1.0 if used is None else float(used)

    return Column(
        field,
        title,
        show,
        key,
        width,
        13,
        4,
        right=True,
        number=lambda record: getattr(record, field),
    )


CPU: Final = usage_column("cpu", "cpu", cpu_text, 9)
MEMORY: Final = usage_column("memory", "memory", memory_text, 11)
