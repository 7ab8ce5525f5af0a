"""The jobs of a run."""

from collections.abc import Sequence
from typing import Final

from opsboard.adapter import Malformed
from opsboard_adapters.github.api import PAGE_SIZE, GitHubApi
from opsboard_adapters.github.models import GitHubJob, GitHubPage, name_of_job
from opsboard_adapters.http.decoding import decode_each, decode_page
from opsboard_adapters.listing.completeness import SkippedRecords

MAX_JOBS: Final = 500
"""Jobs of a run that are read at most."""


async def all_jobs(api: GitHubApi, path: str) -> Sequence[GitHubJob]:
    """Return the jobs of the run, or the attempt, at *path*. Raises :exc:`Malformed` for an odd
    one: an act is judged by all of them."""
    skips = SkippedRecords(path)
    jobs = await readable_jobs(api, path, skips)
    if (odd := skips.report(len(jobs) + skips.count)) is not None:
        raise Malformed(f"jobs of {path}: {odd.sentence}", "look at the run on GitHub")
    return jobs


async def readable_jobs(api: GitHubApi, path: str, skips: SkippedRecords) -> Sequence[GitHubJob]:
    """Return those jobs that can be read; *skips* takes note of the others."""
    jobs: list[GitHubJob] = []
    for number in range(1, MAX_JOBS // PAGE_SIZE + 1):
        answer = await api.get_cached(f"{path}/jobs", {"per_page": PAGE_SIZE, "page": number})
        page, items = await decode_page(answer, GitHubPage, "jobs")
        jobs += await decode_each(items, GitHubJob, skips, name_of_job)
        if len(jobs) + skips.count >= page.total_count or not items:
            break
    return jobs
