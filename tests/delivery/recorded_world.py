"""A history that a test writes down state by state, as a ledger would give it."""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from opsboard.delivery.figures import DeliveryWindow, LaneFigures
from opsboard.delivery.read_delivery import DeliveryHistory, read_delivery
from opsboard.history.model import Gap, GapReason, Transition
from opsboard.records import (
    Activity,
    Commit,
    CommitComparison,
    ComparisonState,
    Deployment,
    Drift,
    Kind,
    Model,
    PullRequest,
    PullRequestState,
    Record,
    Ref,
    Status,
)
from opsboard.records.claims import stated
from opsboard.records.identity import commit, image
from opsboard.records.models import Alias

START = datetime(2026, 1, 1, tzinfo=UTC)
REPOSITORY = "https://github.com/acme/shop"
OK, BAD, GOING = Status.OK, Status.FAILED, Status.RUNNING


def at(hours: float) -> datetime:
    """Return the time so many hours after the beginning."""
    return START + timedelta(hours=hours)


def digest(name: str) -> str:
    return "sha256:" + name.encode().hex().rjust(64, "0")[-64:]


def sha(name: str) -> str:
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


def workload(
    tag: str, status: Status = OK, *, name: str = "shop", cluster: str = "eu", **fields: Any
) -> Deployment:
    """Return a workload that runs *tag*, of which digest and commit go by the same name."""
    what = fields.pop("digest", digest(tag))
    head = fields.pop("head", sha(tag))
    values: dict[str, Any] = {
        "source": "k8s", "id": f"{cluster}/{name}/{fields.get('environment', 'production')}",
        "name": name, "workload": "Deployment", "cluster": cluster, "namespace": "shop",
        "environment": "production", "images": (f"registry.example/shop/{name}:{tag}",),
        "revision": tag, "desired": 2, "updated": 2, "ready": 2, "available": 2, "status": status,
        "reason": "CrashLoopBackOff" if status is BAD else "",
        "inputs": stated(image(what, "pod imageID"), commit(REPOSITORY, head, "declared")),
    }  # fmt: skip
    return Deployment(**{**values, **fields})


class RecordedWorld:
    """What was recorded. It answers what :class:`~opsboard.history.reader.LedgerReader` does."""

    def __init__(self) -> None:
        self.rows: list[Transition] = []
        self.missing: list[Gap] = [Gap("k8s", "all", None, START, GapReason.NO_BOARD)]
        self.acts: list[Activity] = []
        self._last: dict[Ref, Record | None] = {}

    # --- writing ---------------------------------------------------------------------------------

    def sees(
        self,
        hours: float,
        record: Record | None,
        *,
        ref: Ref | None = None,
        since: float | None = None,
        **fields: Any,
    ) -> None:
        """Record that *record* became so; with *since*, at some time from then on."""
        whose = ref or (record.ref if record is not None else None)
        assert whose is not None
        time, before = at(hours), self._last.get(whose)
        earliest = None if since is None else at(since)
        self.rows.append(
            Transition(
                len(self.rows) + 1, whose, "all", time, time, before, record, earliest,
                baseline=whose not in self._last, **fields,
            )
        )  # fmt: skip
        self._last[whose] = record

    def runs(self, hours: float, tag: str, status: Status = OK, **fields: Any) -> None:
        """Record that a workload runs *tag*."""
        told = {key: fields.pop(key) for key in ("since", "act", "actor") if key in fields}
        self.sees(hours, workload(tag, status, **fields), **told)

    def alias(self, hours: float, version: str, *, model: str = "ranker", **told: Any) -> None:
        """Record that the champion of *model* is *version* now; empty: it points nowhere."""
        aliases = (Alias("champion", version),) if version else ()
        record = Model(source="k8s", id=model, name=model, aliases=aliases, status=OK)
        self.sees(hours, record, **told)

    def drifts(self, hours: float, value: float, version: str = "", model: str = "ranker") -> None:
        """Record a measure of *model*, whose threshold is 0.2."""
        self.sees(
            hours,
            Drift(
                source="k8s", id=f"{model}/{version}/psi", name="psi", model=model, metric="psi",
                version=version, value=value, threshold=0.2, status=BAD if value > 0.2 else OK,
            ),
        )  # fmt: skip

    def commits(self, hours: float, name: str, **fields: Any) -> None:
        """Record a commit that was made at *hours*."""
        record = Commit(
            source="git", id=sha(name), name=name, repository=REPOSITORY, sha=sha(name),
            committed_at=at(hours), **fields,
        )  # fmt: skip
        self.sees(0, record)

    def compares(self, base: str, head: str, ahead: int = 1, behind: int = 0) -> None:
        """Record that *head* is *ahead* of *base*, and not *behind*."""
        state = ComparisonState.DIVERGED if behind else ComparisonState.AHEAD
        record = CommitComparison(
            source="git", id=f"{base}...{head}", name="", repository=REPOSITORY, base=sha(base),
            head=sha(head), state=state, ahead=ahead, behind=behind,
        )  # fmt: skip
        self.sees(0, record)

    def merges(self, head: str, merge_commit: str) -> None:
        """Record a pull request that was merged as another commit."""
        record = PullRequest(
            source="git", id=head, name=head, repository=REPOSITORY, number=1, head=sha(head),
            state=PullRequestState.MERGED, merge_commit=sha(merge_commit),
        )  # fmt: skip
        self.sees(0, record)

    def misses(self, since: float, until: float) -> None:
        """Record that nobody looked."""
        self.missing.append(Gap("k8s", "all", at(since), at(until), GapReason.NO_BOARD))

    # --- reading ---------------------------------------------------------------------------------

    def transitions(
        self,
        since: datetime,
        until: datetime,
        *,
        kinds: Collection[Kind] | None = None,
        baselines: bool = False,
        limit: int = 10_000,
    ) -> list[Transition]:
        found = [
            one
            for one in sorted(self.rows, key=lambda one: (one.at, one.seq))
            if since < one.at <= until
            and (kinds is None or one.ref.kind in kinds)
            and (baselines or not one.baseline)
        ]
        return found[:limit]

    def gaps(self, since: datetime | None = None, until: datetime | None = None) -> list[Gap]:
        return self.missing

    def history(self, until: float, **options: Any) -> DeliveryHistory:
        """Return all lanes as of *until*."""
        return read_delivery(self, at(until), activities=self.acts, **options)

    def figures(self, until: float, since: float = 0, lane: int = 0, **options: Any) -> LaneFigures:
        """Return the measures of one lane."""
        window = DeliveryWindow(at(since), at(until))
        return self.history(until, **options).figures(window)[lane]


def hours_of(figures: LaneFigures) -> list[float]:
    """Return the lead times of *figures* in hours."""
    return [one.seconds / 3600 for one in figures.lead_time.values]


def verdicts_of(figures: LaneFigures) -> list[tuple[str, str, str]]:
    """Return version, sort and verdict of each step."""
    steps = [item.judged for item in figures.items]
    return [(one.step.version.label, one.step.kind.value, one.verdict.value) for one in steps]
