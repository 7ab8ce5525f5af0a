"""A shell in a new, ephemeral container of a pod: ``kubectl debug``."""

from collections.abc import Mapping
from dataclasses import dataclass

from opsboard.adapter import Difference, Form, Input, Plan, Request
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import blocker, facts, note, warning
from opsboard.adapter.plans import LONGEST_TIMEOUT
from opsboard_adapters.kubernetes.actions.base import Reading, ResourceAttributes
from opsboard_adapters.kubernetes.actions.pod_choice import (
    chosen,
    chosen_container,
    container_input,
    pod_input,
)
from opsboard_adapters.kubernetes.actions.program_action import (
    ProgramAction,
    ProgramPayload,
    kubectl_findings,
)
from opsboard_adapters.kubernetes.actions.specs import DEBUG_SPEC

PROFILE = "general"
"""The profile of ``kubectl debug``: the container may trace processes, and nothing else."""
MAY = "trace processes (SYS_PTRACE)"
STAYS = "the container stays in the spec of the pod for as long as that lives: none can be removed"


@dataclass(frozen=True, kw_only=True)
class DebugPayload(ProgramPayload):
    """The *image* of the new container, which sees the processes of *container*, if it is to."""

    container: str
    image: str


class DebugPod(ProgramAction[DebugPayload]):
    """Adds a container to a pod and opens a shell in it, with the terminal of the board.

    It is for pods that fail, so those are meant first. A container that does not run has no
    processes to see, and a runtime starts nothing that is to see them: then none is named.
    """

    spec = DEBUG_SPEC
    payload = DebugPayload
    failing_first = True
    needs = (
        ResourceAttributes("patch", "", "pods", "ephemeralcontainers"),
        ResourceAttributes("create", "", "pods", "attach"),
    )

    async def form(self, ctx: Reading, request: Request) -> Form:
        pods = await self.pods(await ctx.client.find_ref(request.ref))
        image = Input(
            name="image",
            label="image",
            help="debug_image of the source in the config is the default",
            default=ctx.client.debug_image,
            required=True,
        )
        return Form(inputs=(image, pod_input(pods), container_input(pods)))

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[DebugPayload]:
        target = await ctx.client.find_ref(request.ref)
        pod = chosen(await self.pods(target), values)
        container = chosen_container(pod, values)
        image = values["image"].strip()
        found = [blocker(why)] if (why := pod.is_over) else []
        if unseen := container.not_running:
            found.append(note(f"{unseen}: it has no processes to see"))
        if image.startswith("-"):
            found.append(blocker(f"{image!r} is no name of an image"))
        seen = "" if unseen else container.name
        payload = DebugPayload(**target.address, pod=pod.name, container=seen, image=image)
        return target.draft(
            payload,
            after=f"a shell in a container of {image}",
            facts=facts(
                ("pod", pod.name if pod.name != target.name else ""),
                ("sees", f"the processes of {seen}" if seen else "the network of the pod"),
                ("image", image),
                ("may", MAY),
                ("node", pod.pod.spec.node_name),
            ),
            changes=(Difference(group="ephemeral containers", name="image", after=image),),
            findings=(
                *found,
                warning(STAYS),
                *await kubectl_findings(ctx.client, target.connection),
            ),
            timeout=LONGEST_TIMEOUT,
        )

    def program(self, payload: DebugPayload, plan: Plan) -> tuple[list[str], str]:
        place = self.place(payload, plan)
        title = f"opsboard: a container of {payload.image} beside {place}; its end goes back"
        words = ["debug", "--stdin", "--tty", f"pod/{payload.pod}", f"--image={payload.image}"]
        target = [f"--target={payload.container}"] if payload.container else []
        return [*words, *target, f"--profile={PROFILE}"], title
