"""Beginning a workflow by hand."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from opsboard.adapter import (
    Difference,
    Finding,
    Form,
    Input,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileResult,
    Request,
    Unsupported,
)
from opsboard.environments.names import UNKNOWN
from opsboard.masking import mask_text, sounds_secret
from opsboard_adapters import http
from opsboard_adapters.github.actions import locate_run
from opsboard_adapters.github.actions.base import GitHubAction, GitHubDraft
from opsboard_adapters.github.actions.context import GitHubContext
from opsboard_adapters.github.actions.deploy_targets import leading, protections, touched_by
from opsboard_adapters.github.actions.format import (
    blocker,
    facts,
    listed,
    names_of,
    note,
    short,
    titled,
    warning,
)
from opsboard_adapters.github.actions.rerun import PATIENCE
from opsboard_adapters.github.actions.specs import DISPATCH
from opsboard_adapters.github.actions.workflow_file import (
    MAX_INPUTS,
    DispatchTrigger,
    NamedEnvironments,
    WorkflowSource,
    check_ref,
    environments_of_jobs,
    read_workflow,
)
from opsboard_adapters.github.models import GitHubDispatchResult, GitHubRun, GitHubWorkflow, parse
from opsboard_adapters.github.translate import split_number

_REF: Final = "ref"
_REF_TOO: Final = "git-ref"
"""What the branch is called in a form where the workflow itself has an input ``ref``."""


@dataclass(frozen=True, slots=True)
class DispatchSubject:
    """Which workflow is to begin, and where, if nothing else is said."""

    repository: str
    workflow: GitHubWorkflow
    ref: str


class DispatchWorkflow(GitHubAction):
    """Begins the workflow of a run."""

    offer = DISPATCH
    reads = 2

    async def subject(self, site: GitHubContext, request: Request) -> DispatchSubject:
        """Return what *request* is about."""
        repository, number = split_number(request.ref.id)
        run = await site.reader.run(repository, number)
        flow = await site.reader.workflow(repository, run.workflow_id)
        by_branch = run.event in {"push", "workflow_dispatch", "schedule"}
        branch = run.head_branch if by_branch else ""
        return DispatchSubject(
            repository, flow, branch or await site.reader.default_branch(repository)
        )

    def fill(self, request: Request, told: Sequence[Input]) -> Sequence[Input]:
        """Return the inputs of the workflow with the defaults that *request* implies."""
        return told

    async def form(self, site: GitHubContext, request: Request) -> Form:
        subject = await self.subject(site, request)
        name, _, by_hand = await _at(site, subject, request.values)
        where = Input(
            name=name, label="branch or tag", default=subject.ref, required=True,
            help="Where the workflow is taken from, and what it works on.",
        )  # fmt: skip
        return Form(inputs=(where, *self.fill(request, by_hand.told)))

    async def draft(
        self, site: GitHubContext, request: Request, values: Mapping[str, str]
    ) -> GitHubDraft:
        subject = await self.subject(site, request)
        _, ref, by_hand = await _at(site, subject, request.values)
        head = await site.reader.commit(subject.repository, ref)
        told = _told(by_hand.told, values)
        places = [told[place] for place in by_hand.places if told.get(place)]
        file = WorkflowSource(subject.repository, ref, by_hand.tree)
        named = await environments_of_jobs(site, file, _inputs(by_hand.told, told))
        every = list(dict.fromkeys([*places, *named.names]))
        flow = subject.workflow
        runs = await site.reader.workflow_runs(subject.repository, flow.id, {})
        return GitHubDraft(
            repository=subject.repository,
            target=f"workflow {flow.name} of {subject.repository} at {ref}",
            name=flow.name,
            path=f"repos/{subject.repository}/actions/workflows/{flow.id}/dispatches",
            body={"ref": ref, "inputs": told, "return_run_details": True},
            precondition={"head": head.sha},
            before="not begun",
            after=f"a run at {short(head.sha)}",
            destination=names_of(head.sha),
            environment=leading(site, places or named.names) or site.context.environment_of(ref),
            environments=touched_by(site, _touched(every, named), ref),
            disruptive=True,
            changes=_changes(by_hand.told, told),
            facts=facts(("commit", titled(head.sha, head.title)), ("branch or tag", ref)),
            findings=(
                *_cautions(flow, by_hand, ref, told),
                *_others(runs),
                *_doubts(named),
                *await protections(site, subject.repository, every),
            ),
            payload={
                "workflow": flow.id,
                "ref": ref,
                "marker": by_hand.marker,
                "visible": by_hand.visible,
                "newest": max((run.id for run in runs), default=0),
            },
            patience=PATIENCE,
        )

    def body(self, plan: Plan) -> dict[str, Any]:
        """Return what to begin, with the plan's own key where the workflow takes one."""
        told = super().body(plan)
        if marker := str(plan.payload["marker"]):
            told["inputs"] = {**told["inputs"], marker: plan.key}
        return told

    async def check(self, site: GitHubContext, plan: Plan) -> None:
        ref = str(plan.payload["ref"])
        head = await site.reader.commit(str(plan.payload["repository"]), ref)
        if head.sha != plan.precondition["head"]:
            raise PreconditionFailed(
                f"{ref} is at {titled(head.sha, head.title)} now, and was at "
                f"{short(plan.precondition['head'])} when it was planned",
                "plan it again",
            )

    def receipt(self, site: GitHubContext, plan: Plan, answer: httpx.Response) -> Receipt:
        """Return which run it is, where GitHub says: an older server does not."""
        if answer.status_code == 204 or not answer.content:
            return Receipt(message="GitHub has taken it, and did not say which run it is")
        told = parse(GitHubDispatchResult, http.read_json(answer))
        return locate_run.receipt_of(site, plan, told.workflow_run_id, "GitHub has begun it")

    def observe(
        self, site: GitHubContext, plan: Plan, receipt: Receipt
    ) -> AsyncGenerator[Progress, None]:
        return locate_run.observe(site, plan, receipt)

    async def reconcile(self, site: GitHubContext, plan: Plan) -> ReconcileResult:
        return await locate_run.reconcile_run(site, plan)


async def _at(
    site: GitHubContext, subject: DispatchSubject, values: Mapping[str, str]
) -> tuple[str, str, DispatchTrigger]:
    """Return what the branch is called in the form, the one that is meant, and its workflow."""
    path, repository = subject.workflow.path, subject.repository
    usual = await read_workflow(site, repository, path, subject.ref)
    own = any(one.name == _REF for one in usual.told)
    name = _REF_TOO if own else _REF
    ref = values.get(name) or subject.ref
    if ref == subject.ref:
        return name, ref, usual
    check_ref(ref)
    return name, ref, await read_workflow(site, repository, path, ref)


def _told(inputs: Sequence[Input], values: Mapping[str, str]) -> dict[str, str]:
    """Return what the workflow is told. Raises :exc:`Unsupported` for a secret.

    A secret's default is left for GitHub to fill in. One that is given would stand in the plan,
    which goes into the audit trail, and in the run for all to read.
    """
    told = {one.name: values[one.name] for one in inputs if values.get(one.name)}
    defaults = {one.name: one.default for one in inputs}
    secrets = [name for name, value in told.items() if _is_secret(name, value)]
    if given := [name for name in secrets if told[name] != defaults[name]]:
        raise Unsupported(
            f"{listed(given)}: a secret is not given here, where the audit trail keeps it",
            "make it a secret of the repository, and leave the input empty",
        )
    return {name: value for name, value in told.items() if name not in secrets}


def _is_secret(name: str, value: str) -> bool:
    return sounds_secret(name) or mask_text(value) != value


def _inputs(inputs: Sequence[Input], told: Mapping[str, str]) -> Mapping[str, str]:
    """Return all that the workflow is told, with what GitHub fills in itself."""
    return {one.name: told.get(one.name, one.default) for one in inputs}


def _touched(places: Sequence[str], named: NamedEnvironments) -> tuple[str, ...]:
    return (*places, *([UNKNOWN] if named.doubts else ()))


def _changes(inputs: Sequence[Input], told: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return what the workflow is told, beside the default where that is something else."""
    return tuple(
        Difference(
            group="inputs",
            name=one.name,
            before=_shown(one.name, one.default if told.get(one.name) != one.default else ""),
            after=_shown(one.name, told.get(one.name, "")),
        )
        for one in inputs
        if told.get(one.name) or one.default
    )


def _shown(name: str, value: str) -> str | None:
    if not value:
        return None
    return "(not shown)" if _is_secret(name, value) else value


def _cautions(
    flow: GitHubWorkflow, by_hand: DispatchTrigger, ref: str, told: Mapping[str, str]
) -> Sequence[Finding]:
    found = []
    if not by_hand.possible:
        found.append(blocker(f"{flow.path} at {ref} has no workflow_dispatch trigger"))
    if flow.state not in {"", "active"}:
        found.append(blocker(f"the workflow is {flow.state.replace('_', ' ')}"))
    if by_hand.excess:
        found.append(
            warning(f"it has more than {MAX_INPUTS} inputs: {by_hand.excess} are left out")
        )
    if by_hand.possible and not by_hand.visible:
        found.append(
            note(
                "the run cannot be marked: after a crash it may not be known for certain whether "
                "it was begun (an input opsboard_plan in run-name would tell)"
            )
        )
    return found


def _doubts(named: NamedEnvironments) -> Sequence[Finding]:
    if not named.doubts:
        return ()
    return (note(f"where it deploys to is not known for certain: {listed(named.doubts)}"),)


def _others(runs: Sequence[GitHubRun]) -> Sequence[Finding]:
    going = [f"#{run.run_number} ({run.status})" for run in runs if run.status != "completed"]
    if not going:
        return ()
    return (warning(f"runs of it go on: {listed(going)}; they may wait for each other"),)
