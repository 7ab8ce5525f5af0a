"""Planning an act: its draft, and what is to be said of every act on GitHub."""

from opsboard.adapter import Misconfigured, Plan, Request
from opsboard.masking import sounds_secret
from opsboard_adapters.github.actions import permission, request_costs
from opsboard_adapters.github.actions.base import GitHubAction, GitHubDraft
from opsboard_adapters.github.actions.context import GitHubContext


async def plan_of(site: GitHubContext, act: GitHubAction, request: Request) -> Plan:
    """Return the plan of *request*. Raises :exc:`SourceError` where there is nothing to plan."""
    form = await act.form(site, request)
    if faults := form.faults(request.values):
        said = "; ".join(f"{name} {fault}" for name, fault in faults.items())
        raise Misconfigured(f"cannot {act.offer.id} so: {said}", "look at what its form offers")
    values = form.filled(request.values)
    draft = await act.draft(site, request, values)
    standing = await site.reader.access(draft.repository)
    allowed, why = draft.permitted or permission.permission(
        standing, authenticated=site.api.limits.authenticated
    )
    return Plan(
        made_at=site.now,
        action=request.action,
        title=act.offer.title,
        ref=request.ref,
        executor=site.context.name,
        target=draft.target,
        name=draft.name,
        environment=draft.environment,
        environments=draft.environments,
        disruptive=draft.disruptive,
        before=draft.before,
        after=draft.after,
        origin=draft.origin,
        destination=draft.destination,
        changes=draft.changes,
        facts=(*draft.facts, *request_costs.cost(site, act.reads)),
        findings=(
            *permission.cautions_of(standing),
            *draft.findings,
            *request_costs.cautions_of(site),
        ),
        permission=allowed,
        permission_note=why,
        values={name: value for name, value in values.items() if not sounds_secret(name)},
        precondition=draft.precondition,
        payload=_payload(draft),
        timeout=draft.patience,
    )


def _payload(draft: GitHubDraft) -> dict[str, object]:
    told = {"repository": draft.repository, "path": draft.path, "body": dict(draft.body)}
    return {**told, **draft.payload}
