"""A shell, or another command, in a container: ``kubectl exec``."""

import re
import shlex
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import Form, Input, Misconfigured, Plan, Progress, Request, Verdict
from opsboard.adapter.actions import Draft
from opsboard.adapter.actions.findings import blocker, facts
from opsboard.adapter.plans import LONGEST_TIMEOUT
from opsboard.adapter.programs import ProgramState
from opsboard.masking import mask_text
from opsboard.masking.commands import mask_command
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
from opsboard_adapters.kubernetes.actions.specs import EXEC_SPEC

SHELL: Final = ("sh", "-c", "command -v bash >/dev/null 2>&1 && exec bash || exec sh")
"""bash where the container has it, else sh."""
NEVER_BEGAN: Final = 5.0
"""Seconds within which a shell that ends with an error was none: kubectl could not get in."""
SIGNALLED: Final = 128
"""What is added to the number of a signal in the exit code of what it ended (POSIX shells)."""
ENDS_A_SHELL: Final = frozenset({signal.SIGHUP, signal.SIGKILL})
"""Signals that end a shell that somebody types in: its connection is lost, or its container is gone
or out of memory. Such a shell outlives SIGINT, SIGQUIT and SIGTERM, so that these have ended the
last command that was typed."""
_OF_WHAT_RAN: Final = re.compile(r"command terminated with exit code \d+$")


@dataclass(frozen=True, kw_only=True)
class ExecPayload(ProgramPayload):
    """The *command* in *container*; none is a shell."""

    container: str
    command: tuple[str, ...] = ()


class ExecInContainer(ProgramAction[ExecPayload]):
    """Runs a command in a container, with the terminal of the board."""

    spec = EXEC_SPEC
    payload = ExecPayload
    needs = (ResourceAttributes("create", "", "pods", "exec"),)
    errors_are_its_own = True
    """With --tty, what runs in the container has but one stream, the standard output."""

    async def form(self, ctx: Reading, request: Request) -> Form:
        pods = await self.pods(await ctx.client.find_ref(request.ref))
        command = Input(
            name="command",
            label="command",
            help="nothing for a shell: bash, or sh where there is no bash",
        )
        return Form(inputs=(pod_input(pods), container_input(pods), command))

    async def draft(
        self, ctx: Reading, request: Request, values: Mapping[str, str]
    ) -> Draft[ExecPayload]:
        target = await ctx.client.find_ref(request.ref)
        pod = chosen(await self.pods(target), values)
        container = chosen_container(pod, values)
        command = command_words(values.get("command", ""))
        payload = ExecPayload(
            **target.address,
            pod=pod.name,
            container=container.name,
            command=command,
        )
        found = [blocker(why)] if (why := container.not_running) else []
        return target.draft(
            payload,
            after=f"{what_is_run(command)} in {container.name}",
            facts=facts(
                ("pod", pod.name if pod.name != target.name else ""),
                ("container", container.name),
                ("runs", shlex.join(command) or "bash, else sh"),
                ("node", pod.pod.spec.node_name),
                ("on record", "begin and end; not what is typed"),
            ),
            findings=(*found, *await kubectl_findings(ctx.client, target.connection)),
            timeout=LONGEST_TIMEOUT,
        )

    def program(self, payload: ExecPayload, plan: Plan) -> tuple[list[str], str]:
        pod = f"pod/{payload.pod}"  # so that no name is taken for a flag
        words = ["exec", "--stdin", "--tty", "--container", payload.container, pod, "--"]
        place = self.place(payload, plan, payload.container)
        what = what_is_run(payload.command)
        way_back = "exit or Ctrl-D" if not payload.command else "its end"
        title = f"opsboard: {what} in {place}; {way_back} goes back to the board"
        return [*words, *(payload.command or SHELL)], title

    def verdict(self, payload: ExecPayload, state: ProgramState) -> Progress:
        """Return how it has ended, by what kubectl gives: its exit code, and its last words.

        kubectl passes the exit code of what ran in the container on, and says so: ``command
        terminated with exit code N``. Its other failures have words of their own (``error:
        unexpected EOF``, of a connection that is lost), and exit code 1. So

        - kubectl itself has failed where a signal ended it, or where it fails with other words;
        - a command has failed with any exit code but 0;
        - a shell ends with the code of the last command that was typed, which says nothing of the
          shell: it has failed only where a signal ended it (:data:`ENDS_A_SHELL`), or where it
          ended with an error before anybody can have done anything (:data:`NEVER_BEGAN`).
        """
        code = state.exit_code or 0
        if code > 0 and state.complaint and not _OF_WHAT_RAN.search(state.complaint):
            return Progress(message=f"{state.complaint}: {state.ending}", verdict=Verdict.FAILED)
        is_shell = not payload.command
        number = code - SIGNALLED
        if number in (ENDS_A_SHELL if is_shell else signal.valid_signals()):
            said = f"ended by signal {number}, {state.ending}"
            return Progress(message=said, verdict=Verdict.FAILED)
        if is_shell and code > 0 and state.seconds >= NEVER_BEGAN:
            return Progress(message=state.ending, verdict=Verdict.SUCCEEDED)
        return super().verdict(payload, state)


def what_is_run(command: Sequence[str]) -> str:
    """Return what is run, in words."""
    return "a shell" if not command else shlex.join(command)


def command_words(text: str) -> tuple[str, ...]:
    """Return the words of the command *text*. Raises :exc:`Misconfigured`.

    It goes into the plan, the audit trail and the list of processes, so no secret may be in it.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        said = f"{str(error).lower()} in the command"
        raise Misconfigured(said, "quote it as for a shell") from None
    if "\0" in text:
        raise Misconfigured("the command has a NUL in it", "no program can be given one")
    if list(words) != mask_command(words) or any(mask_text(word) != word for word in words):
        raise Misconfigured(
            "the command looks as if it holds a secret, and it would be on record",
            "open a shell, and type it there: what is typed is on no record",
        )
    return words
