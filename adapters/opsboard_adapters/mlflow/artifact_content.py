"""What an artifact says: text, and small tables as tables; all of it bounded.

Told apart by the name, and where that says nothing, by the bytes.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from opsboard.adapter import Fact, Facts, Grid, GridRow, Section, TextSection

MAX_BYTES: Final = 256 * 1024
"""Bytes of an artifact that is read."""
MAX_LINES: Final = 1_000
MAX_ROWS: Final = 100
MAX_COLUMNS: Final = 20
"""What is shown of a text, and of a table."""
_LONGEST_CELL: Final = 200
_SEPARATORS: Final = {".csv": ",", ".tsv": "\t"}
_IMAGES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".svg", ".tif", ".tiff", ".ico"}
)
_NOT_READ: Final = frozenset(
    {".parquet", ".pkl", ".pickle", ".joblib", ".pt", ".pth", ".onnx", ".h5", ".keras", ".npy",
     ".npz", ".safetensors", ".zip", ".gz", ".tar", ".whl", ".pdf", ".bin", ".cbm", ".ubj"}
)  # fmt: skip


def not_read_reason(path: str) -> str:
    """Return why an artifact of this name is not read at all, or ``""``."""
    ending = PurePosixPath(path).suffix.lower()
    if ending in _IMAGES:
        return "an image: the page of MLflow shows it"
    if ending in _NOT_READ:
        return f"{ending[1:]} is not shown here"
    return ""


def content_sections(path: str, data: bytes) -> list[Section]:
    """Return what the artifact at *path* says."""
    if b"\0" in data:
        return [Facts(title="Content", facts=(Fact(label="Not shown", value="it is binary"),))]
    text = data.decode("utf-8", "replace")
    ending = PurePosixPath(path).suffix.lower()
    if ending in _SEPARATORS and (table := _separated(text, _SEPARATORS[ending])) is not None:
        return [table]
    if ending == ".json":
        return [_json(text)]
    return [_text(text)]


def _text(text: str) -> TextSection:
    lines = text.splitlines()
    more = len(lines) - MAX_LINES
    title = f"Content, the first {MAX_LINES:,} of {len(lines):,} lines" if more > 0 else "Content"
    return TextSection(title=title, text="\n".join(lines[:MAX_LINES]) or "(empty)")


def _separated(text: str, separator: str) -> Grid | None:
    """Return the table in *text*, whose first line names its columns; ``None`` for no table."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
    except csv.Error:
        return None
    return _table(rows[0], rows[1 : MAX_ROWS + 1], len(rows) - 1) if rows else None


def _json(text: str) -> Section:
    try:
        read = json.loads(text)
        if (table := _json_table(read)) is not None:
            return table
        return _text(json.dumps(read, indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):
        return _text(text)


def _json_table(read: Any) -> Grid | None:
    """Return *read* as a table: of objects alike, or as pandas splits one (``log_table``)."""
    if isinstance(read, Mapping) and {"columns", "data"} <= read.keys():
        columns, data = read["columns"], read["data"]
        if isinstance(columns, list) and _are_all(data, list):
            return _table([str(one) for one in columns], data[:MAX_ROWS], len(data))
        return None
    if not read or not _are_all(read, dict):
        return None
    shown = read[:MAX_ROWS]
    named = dict.fromkeys(str(key) for row in shown for key in row)
    return _table([*named], [[row.get(name) for name in named] for row in shown], len(read))


def _are_all(values: Any, shape: type) -> bool:
    return isinstance(values, list) and all(isinstance(one, shape) for one in values)


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]], total: int) -> Grid:
    """Return the first *rows* of *total* as a table."""
    wide = max([len(names), *map(len, rows)])
    count = min(wide, MAX_COLUMNS)
    columns = [names[at] if at < len(names) else "" for at in range(count)]
    title = f"Table, the first {len(rows)} of {total:,} rows" if total > len(rows) else "Table"
    if wide > count:
        title += f", {count} of {wide:,} columns"
    return Grid(
        title=title,
        columns=tuple(name.strip() or f"({at})" for at, name in enumerate(columns, 1)),
        rows=tuple(GridRow(cells=tuple(_cells(row, count))) for row in rows),
        empty="no rows",
    )


def _cells(row: Sequence[Any], count: int) -> Iterable[str]:
    for at in range(count):
        value = row[at] if at < len(row) else None
        if value is None:
            yield ""
        elif isinstance(value, str):
            yield value[:_LONGEST_CELL]
        else:
            yield json.dumps(value, ensure_ascii=False)[:_LONGEST_CELL]
