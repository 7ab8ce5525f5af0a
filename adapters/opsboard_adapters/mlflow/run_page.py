"""The page of a run of a listing: its place, what was logged to it, and what was made of it."""

import asyncio
from dataclasses import replace

from opsboard.adapter import Detail, SourceError
from opsboard.records import Ref, Status, listed_key, row_of
from opsboard_adapters.listing.completeness import SkippedRecords, unread_section
from opsboard_adapters.mlflow.actions.edited_object import NOTE
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.artifacts import MAX_ARTIFACTS, artifacts_section
from opsboard_adapters.mlflow.detail import MLflowDetailReader
from opsboard_adapters.mlflow.lineage import VersionOrigin
from opsboard_adapters.mlflow.run_relations import belongs_to, children, registered_as
from opsboard_adapters.mlflow.sections import pairs_grid, passage
from opsboard_adapters.mlflow.states import RUN_STATES
from opsboard_adapters.mlflow.structs import moment


async def run_page(
    ref: Ref, api: MLflowApi, registry_api: MLflowApi, reader: MLflowDetailReader
) -> Detail:
    """Return the page of the run *ref*. Raises :exc:`NotFound`."""
    _, run_id = listed_key(ref)
    run = await api.run(run_id)
    faults: list[SourceError] = []
    (facts, *sections), place, nested, registered, artifacts = await asyncio.gather(
        reader.origin_sections(VersionOrigin(run), faults),
        belongs_to(ref.source, run, api),
        children(ref.source, run, api, faults),
        registered_as(ref.source, run, registry_api, faults),
        artifacts_section(ref.source, api, run_id, faults, most=MAX_ARTIFACTS),
    )
    record = replace(
        row_of(ref),
        name=run.info.run_name or run.id,
        status=RUN_STATES.get(run.info.status, Status.UNKNOWN),
        created_at=moment(run.info.start_time),
        url=reader.run_url(run),
        compared=True,
    )
    tags = dict(run.data.tags)
    description = tags.pop(NOTE, "")
    return Detail(
        record=record,
        sections=(
            facts,
            *passage("Description", description),
            place,
            *nested,
            *registered,
            *sections,
            artifacts,
            pairs_grid("Tags", tags),
            *unread_section(faults, SkippedRecords("history")),
        ),
    )
