"""What ``opsboard doctor`` asks of the states."""

from collections.abc import AsyncIterator
from typing import Final

from opsboard.adapter import Check, SourceError
from opsboard.records import Status
from opsboard_adapters.terraform.backends.backend import Backend, StateAddress
from opsboard_adapters.terraform.poller import matches
from opsboard_adapters.terraform.settings import TerraformSettings

MAX_TESTED: Final = 25
"""Workspaces that are tested one by one."""


async def run(settings: TerraformSettings, backend: Backend) -> AsyncIterator[Check]:
    """Yield a check for each thing that has to work."""
    try:
        found = await backend.addresses()
        more = await backend.check()
    except SourceError as error:
        yield _failed("readable", error)
        return
    wanted = [one for one in found if matches(one, settings.workspaces)]
    if not wanted:
        hint = "is it the folder of a configuration that was applied? `terraform state list`"
        yield Check("workspaces", Status.WARNING, f"no state in {backend.address}", hint)
        return
    count = f"{len(wanted):,} workspaces" if len(wanted) != 1 else "1 workspace"
    yield Check("workspaces", Status.OK, f"{count} in {backend.address}")
    if more is not None:
        yield more
    for one in wanted[:MAX_TESTED]:
        yield await _readable(backend, one)
    if len(wanted) > MAX_TESTED:
        rest = len(wanted) - MAX_TESTED
        yield Check("permitted", Status.UNKNOWN, f"{rest:,} more workspaces were not tested")


async def _readable(backend: Backend, one: StateAddress) -> Check:
    try:
        content = await backend.read(one, "")
    except SourceError as error:
        return _failed(one.name, error)
    if content is None or content.body is None:
        return Check(one.name, Status.OK, "there is no state yet")
    return Check(one.name, Status.OK, f"{len(content.body) / 1024:,.0f} KiB can be read")


def _failed(subject: str, error: SourceError) -> Check:
    return Check(subject, Status.FAILED, error.message, error.hint)
