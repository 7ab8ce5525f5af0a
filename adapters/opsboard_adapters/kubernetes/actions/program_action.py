"""What all actions have in common that run kubectl for a person: in a pod, and on record.

The plan says where somebody gets in, as whom the server knows them and what is run. It begins when
kubectl does, and its verdict is how kubectl ended. Nothing is left on an object, so that after a
crash nobody can say whether it began.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, Final, TypeVar

from opsboard.adapter import (
    Finding,
    Permission,
    Plan,
    PreconditionFailed,
    Progress,
    Receipt,
    ReconcileResult,
    SourceError,
    Verdict,
)
from opsboard.adapter.actions import Action, PermissionAnswer
from opsboard.adapter.actions.findings import blocker, note, warning
from opsboard.adapter.programs import Program, ProgramState
from opsboard_adapters.kubernetes.access.pinned_kubeconfig import user_text
from opsboard_adapters.kubernetes.actions.base import (
    Planned,
    Reading,
    ResourceAttributes,
    Sending,
    done,
    unknown,
)
from opsboard_adapters.kubernetes.actions.pod_choice import ChosenPod, pods_of
from opsboard_adapters.kubernetes.actions.target import (
    ActionClusters,
    ClusterConnection,
    TargetObject,
    TargetPayload,
)
from opsboard_adapters.kubernetes.kubectl import KubectlError
from opsboard_adapters.kubernetes.permissions import access_review
from opsboard_adapters.kubernetes.resources import PODS, WORKLOADS, ApiResource

WAIT: Final = 10.0
"""Seconds of one look at a program that runs; its end is seen at once."""
MAX_SKEW: Final = 1
"""Minor versions that kubectl may be away from the server (*Version Skew Policy*)."""
INSTALL: Final = "install it (https://kubernetes.io/docs/tasks/tools/) where PATH finds it"


@dataclass(frozen=True, kw_only=True)
class ProgramPayload(TargetPayload):
    """The *pod* that kubectl is run for; the target is that pod, or a workload that it is of."""

    pod: str


P = TypeVar("P", bound=ProgramPayload)


class ProgramAction(Action[ActionClusters, P]):
    """An action that runs kubectl for one pod.

    *needs* are the verbs on a subresource of pods without which the server refuses it. kubectl asks
    by GET (WebSocket) first, for which some servers want ``get`` alone; where that is refused, it
    asks by POST (SPDY), so that ``create`` is enough for all of them.
    """

    acts_on: ClassVar[tuple[ApiResource, ...]] = (PODS, *WORKLOADS.values())
    needs: ClassVar[tuple[ResourceAttributes, ...]]
    failing_first: ClassVar[bool] = False
    """Whether a pod that has failed is meant, unless one is named; else one that runs well."""
    errors_are_its_own: ClassVar[bool] = False
    """As of :class:`~opsboard.adapter.Program`: not where kubectl attaches to a container, which
    loses what that prints first if its standard error is no terminal (seen with 1.32.4).
    """

    async def pods(self, target: TargetObject) -> Sequence[ChosenPod]:
        """Return the pods of *target* that can be chosen from. Raises :exc:`SourceError`."""
        return await pods_of(target, failing_first=self.failing_first)

    @abstractmethod
    def program(self, payload: P, plan: Plan) -> tuple[list[str], str]:
        """Return the words after ``kubectl`` and its flags, and the title of what is run."""

    async def start(self, ctx: Sending, payload: P, program: Program) -> Receipt:
        """Run *program*: by default in the terminal. Raises :exc:`~opsboard.adapter.NotSent`."""
        await ctx.client.programs.run_in_terminal(ctx.plan_id, program)
        return Receipt(message=f"{ctx.plan.target}: {ctx.plan.after} has begun")

    def verdict(self, payload: P, state: ProgramState) -> Progress:
        """Return how the program has ended."""
        ended = Verdict.FAILED if state.exit_code else Verdict.SUCCEEDED
        return Progress(message=state.ending, verdict=ended)

    @staticmethod
    def place(payload: ProgramPayload, plan: Plan, container: str = "") -> str:
        """Return where somebody gets to, in words: pod, container, cluster and environment."""
        inside = f", container {container}," if container else ""
        environment = plan.environment or "environment unknown"
        where = f"{payload.namespace}/{payload.pod}{inside}"
        return f"{where} in {payload.cluster} ({environment})"

    # --- what the toolkit asks -------------------------------------------------------------------

    async def precondition(self, ctx: Reading, payload: P) -> Mapping[str, str]:
        uid = await pod_uid(ctx.client, payload)
        access = await ctx.client.kubectl.pinned(payload.cluster)
        return {
            "pod": uid,
            "server": access.server,
            "user": user_text(access),
        }

    async def permission(self, ctx: Reading, payload: P) -> PermissionAnswer:
        connection = await ctx.client.connection(payload.cluster)
        for needed in self.needs:
            asked = {**asdict(needed), "name": payload.pod, "namespace": payload.namespace}
            status = await access_review(connection.client, asked)
            if not status.get("allowed"):
                reason = f" ({status['reason']})" if status.get("reason") else ""
                said = f"ask for {needed} in namespace {payload.namespace}{reason}"
                return PermissionAnswer(Permission.DENIED, said)
        named = ", ".join(map(str, self.needs))
        return PermissionAnswer(Permission.ALLOWED, f"{named} in {payload.namespace}")

    async def send(self, ctx: Sending, payload: P) -> Receipt:
        access = await ctx.client.access(payload.cluster)
        words, title = self.program(payload, ctx.plan)
        words = ["--namespace", payload.namespace, *words]
        try:
            program = ctx.client.kubectl.run_at(
                access, words, title, errors_are_its_own=self.errors_are_its_own
            )
        except KubectlError as error:
            raise SourceError(str(error), INSTALL) from None
        return await self.start(ctx, payload, program)

    async def observe(self, ctx: Planned, payload: P, receipt: Receipt) -> Progress:
        state = await ctx.client.programs.state(ctx.plan_id, WAIT)
        if state is None:
            said = "it ended with the opsboard that ran it; when, and how, is not known"
            return Progress(message=said, verdict=Verdict.FAILED)
        if state.exit_code is None:
            return Progress(message=receipt.message)
        return self.verdict(payload, state)

    def pace(self, client: ActionClusters, unchanged: int) -> float:
        return 0.1  # each look waits for the end by itself

    async def reconcile(self, ctx: Planned, payload: P) -> ReconcileResult:
        if await ctx.client.programs.state(ctx.plan_id) is not None:
            return done(f"{ctx.plan.target}: it has begun", Receipt(message="it has begun"))
        said = "whether it began before opsboard ended is not known"
        return unknown(f"{said}: the audit log of the cluster may tell")


async def pod_uid(clusters: ActionClusters, payload: ProgramPayload) -> str:
    """Return the UID of the pod of that name now. Raises :exc:`~opsboard.adapter.SourceError`."""
    connection = await clusters.connection(payload.cluster)
    pod = await connection.get(PODS.path(payload.namespace, payload.pod))
    return str((pod.get("metadata") or {}).get("uid") or "")


async def kubectl_findings(
    clusters: ActionClusters, connection: ClusterConnection
) -> list[Finding]:
    """Return what stands against running kubectl here: the kubeconfig leads elsewhere by now, there
    is no kubectl, it is too old or too new."""
    found = [blocker(why)] if (why := clusters.programs.unavailable_reason) else []
    try:
        await clusters.access(connection.cluster.name)
    except PreconditionFailed as error:
        found.append(blocker(f"{error.message}: {error.hint}"))
    try:
        major, minor = await clusters.kubectl.version()
    except KubectlError as error:
        return [*found, blocker(f"{error}: {INSTALL}")]
    try:
        served = await connection.get("/version")
        server = int(str(served.get("minor") or "").rstrip("+") or minor)
    except (SourceError, ValueError):
        return [*found, note("the server does not say its version: kubectl may not fit it")]
    if abs(minor - server) <= MAX_SKEW:
        return found
    versions = f"kubectl is {major}.{minor}, the server {major}.{server}"
    return [*found, warning(f"{versions}: they may not understand each other")]
