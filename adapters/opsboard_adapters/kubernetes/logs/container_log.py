"""The log of one container, over any number of connections.

The server resumes a log by time alone (``sinceTime``), and by whole seconds: what had come of that
second comes again, and is left out by what it says.
"""

from collections import Counter, deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Final, TypeAlias

from opsboard.adapter import Forbidden, LogLine, SourceError
from opsboard_adapters import http
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.logs.containers import LogContainer, end_text, is_failure
from opsboard_adapters.kubernetes.permissions import permission_hint
from opsboard_adapters.kubernetes.structs import V1ContainerStateDetails
from opsboard_adapters.times import as_utc

BACKLOG_BYTES: Final = 48 * 1024 * 1024
"""Bytes of the past that are held while the lines of all containers are put in order."""

Parameters: TypeAlias = Mapping[str, str | int | bool]


class SeenLines:
    """Knows which lines have come, of those that may come again after a break."""

    def __init__(self) -> None:
        self._first: datetime | None = None
        self._second: datetime | None = None
        self._recent: list[int] = []
        self._again: Counter[int] | None = None

    @property
    def resume_time(self) -> datetime | None:
        """From when on the log has to be read again, ``None`` for all of it."""
        return self._second

    def resume(self) -> None:
        """Take note that the log is read again from :attr:`resume_time` on."""
        self._again = Counter(self._recent)

    def admit(self, at: datetime | None, raw: bytes) -> bool:
        """Return whether *raw*, written *at* that time, is new; and remember it if so."""
        if self._again is not None and self._is_repeat(at, raw, self._again):
            return False
        if at is not None:
            self._first = self._first or at
            second = at.replace(microsecond=0)
            if self._second is None or second > self._second:
                self._second, self._recent, self._again = second, [], None
        self._recent.append(hash(raw))
        return True

    def _is_repeat(self, at: datetime | None, raw: bytes, again: Counter[int]) -> bool:
        if at is not None and self._first is not None and at < self._first:
            return True  # older than the lines that were asked for
        key = hash(raw)
        if again[key] <= 0:
            return False
        again[key] -= 1
        return True


class ContainerLog:
    """Reads the log of *target*, which is replaced by what is known of it later.

    Of what is said about the container, each thing is said once.
    """

    def __init__(self, target: LogContainer, since: datetime | None) -> None:
        self.target = target
        self.gone = False
        """Whether its pod is there no more."""
        self._since = since
        self._seen = SeenLines()
        self._told_ends: set[object] = set()

    @property
    def is_over(self) -> bool:
        """Whether nothing will be written any more."""
        ended = self.target.status.state.terminated is not None
        return self.gone or (ended and (self.target.pod_ended or self.target.init))

    # --- what was written ------------------------------------------------------------------------

    async def backlog(
        self,
        client: ClusterClient,
        cluster: ClusterContext,
        *,
        tail: int,
        share: int,
        previous: bool = False,
    ) -> list[LogLine]:
        """Return the last *tail* lines, of no more than *share* bytes.

        Where the instance before has failed and another has started, its lines come first; with
        *previous*, it alone is read. Raises :exc:`SourceError`.
        """
        lines = _Bounded(share)
        earlier = self.target.previous_end
        if previous or is_failure(earlier):
            before = ContainerLog(self.target, self._since)
            asked: Parameters = {"tailLines": tail, "previous": True}
            try:
                await lines.read(before._stream(client, cluster, asked))
            except SourceError:  # where it is gone, that matters only if it was asked for
                if previous:
                    raise
            if earlier is not None:
                lines.extend(self._end(cluster, earlier, "previous container"))
        if not previous:
            await lines.read(self._stream(client, cluster, {"tailLines": tail}))
            lines.extend(self.ends(cluster))
        return lines.result(self.target)

    # --- what is added ---------------------------------------------------------------------------

    async def follow(
        self, client: ClusterClient, cluster: ClusterContext
    ) -> AsyncGenerator[LogLine, None]:
        """Yield what is new until the server ends the log. Raises :exc:`SourceError`."""
        self._seen.resume()
        async with aclosing(self._stream(client, cluster, {"follow": True})) as lines:
            async for line in lines:
                yield line

    def ends(self, cluster: ClusterContext) -> list[LogLine]:
        """Return what is to be said about an instance that has ended, if it was not said yet."""
        end = self.target.last_end
        return [] if end is None else self._end(cluster, end, "container")

    def _end(
        self, cluster: ClusterContext, end: V1ContainerStateDetails, what: str
    ) -> list[LogLine]:
        key, failed = end.finished_at or self.target.status.restart_count, is_failure(end)
        if key in self._told_ends or not (failed or self.target.pod_ended):
            return []
        self._told_ends.add(key)
        here = what == "container" or not self.target.status.ready
        at, text = cluster.time(end.finished_at), f"(the {what} ended: {end_text(end)})"
        return [self.note(text, at, error=failed, failed=failed and here)]

    def note(
        self, text: str, at: datetime | None = None, *, error: bool = False, failed: bool = False
    ) -> LogLine:
        """Return what the board itself has to say about the container."""
        return LogLine(
            text, at, self.target.name, group=self.target.pod, error=error, failed=failed
        )

    # --- a connection ----------------------------------------------------------------------------

    async def _stream(
        self, client: ClusterClient, cluster: ClusterContext, asked: Parameters
    ) -> AsyncGenerator[LogLine, None]:
        parameters: dict[str, str | int | bool] = {
            "container": self.target.name,
            "timestamps": True,
            "follow": False,
            "previous": False,
            **asked,
        }
        if (since := self._seen.resume_time or self._since_there(cluster)) is not None:
            parameters["sinceTime"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            async with client.log_lines(self.target.path, parameters) as lines:
                async for raw in lines:
                    if (line := self._parse(raw, cluster)) is not None:
                        yield line
        except Forbidden as error:
            hint = permission_hint("pods/log", self.target.namespace, "get")
            raise Forbidden(error.message, hint) from None

    def _since_there(self, cluster: ClusterContext) -> datetime | None:
        """Return since when lines are wanted, on the clock of the cluster."""
        return None if self._since is None else self._since + cluster.clock_skew

    def _parse(self, raw: bytes, cluster: ClusterContext) -> LogLine | None:
        """Return a line (``timestamps=true``) that has not come before."""
        stamp, _, text = raw.decode("utf-8", "replace").partition(" ")
        written = _time(stamp)
        if not self._seen.admit(written, raw):
            return None
        at = None if written is None else written - cluster.clock_skew
        return LogLine(
            text if written else f"{stamp} {text}".rstrip(),
            at,
            self.target.name,
            group=self.target.pod,
            omitted=http.omitted_bytes(raw),
        )


def _time(stamp: str) -> datetime | None:
    try:
        return as_utc(datetime.fromisoformat(stamp))
    except (ValueError, OverflowError):
        return None


class _Bounded:
    """The last lines, of which no more than *share* bytes are kept."""

    def __init__(self, share: int) -> None:
        self._room = share
        self._lines: deque[LogLine] = deque()
        self._dropped = 0

    def add(self, line: LogLine) -> None:
        """Add *line*; the oldest ones make room for it."""
        self._lines.append(line)
        self._room -= len(line.text)
        while self._room < 0 and len(self._lines) > 1:
            self._room += len(self._lines.popleft().text)
            self._dropped += 1

    async def read(self, lines: AsyncGenerator[LogLine, None]) -> None:
        """Add all *lines*."""
        async with aclosing(lines):
            async for line in lines:
                self.add(line)

    def extend(self, lines: list[LogLine]) -> None:
        """Add several."""
        for line in lines:
            self.add(line)

    def result(self, target: LogContainer) -> list[LogLine]:
        """Return the lines, and before them how many are left out."""
        if not self._dropped:
            return list(self._lines)
        said = f"({self._dropped:,} older lines are left out: all of them are too large)"
        return [LogLine(said, self._lines[0].at, target.name, group=target.pod), *self._lines]
