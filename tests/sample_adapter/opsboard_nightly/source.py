"""Asking a Nightly server."""

from collections.abc import AsyncIterator
from typing import Any, Final, Self

import httpx

from opsboard.adapter import (
    Check,
    Context,
    Detail,
    Fact,
    Facts,
    ListingCatalog,
    ListingColumn,
    ListingColumnType,
    ListingQuery,
    ListingRow,
    ListingType,
    ListingUpdate,
    LogLine,
    LogQuery,
    Malformed,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Permit,
    Poll,
    PollingSource,
    RequestRefused,
    SourceError,
    Unauthenticated,
    Unreachable,
    Unsupported,
    listing,
)
from opsboard.adapter.actions import ActionRunner
from opsboard.adapter.permit import refuse_unpermitted, require_permit
from opsboard.records import JSON, Build, Kind, Ref, Status
from opsboard.system.secrets import SecretError
from opsboard_nightly import NightlySettings
from opsboard_nightly.actions import Rerun
from opsboard_nightly.runners import RUNNER, Runner, read_runner

SCOPE: Final = "jobs"
_STATUS: Final = {"passed": Status.OK, "failed": Status.FAILED, "running": Status.RUNNING}


QUEUE: Final = ListingType(name="queue", title="Queue", aliases=("waiting",))
QUEUE_COLUMNS: Final = (
    ListingColumn(name="project"),
    ListingColumn(name="place", type=ListingColumnType.NUMBER),
    ListingColumn(name="waiting", type=ListingColumnType.TIME),
)


def _waiting(entry: dict[str, Any]) -> ListingRow:
    return ListingRow(
        key=str(entry["id"]),
        name=entry["name"],
        cells=(entry["project"], str(entry["place"]), entry["since"]),
    )


class NightlySource(PollingSource):
    """A Nightly server that is looked at now and then."""

    def __init__(self, settings: NightlySettings, context: Context) -> None:
        super().__init__(context)
        self._settings = settings
        self._client = httpx.AsyncClient(
            base_url=settings.url, timeout=10, event_hooks={"request": [refuse_unpermitted]}
        )
        self.action_runner = ActionRunner([Rerun()], context, self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def poll(self) -> Poll:
        jobs, runners = await self._jobs(), await self._runners()
        changes = (
            *listing(SCOPE, [self._build(job) for job in jobs]),
            *listing("runners", [self._read_runner(runner) for runner in runners]),
        )
        return Poll(changes, self._settings.every)

    async def checks(self) -> AsyncIterator[Check]:
        try:
            jobs = await self._jobs()
        except SourceError as error:
            yield Check("reachable", Status.FAILED, error.message, error.hint)
        else:
            yield Check("reachable", Status.OK, f"{len(jobs)} jobs")

    async def detail(self, ref: Ref) -> Detail:
        if ref.kind in {RUNNER.name, Kind.LISTED}:
            return await super().detail(ref)  # the board shows the fields, or the cells
        job = await self.job(ref.id)
        facts = tuple(Fact(label=key, value=str(value)) for key, value in sorted(job.items()))
        return Detail(record=self._build(job), sections=(Facts(title="Job", facts=facts),))

    async def raw(self, ref: Ref) -> JSON:
        if ref.kind in {RUNNER.name, Kind.LISTED}:
            return await super().raw(ref)
        return await self.job(ref.id)

    async def logs(self, ref: Ref, query: LogQuery) -> AsyncIterator[LogLine]:
        if ref.kind is not Kind.BUILD:
            raise Unsupported(f"{ref.kind} has no log")
        answer = await self._get(f"/jobs/{ref.id}/log")
        for line in answer.text.splitlines()[-query.tail :]:
            yield LogLine(text=line)

    async def listing_types(self) -> ListingCatalog:
        return ListingCatalog(types=(QUEUE,))

    async def listing(self, name: str, query: ListingQuery) -> AsyncIterator[ListingUpdate]:
        """Yield what waits for a runner, looked at every few seconds while somebody does."""
        if name != QUEUE.name:
            raise NotFound(f"Nightly has no listing {name!r}")
        columns: tuple[ListingColumn, ...] | None = QUEUE_COLUMNS
        known = set[str]()
        while True:
            rows = [_waiting(entry) for entry in await self._entries("/queue", "queue")]
            gone = sorted(known - {row.key for row in rows})
            known = {row.key for row in rows}
            yield ListingUpdate(rows, gone, columns, complete=True)
            columns = None
            await self.context.pause(5)

    async def run_again(self, number: str, permit: Permit) -> None:
        """Send it; what comes of a request that breaks off is uncertain."""
        require_permit(permit, f"POST /jobs/{number}/run")
        try:
            answer = await self._client.post(f"/jobs/{number}/run", headers=await self._login())
        except httpx.ConnectError as error:
            raise NotSent(f"{self._settings.url}: {error}", "check url") from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(f"POST /jobs/{number}/run: {type(error).__name__}") from None
        if answer.status_code >= 500:
            raise OutcomeUnknown(f"POST /jobs/{number}/run: {answer.status_code}")
        if answer.status_code != 202:
            raise RequestRefused(f"POST /jobs/{number}/run: {answer.status_code}")

    # --- the server ------------------------------------------------------------------------------

    async def _jobs(self) -> list[dict[str, Any]]:
        answer = await self._get("/jobs")
        try:
            return list(answer.json()["jobs"])
        except (ValueError, KeyError, TypeError):
            raise Malformed("GET /jobs: no list of jobs", "is the URL that of Nightly?") from None

    async def job(self, number: str) -> dict[str, Any]:
        for job in await self._jobs():
            if str(job["id"]) == number:
                return job
        raise NotFound(f"there is no job {number}")

    async def _runners(self) -> list[dict[str, Any]]:
        try:
            return list((await self._get("/runners")).json()["runners"])
        except NotFound:  # a server of before there were any
            return []
        except (ValueError, KeyError, TypeError):
            raise Malformed("GET /runners: no list of runners", "is it Nightly?") from None

    async def _entries(self, path: str, key: str) -> list[dict[str, Any]]:
        try:
            return list((await self._get(path)).json()[key])
        except (ValueError, KeyError, TypeError):
            raise Malformed(f"GET {path}: no list", "is it Nightly?") from None

    def _read_runner(self, told: dict[str, Any]) -> Runner:
        return read_runner(told, self.context.name, self.context.environment_of(told["name"]))

    def _build(self, job: dict[str, Any]) -> Build:
        return Build(
            source=self.context.name,
            id=str(job["id"]),
            name=job["name"],
            repository=job["project"],
            workflow="nightly",
            number=job["id"],
            state=job["state"],
            status=_STATUS.get(job["state"], Status.UNKNOWN),
            environment=self.context.environment_of(job["project"]),
            created_at=job["at"],
        )

    async def _get(self, path: str) -> httpx.Response:
        try:
            answer = await self._client.get(path, headers=await self._login())
        except httpx.HTTPError as error:
            raise Unreachable(
                f"{self._settings.url}: {error} ({type(error).__name__})", "check url"
            ) from None
        if answer.status_code == 401:
            raise Unauthenticated(f"GET {path}: {answer.text}", "fix the token")
        if answer.status_code == 404:
            raise NotFound(f"GET {path}: not found")
        return answer

    async def _login(self) -> dict[str, str]:
        if self._settings.token is None:
            return {}
        try:
            token = await self._settings.token.resolve(self.context.host_environ.env)
        except SecretError as error:
            raise Unauthenticated(str(error), "fix the token") from None
        self.context.register_secret(token)
        return {"Authorization": f"Bearer {token}"}
