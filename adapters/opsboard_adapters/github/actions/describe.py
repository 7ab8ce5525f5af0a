"""How runs and commits are described in plans and receipts, and what to know before a re-run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from opsboard.adapter import Fact, Finding, Receipt
from opsboard.adapter.actions import PlanContext, ReadContext
from opsboard.adapter.actions.findings import blocker, facts, listed, note, warning
from opsboard.records import Kind, Ref
from opsboard.records.commits import short_sha
from opsboard_adapters.github.actions.base import GitHubActionClient, GitHubPayload
from opsboard_adapters.github.models import GitHubEnvironment, GitHubRun
from opsboard_adapters.github.status_map import state_of
from opsboard_adapters.github.translate import title_of, workflow_of
from opsboard_adapters.times import format_ago

RUN_TIMEOUT: Final = 7_200.0
"""Seconds for which a run is observed."""
MAX_AGE: Final = timedelta(days=30)
"""How old a run may be for a re-run.

https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
"""
MAX_ATTEMPTS: Final = 51
"""Attempts that a run may have: one, and fifty re-runs (same page)."""
_ATTEMPTS: Final = "/attempts/"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPayload(GitHubPayload):
    """A request about the run with the id *run*."""

    run: int


# --- commits -------------------------------------------------------------------------------------


def commit_names(sha: str | None) -> tuple[str, ...]:
    """Return what a commit is known by, as in ``Plan.origin``: the short SHA and the full one."""
    return (short_sha(sha), sha) if sha else ()


def commit_title(sha: str | None, title: str) -> str:
    """Return the short SHA followed by the *title* of the commit."""
    return f"{short_sha(sha)} {title}".strip()


# --- runs ----------------------------------------------------------------------------------------


def run_ref(ctx: ReadContext[GitHubActionClient], repository: str, number: object) -> Ref:
    """Return the identity of a run's record on the board."""
    return Ref(ctx.source.name, Kind.BUILD, f"{repository}/{number}")


def run_name(run: GitHubRun) -> str:
    """Return the name that people use, such as ``ci #42``."""
    return f"{workflow_of(run)} #{run.run_number}"


def run_facts(ctx: ReadContext[GitHubActionClient], run: GitHubRun) -> tuple[Fact, ...]:
    """Return the facts on *run*: commit, branch, event, who began it and when."""
    actor = run.actor.login if run.actor else ""
    return facts(
        ("commit", commit_title(run.head_sha, title_of(run))),
        ("branch", run.head_branch),
        ("event", run.event),
        ("begun by", actor),
        ("begun", format_ago(run.created_at, ctx.now())),
    )


def rerun_rights(run: GitHubRun) -> tuple[Fact, ...]:
    """Return the fact on whose permissions a re-run has."""
    actor = run.actor.login if run.actor else ""
    return facts(("runs as", f"{actor}: a re-run has the rights of who began it" if actor else ""))


def run_receipt(
    ctx: PlanContext[GitHubActionClient], repository: str, reference: object, message: str
) -> Receipt:
    """Return the receipt for a run. *reference* is its id, with ``/attempts/N`` if known."""
    number = str(reference).partition(_ATTEMPTS)[0]
    return Receipt(
        message=message,
        reference=str(reference),
        produced=run_ref(ctx, repository, number),
        url=f"{ctx.client.web}/{repository}/actions/runs/{number}",
    )


def attempt_reference(number: int, attempt: int) -> str:
    """Return the reference of a receipt that names the *attempt*."""
    return f"{number}{_ATTEMPTS}{attempt}"


def attempt_of(receipt: Receipt) -> int | None:
    """Return the attempt that *receipt* names, if it names one."""
    number = receipt.reference.partition(_ATTEMPTS)[2]
    return int(number) if number.isdigit() else None


def run_state(run: GitHubRun) -> dict[str, str]:
    """Return what must stay the same until *run* is re-run, as a precondition."""
    return {
        "attempt": str(run.run_attempt or 1),
        "status": run.status or "",
        "conclusion": run.conclusion or "",
    }


def run_state_text(state: Mapping[str, str]) -> str:
    """Return the text for a :func:`run_state`, such as ``at attempt 2, failure``."""
    return f"at attempt {state['attempt']}, {state_of(state['status'], state['conclusion'])}"


# --- before a re-run -----------------------------------------------------------------------------


async def rerun_findings(
    ctx: ReadContext[GitHubActionClient], repository: str, run: GitHubRun
) -> tuple[Finding, ...]:
    """Return what to know before *run* is re-run: limits, other runs, a newer commit."""
    found = [*_limits(ctx, run), *await _other_runs(ctx, repository, run)]
    head = await ctx.client.reader.commit_or_none(repository, run.head_branch or "")
    if head is not None and run.head_sha and head.sha != run.head_sha:
        found.append(
            note(
                f"{run.head_branch} has moved on to {commit_title(head.sha, head.title)}: "
                f"this is {short_sha(run.head_sha)} again"
            )
        )
    return tuple(found)


def _limits(ctx: ReadContext[GitHubActionClient], run: GitHubRun) -> Sequence[Finding]:
    if run.created_at is not None and ctx.now() - run.created_at > MAX_AGE:
        began = format_ago(run.created_at, ctx.now())
        return [blocker(f"it began {began}: GitHub re-runs only what is up to 30 days old")]
    if (run.run_attempt or 1) >= MAX_ATTEMPTS:
        return [blocker("it has been re-run 50 times, which is GitHub's limit")]
    return []


async def _other_runs(
    ctx: ReadContext[GitHubActionClient], repository: str, run: GitHubRun
) -> Sequence[Finding]:
    """Return a warning about runs of the same workflow that may get into the way."""
    if run.workflow_id is None:
        return []
    params = {"branch": run.head_branch} if run.head_branch else {}
    runs = await ctx.client.reader.workflow_runs(repository, run.workflow_id, params)
    others = [one for one in runs if one.status != "completed" and one.id != run.id]
    if not others:
        return []
    which = listed(f"#{one.run_number} ({one.status})" for one in others)
    return [
        warning(f"of the same workflow and branch, {which}: one may wait for, or cancel, the other")
    ]


# --- environments --------------------------------------------------------------------------------


def reviewers_of(environment: GitHubEnvironment) -> tuple[str, ...]:
    """Return who has to approve a deployment to *environment*."""
    rules = environment.protection_rules or ()
    return tuple(reviewer.name for rule in rules for reviewer in rule.reviewers or ())
