"""The pages of a workspace and of a resource, of what was read last."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, NotFound, Section, Unsupported
from opsboard.records import Ref
from opsboard_adapters.terraform.kinds import apply_text, lock_text
from opsboard_adapters.terraform.plan import PlannedChange, TerraformPlan
from opsboard_adapters.terraform.poller import TerraformPoller, WorkspaceReader
from opsboard_adapters.terraform.records import RESOURCE, WORKSPACE, ManagedResource, Workspace
from opsboard_adapters.times import format_time

MAX_ROWS: Final = 200


def detail_of(poller: TerraformPoller, ref: Ref) -> Detail:
    """Return the page of *ref*. Raises :exc:`NotFound` where there is no such thing."""
    if ref.kind not in {WORKSPACE, RESOURCE}:
        raise Unsupported(f"{ref.kind} {ref.id} has no details")
    reader = poller.workspace(ref)
    records = reader.records if reader else ()
    record = next((one for one in records if one.ref == ref), None)
    if reader is None or record is None:
        raise NotFound(f"{ref.id} is in no state that is read", "was it removed?")
    sections: Iterable[Section] = ()
    if isinstance(record, Workspace):
        sections = _of_workspace(record, reader)
    elif isinstance(record, ManagedResource):
        sections = (_of_resource(record),)
    return Detail(record=record, sections=tuple(sections))


def _of_workspace(record: Workspace, reader: WorkspaceReader) -> Iterator[Section]:
    outputs = ", ".join(
        f"{one.name} (sensitive)" if one.sensitive else one.name for one in record.workspace_outputs
    )
    yield _facts(
        "State",
        ("backend", record.backend),
        ("location", record.location),
        ("apply", apply_text(record)),
        ("applied", format_time(record.applied_at)),
        ("applied by", f"{record.applied_by} (held the lock)" if record.applied_by else ""),
        ("lineage", record.lineage),
        ("format", f"v{record.state_version}" if record.state_version else ""),
        ("written by", f"Terraform or OpenTofu {record.terraform_version}".rstrip()),
        ("resources", f"{record.resources:,}"),
        ("tainted", _count(record.tainted)),
        ("deposed", _count(record.deposed)),
        ("failing checks", _count(record.failing_checks)),
        ("outputs", outputs),
    )
    if record.is_locked:
        yield _facts(
            "Lock",
            ("lock", lock_text(record)),
            ("since", format_time(record.locked_since)),
            ("lock id", record.lock_id),
            ("note", "no process holds it any more" if record.lock_left_over else ""),
        )
    refs = {one.address: one.ref for one in reader.records if isinstance(one, ManagedResource)}
    if reader.known.plan is not None:
        yield from _of_plan(record, reader.known.plan, refs)
    types = Counter(one.resource_type for one in reader.records if isinstance(one, ManagedResource))
    yield Grid(
        title="Resources by type",
        columns=("type", "count"),
        rows=tuple(
            GridRow(cells=(name, f"{count:,}")) for name, count in types.most_common(MAX_ROWS)
        ),
    )


def _of_plan(record: Workspace, plan: TerraformPlan, refs: dict[str, Ref]) -> Iterator[Section]:
    known = "outdated: the state was written since" if record.plan_outdated else ""
    yield _facts(
        "Latest plan",
        ("planned", format_time(plan.made_at)),
        ("by", f"Terraform or OpenTofu {plan.terraform_version}" if plan.terraform_version else ""),
        ("note", known),
        ("error", "it ended with an error: what it says is not whole" if plan.errored else ""),
        ("not read", f"{plan.skipped:,} changes" if plan.skipped else ""),
    )
    yield _changes("Planned changes", plan.changes.values(), refs)
    yield _changes("Changed outside of Terraform", plan.drift.values(), refs)


def _changes(title: str, changes: Iterable[PlannedChange], refs: dict[str, Ref]) -> Grid:
    listed: Sequence[PlannedChange] = list(changes)
    return Grid(
        title=f"{title}, {MAX_ROWS:,} of {len(listed):,}" if len(listed) > MAX_ROWS else title,
        columns=("address", "action"),
        rows=tuple(
            GridRow(cells=(one.address, one.action), ref=refs.get(one.address))
            for one in listed[:MAX_ROWS]
        ),
    )


def _of_resource(record: ManagedResource) -> Facts:
    return _facts(
        "Resource",
        ("address", record.address),
        ("type", record.resource_type),
        ("mode", record.mode),
        ("provider", record.provider),
        ("module", record.module),
        ("workspace", record.workspace),
        ("tainted", "yes: the next apply makes it again" if record.tainted else ""),
        ("deposed", f"{record.deposed:,} not deleted yet" if record.deposed else ""),
        ("planned", record.planned),
        ("drift", record.drift),
        ("state read", f"#{record.serial}" if record.serial is not None else ""),
        *(("makes", f"{one.type} {one.value}") for one in record.outputs),
        *(("uses", f"{one.type} {one.value}") for one in record.inputs[1:]),
    )


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _facts(title: str, *pairs: tuple[str, str]) -> Facts:
    facts = tuple(Fact(label=label, value=value) for label, value in pairs if value)
    return Facts(title=title, facts=facts)
