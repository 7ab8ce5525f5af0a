"""Dispatch a workflow: begin it by hand, at a branch or tag and with inputs.

https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
"""

from collections.abc import Mapping, Sequence
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
from opsboard.adapter.actions import Draft, PlanContext, ReadContext, SendContext
from opsboard.adapter.actions.findings import blocker, facts, listed, note, warning
from opsboard.environments.names import UNKNOWN
from opsboard.masking import mask_text, sounds_secret
from opsboard.records.commits import short_sha
from opsboard_adapters import http
from opsboard_adapters.github.actions.base import GitHubAction, GitHubActionClient
from opsboard_adapters.github.actions.deploy_targets import (
    doubt_findings,
    environments_touched,
    leading_environment,
    review_findings,
)
from opsboard_adapters.github.actions.describe import (
    RUN_TIMEOUT,
    commit_names,
    commit_title,
    run_receipt,
)
from opsboard_adapters.github.actions.locate_run import (
    DispatchPayload,
    dispatched_run_progress,
    reconcile_dispatch,
)
from opsboard_adapters.github.actions.specs import DISPATCH
from opsboard_adapters.github.actions.workflow_file import (
    MAX_INPUTS,
    DispatchTrigger,
    NamedEnvironments,
    WorkflowSource,
    check_ref,
    environments_of_jobs,
    read_trigger,
)
from opsboard_adapters.github.models import GitHubDispatchResult, GitHubRun, GitHubWorkflow, parse
from opsboard_adapters.github.reader import GitHubReader
from opsboard_adapters.github.translate import split_number

_REF: Final = "ref"
_OTHER_REF: Final = "git-ref"
"""Name of the field for the branch where the workflow has an input ``ref`` of its own."""


@dataclass(frozen=True, slots=True)
class DispatchSubject:
    """Which workflow to begin, and at which branch or tag unless the form says otherwise."""

    repository: str
    workflow: GitHubWorkflow
    ref: str


class DispatchWorkflow(GitHubAction[DispatchPayload]):
    """Begins the workflow of a run."""

    spec = DISPATCH
    payload = DispatchPayload
    precondition_reads = 2

    async def subject(
        self, ctx: ReadContext[GitHubActionClient], request: Request
    ) -> DispatchSubject:
        """Return what *request* is about."""
        reader = ctx.client.reader
        repository, number = split_number(request.ref.id)
        run = await reader.run(repository, number)
        workflow = await reader.workflow(repository, run.workflow_id)
        by_branch = run.event in {"push", "workflow_dispatch", "schedule"}
        branch = run.head_branch if by_branch else ""
        ref = branch or await reader.default_branch(repository)
        return DispatchSubject(repository, workflow, ref)

    def with_defaults(self, request: Request, inputs: Sequence[Input]) -> Sequence[Input]:
        """Return the workflow's *inputs* with the defaults that *request* implies."""
        return inputs

    async def form(self, ctx: ReadContext[GitHubActionClient], request: Request) -> Form:
        subject = await self.subject(ctx, request)
        field, _, trigger = await _trigger(ctx.client.reader, subject, request.values)
        ref = Input(
            name=field, label="branch or tag", default=subject.ref, required=True,
            help="Where the workflow is taken from, and what it works on.",
        )  # fmt: skip
        return Form(inputs=(ref, *self.with_defaults(request, trigger.inputs)))

    async def describe(
        self, ctx: ReadContext[GitHubActionClient], request: Request, values: Mapping[str, str]
    ) -> Draft[DispatchPayload]:
        reader = ctx.client.reader
        subject = await self.subject(ctx, request)
        repository, workflow = subject.repository, subject.workflow
        _, ref, trigger = await _trigger(reader, subject, request.values)
        head = await reader.commit(repository, ref)
        sent = _sent_inputs(trigger.inputs, values)
        chosen = [sent[name] for name in trigger.environment_inputs if sent.get(name)]
        source = WorkflowSource(repository, ref, trigger.tree)
        named = await environments_of_jobs(reader, source, _all_inputs(trigger.inputs, sent))
        targets = list(dict.fromkeys([*chosen, *named.names]))
        runs = await reader.workflow_runs(repository, workflow.id, {})
        return Draft(
            payload=DispatchPayload(
                repository=repository,
                path=f"repos/{repository}/actions/workflows/{workflow.id}/dispatches",
                body={"ref": ref, "inputs": sent, "return_run_details": True},
                workflow=workflow.id,
                ref=ref,
                marker=trigger.marker,
                visible=trigger.visible,
                newest=max((run.id for run in runs), default=0),
            ),
            target=f"workflow {workflow.name} of {repository} at {ref}",
            name=workflow.name,
            before="not begun",
            after=f"a run at {short_sha(head.sha)}",
            destination=commit_names(head.sha),
            environment=leading_environment(ctx, chosen or named.names)
            or ctx.source.environment_of(ref),
            environments=environments_touched(ctx, _touched(targets, named), ref),
            disruptive=True,
            changes=_changes(trigger.inputs, sent),
            facts=facts(("commit", commit_title(head.sha, head.title)), ("branch or tag", ref)),
            findings=(
                *_trigger_findings(workflow, trigger, ref),
                *_other_runs(runs),
                *doubt_findings(named.doubts),
                *await review_findings(reader, repository, targets),
            ),
            timeout=RUN_TIMEOUT,
        )

    async def precondition(
        self, ctx: ReadContext[GitHubActionClient], payload: DispatchPayload
    ) -> Mapping[str, str]:
        """Return the commit that the branch or tag is at."""
        return {"head": (await ctx.client.reader.commit(payload.repository, payload.ref)).sha}

    def precondition_failed(self, plan: Plan, now: Mapping[str, str]) -> PreconditionFailed:
        return PreconditionFailed(
            f"{plan.payload['ref']} is at {short_sha(now['head'])} now, and was at "
            f"{short_sha(plan.precondition['head'])} when it was planned",
            "plan it again",
        )

    def request_body(self, plan: Plan, payload: DispatchPayload) -> dict[str, Any]:
        """Return the request, with the plan's key where the workflow has an input for it."""
        body = dict(payload.body)
        if payload.marker:
            body["inputs"] = {**body["inputs"], payload.marker: plan.key}
        return body

    def receipt(
        self,
        ctx: SendContext[GitHubActionClient],
        payload: DispatchPayload,
        response: httpx.Response,
    ) -> Receipt:
        """Return which run it is, where GitHub says so: an older server does not."""
        if response.status_code == 204 or not response.content:
            return Receipt(message="GitHub has accepted it, without saying which run it is")
        result = parse(GitHubDispatchResult, http.read_json(response))
        number = result.workflow_run_id
        return run_receipt(ctx, payload.repository, number, "GitHub has started it")

    async def observe(
        self, ctx: PlanContext[GitHubActionClient], payload: DispatchPayload, receipt: Receipt
    ) -> Progress:
        return await dispatched_run_progress(ctx, payload, receipt)

    async def reconcile(
        self, ctx: PlanContext[GitHubActionClient], payload: DispatchPayload
    ) -> ReconcileResult:
        return await reconcile_dispatch(ctx, payload)


async def _trigger(
    reader: GitHubReader, subject: DispatchSubject, values: Mapping[str, str]
) -> tuple[str, str, DispatchTrigger]:
    """Return the form's field for the branch, the branch or tag that is meant, and its trigger."""
    path, repository = subject.workflow.path, subject.repository
    usual = await read_trigger(reader, repository, path, subject.ref)
    field = _OTHER_REF if any(one.name == _REF for one in usual.inputs) else _REF
    ref = values.get(field) or subject.ref
    if ref == subject.ref:
        return field, ref, usual
    check_ref(ref)
    return field, ref, await read_trigger(reader, repository, path, ref)


def _sent_inputs(inputs: Sequence[Input], values: Mapping[str, str]) -> dict[str, str]:
    """Return the inputs to send. Raises :exc:`Unsupported` for a secret.

    The default of a secret is left out, and GitHub fills it in. One that is given would be in the
    plan, which goes into the audit trail, and in the run for everyone to read.
    """
    given = {one.name: values[one.name] for one in inputs if values.get(one.name)}
    defaults = {one.name: one.default for one in inputs}
    secrets = [name for name, value in given.items() if _is_secret(name, value)]
    if typed := [name for name in secrets if given[name] != defaults[name]]:
        raise Unsupported(
            f"{listed(typed)}: a secret must not be given here: the audit trail keeps it",
            "make it a secret of the repository, and leave the input empty",
        )
    return {name: value for name, value in given.items() if name not in secrets}


def _is_secret(name: str, value: str) -> bool:
    return sounds_secret(name) or mask_text(value) != value


def _all_inputs(inputs: Sequence[Input], sent: Mapping[str, str]) -> Mapping[str, str]:
    """Return all inputs of the run, with the defaults that GitHub fills in."""
    return {one.name: sent.get(one.name, one.default) for one in inputs}


def _touched(targets: Sequence[str], named: NamedEnvironments) -> tuple[str, ...]:
    return (*targets, *([UNKNOWN] if named.doubts else ()))


def _changes(inputs: Sequence[Input], sent: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return the inputs to send, each beside its default where that is another."""
    return tuple(
        Difference(
            group="inputs",
            name=one.name,
            before=_shown(one.name, one.default if sent.get(one.name) != one.default else ""),
            after=_shown(one.name, sent.get(one.name, "")),
        )
        for one in inputs
        if sent.get(one.name) or one.default
    )


def _shown(name: str, value: str) -> str | None:
    if not value:
        return None
    return "(not shown)" if _is_secret(name, value) else value


def _trigger_findings(
    workflow: GitHubWorkflow, trigger: DispatchTrigger, ref: str
) -> Sequence[Finding]:
    found = []
    if not trigger.possible:
        found.append(blocker(f"{workflow.path} at {ref} has no workflow_dispatch trigger"))
    if workflow.state not in {"", "active"}:
        found.append(blocker(f"the workflow is {workflow.state.replace('_', ' ')}"))
    if trigger.excess:
        found.append(
            warning(f"it has more than {MAX_INPUTS} inputs: {trigger.excess} are left out")
        )
    if trigger.possible and not trigger.visible:
        found.append(
            note(
                "the run cannot be marked: after a crash it may not be known for certain whether "
                "it was begun (put an input opsboard_plan into run-name)"
            )
        )
    return found


def _other_runs(runs: Sequence[GitHubRun]) -> Sequence[Finding]:
    going = [f"#{run.run_number} ({run.status})" for run in runs if run.status != "completed"]
    if not going:
        return ()
    return (
        warning(f"other runs of it are under way: {listed(going)}; they may wait for each other"),
    )
