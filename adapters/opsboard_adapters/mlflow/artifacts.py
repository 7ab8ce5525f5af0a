"""The artifacts of a run: what there is, and the page of a folder or a file."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, NotFound, Section, SourceError
from opsboard.records import Ref, listed_key, listed_ref, row_of
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.artifact_content import (
    MAX_BYTES,
    content_sections,
    not_read_reason,
)

ARTIFACTS: Final = "artifacts"
"""What artifacts are listed as: on the page of their run, and on those of its folders."""
MAX_ARTIFACTS, MAX_IN_FOLDER = 200, 2_000
"""Artifacts that are listed on the page of a run, and on that of a folder, which has them alone.

The folder that all of a run are in has a page too, to which its own leads where it has more."""


class RunArtifact(NamedTuple):
    """A file of a run, of *size* bytes as far as that is known, or a folder."""

    path: str
    is_folder: bool
    size: int | None


async def artifacts_in(api: MLflowApi, run_id: str, folder: str = "") -> list[RunArtifact]:
    """Return what is in a *folder* of a run; at the top, where none is given."""
    query = {"run_id": run_id, **({"path": folder} if folder else {})}
    found = (await api.get("artifacts/list", query)).get("files")
    return [
        _artifact(one)
        for one in (found if isinstance(found, list) else [])
        if isinstance(one, dict) and isinstance(one.get("path"), str)
    ]


def _artifact(told: dict[str, Any]) -> RunArtifact:
    size = str(told.get("file_size", ""))
    known = int(size) if size.isdecimal() and size.isascii() and len(size) < 20 else None
    return RunArtifact(told["path"], told.get("is_dir") is True, known)


async def artifacts_section(
    source: str,
    api: MLflowApi,
    run_id: str,
    faults: list[SourceError],
    folder: str = "",
    *,
    most: int = MAX_IN_FOLDER,
) -> Grid:
    """Return what is in a folder of a run as a table; *faults* takes why it could not be read.

    A row at its end leads to those beyond *most*, or says where else they are listed.
    """
    try:
        found = await artifacts_in(api, run_id, folder)
    except NotFound:
        return Grid(title="Artifacts", columns=("Path",), empty="the server does not list them")
    except SourceError as error:
        faults.append(error)
        return Grid(title="Artifacts", columns=("Path",), empty="could not be read")
    rows = [
        GridRow(
            cells=(
                f"{one.path}{'/' if one.is_folder else ''}",
                "" if one.size is None or one.is_folder else f"{one.size:,}",
            ),
            ref=listed_ref(source, ARTIFACTS, f"{run_id}/{one.path}"),
        )
        for one in found[:most]
    ]
    title = "Artifacts"
    if more := len(found) - len(rows):
        title = f"{title}, the first {len(rows):,} of {len(found):,}"
        rest = (
            _elsewhere(more) if most == MAX_IN_FOLDER else _rest(source, run_id, more, len(found))
        )
        rows.append(rest)
    return Grid(title=title, columns=("Path", "Bytes"), rows=tuple(rows))


def _rest(source: str, run_id: str, more: int, count: int) -> GridRow:
    """Return the row that leads to the page of the folder that all artifacts of a run are in."""
    return GridRow(
        cells=(f"... {more:,} more: the list of all {count:,}", ""),
        ref=listed_ref(source, ARTIFACTS, f"{run_id}/"),
    )


def _elsewhere(more: int) -> GridRow:
    return GridRow(cells=(f"... {more:,} more, which the page of the run on MLflow lists", ""))


async def artifact_page(ref: Ref, api: MLflowApi) -> Detail:
    """Return the page of the artifact *ref*. Raises :exc:`NotFound`."""
    _, key = listed_key(ref)
    run_id, _, path = key.partition("/")
    one = await _found(api, run_id, path) if path else RunArtifact("", True, None)
    faults: list[SourceError] = []
    name = PurePosixPath(path).name or path or f"all of run {run_id}"
    record = replace(row_of(ref), name=name)
    if one.is_folder:
        inside = await artifacts_section(ref.source, api, run_id, faults, path)
        if faults:
            raise faults[0]
        return Detail(record=record, sections=(inside,))
    size = "not known" if one.size is None else f"{one.size:,}"
    told = (("Path", path), ("Bytes", size), ("Run", run_id))
    facts = tuple(Fact(label=label, value=value) for label, value in told)
    content = await _content(api, run_id, one)
    return Detail(record=record, sections=(*content, Facts(title="Artifact", facts=facts)))


async def _found(api: MLflowApi, run_id: str, path: str) -> RunArtifact:
    """Return what its folder says of an artifact: of what is too large, nothing is read."""
    parent = PurePosixPath(path).parent.as_posix()
    inside = await artifacts_in(api, run_id, "" if parent == "." else parent)
    for one in inside:
        if one.path == path:
            return one
    raise NotFound(f"the run {run_id} has no artifact {path}", "go back, and refresh")


async def _content(api: MLflowApi, run_id: str, one: RunArtifact) -> list[Section]:
    why = not_read_reason(one.path)
    if not why and one.size is not None and one.size > MAX_BYTES:
        why = f"it has {one.size:,} bytes; {MAX_BYTES // 1024} KiB are read at most"
    if why:
        return [Facts(title="Content", facts=(Fact(label="Not shown", value=why),))]
    data = await api.artifact(run_id, one.path)
    return content_sections(one.path, data[:MAX_BYTES])
