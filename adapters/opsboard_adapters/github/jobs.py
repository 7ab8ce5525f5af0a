"""The jobs of a run."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Malformed
from opsboard_adapters.github.api import PAGE, Api
from opsboard_adapters.github.shapes import Job, Page, name_of_job
from opsboard_adapters.http.decoding import decode_each, decode_page
from opsboard_adapters.http.skips import Skips

JOBS: Final = 500
"""Jobs of a run that are read at most."""


async def all_jobs(api: Api, path: str) -> Sequence[Job]:
    """Return the jobs of the run, or the attempt, at *path*. Raises :exc:`Malformed` for an odd
    one: an act is judged by all of them."""
    skips = Skips(path)
    jobs = await readable_jobs(api, path, skips)
    if (odd := skips.news(len(jobs) + skips.count)) is not None:
        raise Malformed(f"jobs of {path}: {odd.sentence}", "look at the run on GitHub")
    return jobs


async def readable_jobs(api: Api, path: str, skips: Skips) -> Sequence[Job]:
    """Return those jobs that can be read; *skips* takes note of the others."""
    jobs: list[Job] = []
    for number in range(1, JOBS // PAGE + 1):
        answer = await api.recall(f"{path}/jobs", {"per_page": PAGE, "page": number})
        page, items = await decode_page(answer, Page, "jobs")
        jobs += await decode_each(items, Job, skips, name_of_job)
        if len(jobs) + skips.count >= page.total_count or not items:
            break
    return jobs
