"""Versions of prompts as rows of a listing, and as sides of a comparison."""

import asyncio
from collections.abc import Sequence
from typing import Final

from opsboard.adapter import (
    Comparand,
    ComparedGroup,
    ListingColumn,
    ListingColumnType,
    ListingRow,
    ListingType,
)
from opsboard.records import Ref, listed_key
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.mlflow.api import MLflowApi
from opsboard_adapters.mlflow.links import record_id, split_version_id
from opsboard_adapters.mlflow.prompt_page import (
    PROMPT_VERSIONS,
    aliases_of,
    read_prompt,
    template_of,
    users_tags,
)
from opsboard_adapters.mlflow.sections import iso
from opsboard_adapters.mlflow.structs import MLflowVersion, RegisteredModel, moment

LISTING: Final = ListingType(
    name=PROMPT_VERSIONS,
    title="Versions of prompts",
    aliases=("promptversions",),
    compared=True,
    order="-created",
)
COLUMNS: Final = (
    ListingColumn(name="aliases"),
    ListingColumn(name="says"),
    ListingColumn(name="created", type=ListingColumnType.TIME),
)


async def prompt_version_rows(api: MLflowApi, limit: int) -> Sequence[ListingRow]:
    """Return the rows of the newest versions of all prompts, about *limit* of them."""
    prompts, versions = await asyncio.gather(
        api.prompts(SkippedRecords("prompts")),
        api.newest_prompt_versions(SkippedRecords("versions"), limit),
    )
    known = {one.name: one for one in prompts}
    return [_row(known.get(one.name), one) for one in versions]


def _row(prompt: RegisteredModel | None, one: MLflowVersion) -> ListingRow:
    created = moment(one.creation_timestamp)
    aliases = aliases_of(prompt, one) if prompt is not None else []
    return ListingRow(
        key=record_id(one.name, one.version),
        name=f"{one.name} v{one.version}",
        cells=(", ".join(aliases), one.description, iso(created)),
        created_at=created,
    )


async def prompt_version_side(ref: Ref, api: MLflowApi) -> Comparand:
    """Return the version *ref* of a prompt as a side. Raises :exc:`NotFound`."""
    name, number = split_version_id(listed_key(ref)[1])
    prompt = await read_prompt(api, name)
    one = await api.version_of(name, number)
    return Comparand(
        ref=ref,
        title=f"v{one.version}",
        subject=one.name,
        note=", ".join(aliases_of(prompt, one)),
        created_at=moment(one.creation_timestamp),
        metrics=None,
        groups=(
            ComparedGroup(title="Template", text=template_of(one)),
            ComparedGroup(title="Says", text=one.description),
            ComparedGroup(title="Tags", pairs=tuple(sorted(users_tags(one.tags).items()))),
        ),
    )
