"""A port of a pod on this machine: ``kubectl port-forward``, beside the board."""

import errno
import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import (
    Form,
    Input,
    NotFound,
    NotSent,
    Plan,
    Progress,
    Receipt,
    Request,
    SourceError,
    Verdict,
)
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import blocker, facts, warning
from opsboard.adapter.plans import LONGEST_TIMEOUT
from opsboard.adapter.programs import Program, ProgramState
from opsboard_adapters.kubernetes.actions.base import Planned, Reading, ResourceAttributes, Sending
from opsboard_adapters.kubernetes.actions.pod_choice import ChosenPod, chosen, pod_input
from opsboard_adapters.kubernetes.actions.program_action import (
    ProgramAction,
    ProgramPayload,
    kubectl_findings,
    pod_uid,
)
from opsboard_adapters.kubernetes.actions.specs import FORWARD_SPEC

LOOPBACK: Final = "127.0.0.1"
MAX_PORT: Final = 65_535
EVERYBODYS: Final = (
    f"a port on {LOOPBACK} belongs to every user of this machine: whoever is logged in here "
    "reaches the pod by it, until it is ended (`:forwards`) or opsboard is left"
)
_BEGUN: Final = re.compile(r"Forwarding from (\S+) -> (\d+)")


@dataclass(frozen=True, kw_only=True)
class ForwardPayload(ProgramPayload):
    """The *port* of the pod, and the one on this machine; with 0, kubectl takes a free one."""

    port: int
    local: int = 0


class ForwardPort(ProgramAction[ForwardPayload]):
    """Forwards a port of this machine, on the loopback interface alone, to a pod."""

    spec = FORWARD_SPEC
    payload = ForwardPayload
    needs = (ResourceAttributes("create", "", "pods", "portforward"),)

    async def form(self, ctx: Reading, request: Request) -> Form:
        pods = await self.pods(await ctx.client.find_ref(request.ref))
        declared = dict(declared_ports(pods))
        port = Input(
            name="port",
            label="port of the pod",
            help=f"declared: {', '.join(map(_named, declared.items()))}" if declared else "",
            type="integer",
            default=str(next(iter(declared), "")),
            required=True,
            least=1,
            most=MAX_PORT,
        )
        local = Input(
            name="local",
            label="port of this machine",
            help="0 for a free one",
            type="integer",
            default="0",
            least=0,
            most=MAX_PORT,
        )
        return Form(inputs=(pod_input(pods), port, local))

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[ForwardPayload]:
        target = await ctx.client.find_ref(request.ref)
        pod = chosen(await self.pods(target), values)
        port, local = int(values["port"]), int(values.get("local") or 0)
        payload = ForwardPayload(**target.address, pod=pod.name, port=port, local=local)
        found = [] if pod.is_running else [blocker(f"the pod does not run: {pod.status}")]
        if why := listening_fault(local):
            found.append(blocker(why))
        here = f"{LOOPBACK}:{local}" if local else f"a free port of {LOOPBACK}"
        return target.draft(
            payload,
            after=f"{here} to port {port} of {pod.name}",
            facts=facts(("pod", pod.name), ("node", pod.pod.spec.node_name)),
            findings=(
                *found,
                warning(EVERYBODYS),
                *await kubectl_findings(ctx.client, target.connection),
            ),
            timeout=LONGEST_TIMEOUT,
        )

    def program(self, payload: ForwardPayload, plan: Plan) -> tuple[list[str], str]:
        ports = f"{payload.local or ''}:{payload.port}"
        words = ["port-forward", "--address", LOOPBACK, f"pod/{payload.pod}", ports]
        return words, f"opsboard: {plan.after} of {self.place(payload, plan)}"

    async def start(self, ctx: Sending, payload: ForwardPayload, program: Program) -> Receipt:
        programs = ctx.client.programs
        await programs.run_beside(ctx.plan_id, program)
        state = await programs.state(ctx.plan_id)
        begun = _BEGUN.search(state.line) if state is not None else None
        if state is None or begun is None:
            await programs.end(ctx.plan_id)
            raise NotSent(f"kubectl: {state.line if state else 'it is gone'}")
        return Receipt(message=f"{begun[1]} → port {begun[2]} of {payload.pod}", reference=begun[1])

    async def observe(self, ctx: Planned, payload: ForwardPayload, receipt: Receipt) -> Progress:
        """Follow kubectl, and end it once its pod is gone: by itself it goes on to listen."""
        progress = await super().observe(ctx, payload, receipt)
        if progress.verdict is not None or not await self._is_pod_gone(ctx, payload):
            return progress
        await ctx.client.programs.end(ctx.plan_id)
        said = f"it is ended: the pod {payload.pod} is gone, and the port led nowhere"
        return Progress(message=said, verdict=Verdict.FAILED)

    @staticmethod
    async def _is_pod_gone(ctx: Planned, payload: ForwardPayload) -> bool:
        """Tell whether there is no pod of that name any more, or another one: surely so only."""
        try:
            uid = await pod_uid(ctx.client, payload)
        except NotFound:
            return True
        except SourceError:
            return False  # the board says that the cluster does not answer
        return uid != ctx.plan.precondition.get("pod", uid)

    def verdict(self, payload: ForwardPayload, state: ProgramState) -> Progress:
        """It is ended here, or has failed: it never ends by itself."""
        if state.is_stopped:
            return Progress(message=state.ending, verdict=Verdict.SUCCEEDED)
        return Progress(message=f"it broke off: {state.ending}", verdict=Verdict.FAILED)


def listening_fault(port: int) -> str:
    """Return why nobody can listen at *port* of the loopback interface now, or ``""``; 0 is any.

    As kubectl does, it takes a port at which a connection has only just ended.
    """
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOOPBACK, port))
            tried.listen(1)
        except OSError as error:
            in_use = error.errno == errno.EADDRINUSE
            why = "is in use" if in_use else f"is not to be had: {os.strerror(error.errno or 0)}"
            return f"port {port} of this machine {why}; take another, or 0 for a free one"
    return ""


def declared_ports(pods: Sequence[ChosenPod]) -> Iterator[tuple[int, str]]:
    """Yield the ports that the containers of the first of *pods* declare, each with its name."""
    for container in (pods[0].item.get("spec") or {}).get("containers") or ():
        for one in container.get("ports") or ():
            if one.get("protocol", "TCP") == "TCP" and isinstance(one.get("containerPort"), int):
                yield one["containerPort"], str(one.get("name") or "")


def _named(port: tuple[int, str]) -> str:
    number, name = port
    return f"{number} ({name})" if name else str(number)
