"""States in Secrets of a cluster, as Terraform's Kubernetes backend keeps them, read by kubectl.

kubectl has the logins of all clouds, and is where this backend is used. It runs without a terminal,
for a bounded time. A Secret of this backend holds the state, and reading it is what the source is
declared for; its Lease says who holds the lock. Nothing of another Secret is asked for.
"""

import asyncio
import shutil
import zlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from opsboard.adapter import (
    Forbidden,
    HostEnviron,
    Malformed,
    Misconfigured,
    SourceError,
    Unreachable,
)
from opsboard.system.non_interactive import (
    CommandOutput,
    NonInteractiveError,
    NotStartedError,
    run_non_interactive,
)
from opsboard_adapters.http.struct_types import decoder_of
from opsboard_adapters.terraform.backends.backend import Backend, StateAddress, StateContent
from opsboard_adapters.terraform.backends.files import DEFAULT
from opsboard_adapters.terraform.locks import Lock, read_lock
from opsboard_adapters.times import as_utc

LOCK_INFO: Final = "app.terraform.io/lock-info"
_COLUMNS: Final = (
    "custom-columns=NAME:.metadata.name,VERSION:.metadata.resourceVersion,"
    "WORKSPACE:.metadata.labels.tfstateWorkspace"
)
ObjectT = TypeVar("ObjectT")
_GZIP: Final = 16 + zlib.MAX_WBITS
_HINT: Final = "try it by hand: kubectl get secrets"
_MAX_PRINTED: Final = 4 * 2**20
"""Bytes of a Secret as JSON: 1 MiB, which base64 makes a third longer, and its metadata."""


class SecretMetadata(msgspec.Struct):
    """When a Secret was written last, by whoever did."""

    managedFields: list[dict[str, object]] = []  # noqa: N815


class StateSecret(msgspec.Struct):
    """A Secret of which the state alone is read."""

    data: dict[str, str] = {}
    metadata: SecretMetadata | None = None


class LeaseMetadata(msgspec.Struct):
    """The annotations of a Lease."""

    annotations: dict[str, str] | None = None


class LeaseSpec(msgspec.Struct):
    """Who holds a Lease; nobody where it is empty."""

    holderIdentity: str | None = ""  # noqa: N815


class StateLease(msgspec.Struct):
    """The Lease that is a lock."""

    metadata: LeaseMetadata | None = None
    spec: LeaseSpec | None = None


class KubernetesBackend(Backend):
    """The states in *namespace* whose names end with *suffix*."""

    name = "kubernetes"

    def __init__(
        self,
        host: HostEnviron,
        suffix: str,
        namespace: str,
        options: Sequence[str],
        *,
        seconds: float,
        max_bytes: int,
    ) -> None:
        self._host = host
        self._suffix = suffix
        self._namespace = namespace
        self._options = options
        self.address = f"kubernetes:{namespace}/{suffix}"
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._versions: Mapping[str, str] = {}

    async def addresses(self) -> Sequence[StateAddress]:
        label = f"tfstate=true,tfstateSecretSuffix={self._suffix}"
        output = await self._kubectl("get", "secrets", "-l", label, "--no-headers", "-o", _COLUMNS)
        rows = [line.split() for line in output.decode("utf-8", "replace").splitlines()]
        found = [row for row in rows if len(row) == 3 and row[0] == self._secret(row[2])]
        self._versions = {row[0]: row[1] for row in found}
        return [self._address(row[2]) for row in sorted(found, key=_default_first)]

    def _secret(self, workspace: str) -> str:
        return f"tfstate-{workspace}-{self._suffix}"

    def _address(self, workspace: str) -> StateAddress:
        location = f"{self._namespace}/{self._secret(workspace)}"
        return StateAddress(workspace, workspace, workspace, location)

    async def read(self, one: StateAddress, known: str) -> StateContent | None:
        name = self._secret(one.workspace)
        version = self._versions.get(name, "")
        if version and version == known:
            return None
        words = ("get", "secret", name, "-o", "json", "--show-managed-fields")
        secret = _decoded(await self._kubectl(*words), StateSecret)
        packed = secret.data.get("tfstate", "")
        body = await asyncio.to_thread(_unpacked, packed, self._max_bytes) if packed else None
        return StateContent(body, version or name, _written_at(secret))

    async def lock(self, one: StateAddress) -> Lock | None:
        name = f"lock-{self._secret(one.workspace)}"
        output = await self._kubectl("get", "lease", name, "-o", "json", "--ignore-not-found")
        if not output.strip():
            return None
        lease = _decoded(output, StateLease)
        if lease.spec is None or not lease.spec.holderIdentity:
            return None
        notes = (lease.metadata.annotations if lease.metadata else None) or {}
        return read_lock(notes.get(LOCK_INFO, "").encode())

    async def _kubectl(self, *words: str) -> bytes:
        """Return what kubectl prints. Raises :exc:`SourceError`; what it says is not quoted."""
        program = shutil.which("kubectl", path=self._host.env.get("PATH"))
        if program is None or not Path(program).is_absolute():
            raise Misconfigured("there is no kubectl on the PATH", "install kubectl")
        timeout = f"--request-timeout={self._seconds:.0f}s"
        command = [program, *self._options, "-n", self._namespace, timeout, *words]
        env = {**self._host.env, "KUBERC": "off"}  # preferences may print something else
        try:
            done = await run_non_interactive(
                command, env, seconds=self._seconds + 5, most=_MAX_PRINTED
            )
        except NotStartedError as error:
            raise Misconfigured(str(error), "install kubectl") from None
        except NonInteractiveError as error:
            raise Unreachable(str(error), "does the cluster answer? " + _HINT) from None
        if done.exit_code:
            raise _refusal(words, done)
        return done.output


def _refusal(words: Sequence[str], done: CommandOutput) -> SourceError:
    what = " ".join(words[:2])
    return Forbidden(
        f"kubectl {what} ended with {done.exit_code}",
        f"is the login of the kubeconfig valid, and may it `get` and `list` secrets? {_HINT}",
    )


def _default_first(row: Sequence[str]) -> tuple[bool, str]:
    return row[2] != DEFAULT, row[2]


def _decoded(output: bytes, of: type[ObjectT]) -> ObjectT:
    try:
        return decoder_of(of).decode(output)
    except (ValueError, RecursionError):
        raise Malformed("kubectl printed no such object", _HINT) from None


def _unpacked(text: str, max_bytes: int) -> bytes:
    """Return the state in *text*, base64 of gzip. Raises :exc:`Malformed`, also if it is large."""
    try:
        unpacking = zlib.decompressobj(_GZIP)
        body = unpacking.decompress(b64decode(text, validate=True), max_bytes + 1)
    except (ValueError, zlib.error):
        raise Malformed("the Secret holds no state", "is it one of Terraform's?") from None
    if len(body) > max_bytes:
        raise Malformed(
            f"the state has more than {max_bytes / 2**20:,.0f} MiB: it is not read",
            "max_object_mib in config allows more",
        )
    return body


def _written_at(secret: StateSecret) -> datetime | None:
    """Return when a manager has written the Secret last."""
    fields = secret.metadata.managedFields if secret.metadata else []
    times = []
    for one in fields:
        try:
            times.append(as_utc(datetime.fromisoformat(str(one.get("time", "")))))
        except ValueError:
            continue
    return max((time for time in times if time is not None), default=None)
