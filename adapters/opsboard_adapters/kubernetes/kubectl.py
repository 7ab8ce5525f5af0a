"""kubectl, where it is installed: what it describes, and how it is run for a person.

``kubectl describe`` has what operators read, in the words they know. It runs without a terminal,
against the server that the board is connected to, for a bounded time. What is secret in the object
by the rules of the board, as in its YAML, is taken out of the text too. Secrets and ConfigMaps are
not described by it: it prints the values of one of them.
"""

import re
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from opsboard.adapter import Description, HostEnviron
from opsboard.adapter.programs import FILE, PrivateFile, Program, with_file
from opsboard.system.non_interactive import (
    CommandOutput,
    NonInteractiveError,
    run_non_interactive,
)
from opsboard_adapters.kubernetes.access.clusters import ClusterAccess
from opsboard_adapters.kubernetes.access.pinned_kubeconfig import pinned_kubeconfig
from opsboard_adapters.kubernetes.discovery import ServedResource
from opsboard_adapters.kubernetes.objects import masked
from opsboard_adapters.kubernetes.settings import KubernetesSettings

TIMEOUT: Final = 20.0
"""Seconds that it may take."""
VERSION_TIMEOUT: Final = 5.0
"""Seconds in which it says its version."""
_VERSION: Final = re.compile(r'"gitVersion":\s*"v(\d+)\.(\d+)')
MAX_LINES: Final = 5_000
_BY: Final = "kubectl describe"
_SHORTEST: Final = 4
"""Characters that a secret value has at least to be searched for in a text."""
_NOT_DESCRIBED: Final = frozenset({"secrets", "configmaps"})


class KubectlError(Exception):
    """kubectl cannot be used here; the text says why."""


class Kubectl:
    """The kubectl that is on the PATH of *environ*, for the clusters of *settings*.

    *pinned* returns the access that a cluster is open with. kubectl never reads the kubeconfig by
    itself: it is given a copy of that access alone, in a file that nobody else can read.
    """

    def __init__(
        self,
        settings: KubernetesSettings,
        environ: HostEnviron,
        pinned: Callable[[str], Awaitable[ClusterAccess]],
    ) -> None:
        self._settings, self._environ, self.pinned = settings, environ, pinned
        self._versions: dict[str, tuple[int, int]] = {}

    async def describe(
        self, context: str, resource: ServedResource, namespace: str, item: Mapping[str, Any]
    ) -> Description:
        """Return what it says of *item*, an object of *context*. Raises :exc:`KubectlError`."""
        if resource.full_name in _NOT_DESCRIBED:
            raise KubectlError("kubectl would read values")
        words = ["describe", resource.full_name, "--request-timeout=15s"]
        if namespace and resource.namespaced:
            words += ["--namespace", namespace]
        words += ["--", str((item.get("metadata") or {}).get("name", ""))]
        program = self.run_at(await self.pinned(context), words)
        try:
            with with_file(program) as ready:
                answer = await self._printed(ready.argv, TIMEOUT)
        except OSError as error:
            raise KubectlError(f"there is no place for a kubeconfig: {error}") from None
        text = answer.output.decode("utf-8", "replace")
        if answer.exit_code or not text.strip():
            raise KubectlError(f"kubectl failed with exit code {answer.exit_code}")
        return Description(text=bounded(without_secrets(text, item)), by=_BY)

    @property
    def env(self) -> dict[str, str]:
        """The environment that it is run in.

        The preferences of the user (*kuberc*) are left out: they may name another server.
        """
        return {"HOME": str(self._environ.home), **self._environ.env, "KUBERC": "off"}

    def run_at(
        self,
        access: ClusterAccess,
        words: Sequence[str],
        title: str = "",
        *,
        errors_are_its_own: bool = False,
    ) -> Program:
        """Return the program that runs *words* at the server of *access*, as its user.

        No login is on its command line or in its environment. *errors_are_its_own* is as of
        :class:`~opsboard.adapter.Program`. Raises :exc:`KubectlError`.
        """
        flags = ("--kubeconfig", FILE, "--context", access.name)
        file = PrivateFile("kubeconfig", pinned_kubeconfig(access))
        argv = (self.program(), *flags, *words)
        return Program(argv, self.env, title, file, errors_are_its_own)

    def program(self) -> str:
        """Return its absolute path. Raises :exc:`KubectlError` where it cannot be used."""
        if self._settings.in_cluster:
            raise KubectlError("the source uses the service account of its pod")
        found = shutil.which("kubectl", path=self._environ.env.get("PATH", ""))
        if found is None or not Path(found).is_absolute():
            raise KubectlError("kubectl is not on PATH")
        return found

    async def version(self) -> tuple[int, int]:
        """Return its own version, major and minor. Raises :exc:`KubectlError`."""
        program = self.program()
        if program not in self._versions:
            words = [program, "version", "--client", "--output=json"]
            answer = await self._printed(words, VERSION_TIMEOUT)
            found = _VERSION.search(answer.output.decode("utf-8", "replace"))
            if answer.exit_code or found is None:
                raise KubectlError(f"{program} does not say which version it is")
            self._versions[program] = int(found[1]), int(found[2])
        return self._versions[program]

    async def _printed(self, words: Sequence[str], seconds: float) -> CommandOutput:
        try:
            return await run_non_interactive(words, self.env, seconds=seconds)
        except NonInteractiveError as error:
            raise KubectlError(f"kubectl: {error}") from None


def bounded(text: str) -> str:
    """Return the first lines of *text*, and how many more there are."""
    lines = text.splitlines()
    more = len(lines) - MAX_LINES
    return "\n".join(lines if more <= 0 else [*lines[:MAX_LINES], f"... {more:,} more lines"])


def without_secrets(text: str, item: Mapping[str, Any]) -> str:
    """Return *text* without what the YAML of *item* does not show either."""
    pairs = sorted(set(_hidden(item, masked(item))), key=lambda pair: -len(pair[0]))
    for value, shown in pairs:
        text = text.replace(value, shown)
    return text


def _hidden(value: Any, shown: Any) -> Iterator[tuple[str, str]]:
    """Yield the texts of *value* that are others in *shown*, line by line, with those."""
    if isinstance(value, Mapping) and isinstance(shown, Mapping):
        for key in value.keys() & shown.keys():
            yield from _hidden(value[key], shown[key])
    elif isinstance(value, list) and isinstance(shown, list):
        for part, other in zip(value, shown, strict=False):
            yield from _hidden(part, other)
    elif isinstance(value, str) and value != shown:
        yield from _hidden_lines(value.splitlines(), str(shown).splitlines() or [""])


def _hidden_lines(lines: list[str], shown: list[str]) -> Iterator[tuple[str, str]]:
    same = len(lines) == len(shown)
    for at, line in enumerate(lines):
        other = shown[at] if same else shown[0]
        if len(line.strip()) >= _SHORTEST and line != other:
            yield line.strip(), other.strip()
