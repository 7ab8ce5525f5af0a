"""The jobs of a run."""

from collections.abc import Sequence
from typing import Final

from opsboard_adapters.github.api import PAGE, Api
from opsboard_adapters.github.shapes import Job, read_all

JOBS: Final = 500
"""Jobs of a run that are read at most."""


async def all_jobs(api: Api, path: str) -> Sequence[Job]:
    """Return the jobs of the run, or the attempt, at *path*."""
    jobs: list[Job] = []
    for page in range(1, JOBS // PAGE + 1):
        body = await api.object(f"{path}/jobs", {"per_page": PAGE, "page": page})
        jobs += read_all(Job, body.get("jobs"))
        if len(jobs) >= int(body.get("total_count") or 0) or not body.get("jobs"):
            break
    return jobs
