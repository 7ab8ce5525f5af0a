"""What a promotion changes of the signature: who calls the model has to send what it takes."""

import asyncio
from collections.abc import Sequence

from opsboard.adapter import Difference, Finding
from opsboard.adapter.actions.findings import note, warning
from opsboard_adapters.mlflow.actions.snapshot import ModelReader, ModelSnapshot
from opsboard_adapters.mlflow.signatures import (
    PARTS,
    ModelFiles,
    VersionSignature,
    read_signature,
)
from opsboard_adapters.mlflow.structs import MLflowVersion


async def signature_changes(
    reader: ModelReader, snapshot: ModelSnapshot, before: MLflowVersion, after: MLflowVersion
) -> tuple[Sequence[Difference], Sequence[Finding]]:
    """Return what differs between the signatures of two versions, and what is to be known of it.

    A signature that is not known is never taken for the same one, nor for another one.
    """
    files = ModelFiles(reader.registry_api, reader.tracking_api)
    old, new = await asyncio.gather(
        *(read_signature(files, one, snapshot.origin(one)) for one in (before, after))
    )
    if old.unknown or new.unknown:
        return (), (_unknown(before, old, after, new),)
    changes = [
        Difference(
            group="signature", name=part, before=old.parts.get(part), after=new.parts.get(part)
        )
        for part in PARTS
        if old.parts.get(part) != new.parts.get(part)
    ]
    if not changes:
        return (), ()
    parts = ", ".join(one.name for one in changes)
    text = f"the signature differs ({parts}): what calls it may send what it does not take"
    return changes, (warning(text),)


def _unknown(
    before: MLflowVersion, old: VersionSignature, after: MLflowVersion, new: VersionSignature
) -> Finding:
    whose, why = (after, new.unknown) if new.unknown else (before, old.unknown)
    return note(f"signatures are not compared: of version {whose.version}, {why}")
