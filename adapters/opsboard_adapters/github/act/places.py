"""Where a run deploys to: what a re-run of it would change beside the run."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Caution
from opsboard_adapters.github.act.site import Site
from opsboard_adapters.github.act.wording import listed, note, reviewers, warning
from opsboard_adapters.github.api import Params
from opsboard_adapters.github.shapes import DeploymentStatus, Run

MOST: Final = 10
"""Deployments of a commit that are looked at."""
_RUN: Final = re.compile(r"/actions/runs/(\d+)(?:/|$)")
_FIRST: Final = ("production",)
"""Environments that decide, where a run deploys to several: what is protected counts."""


@dataclass(frozen=True, slots=True)
class Places:
    """The environments that a run has deployed to.

    *leading* is the one that counts, *approvals* says which of them wait for somebody.
    """

    names: tuple[str, ...]
    leading: str
    approvals: tuple[Caution, ...]

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What to know of them before the run is run again."""
        again = f"it deploys to {listed(self.names)} once more"
        return (warning(again), *self.approvals) if self.names else ()

    @classmethod
    async def of(cls, site: Site, repository: str, run: Run) -> "Places":
        """Find where *run* has deployed to, by the links of its commit's deployments."""
        names = await _names(site, repository, run) if run.head_sha else ()
        known = [site.context.environment_of(name) or name for name in names]
        leading = next((name for name in (*_FIRST, *known) if name in known), "")
        return cls(tuple(names), leading, await protections(site, repository, names))


async def _names(site: Site, repository: str, run: Run) -> Sequence[str]:
    params: Params = {"sha": run.head_sha or "", "per_page": MOST}
    found: list[str] = []
    for deployed in await site.deployments(repository, params):
        if deployed.environment in found:
            continue
        if run_of(await site.statuses(repository, deployed.id)) == run.id:
            found.append(deployed.environment)
    return found


def run_of(statuses: Sequence[DeploymentStatus]) -> int | None:
    """Return the number of the run that has made a deployment, by the links of its statuses."""
    for status in statuses:
        for url in (status.log_url, status.target_url):
            if match := _RUN.search(url or ""):
                return int(match[1])
    return None


async def protections(site: Site, repository: str, names: Sequence[str]) -> tuple[Caution, ...]:
    """Return who has to approve what is deployed to *names*."""
    found = []
    for name in names:
        environment = await site.environment(repository, name)
        who = reviewers(environment) if environment else ()
        if who:
            found.append(note(f"{name} waits for approval once more, by {listed(who)}"))
    return tuple(found)
