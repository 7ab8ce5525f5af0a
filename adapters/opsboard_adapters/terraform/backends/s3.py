"""States in a bucket of S3, or of what speaks its API, as Terraform's S3 backend keeps them.

botocore, the library of AWS, knows its logins; it is installed by ``opsboard[s3]`` and imported
when a source is read. Objects are listed and read, and nothing else. A lock is read where it is an
object (``use_lockfile``); one in DynamoDB is not looked for.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from opsboard.adapter import (
    Forbidden,
    Malformed,
    Misconfigured,
    NotFound,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
)
from opsboard_adapters.terraform.backends.backend import Backend, StateAddress, StateContent
from opsboard_adapters.terraform.backends.files import DEFAULT
from opsboard_adapters.terraform.locks import MAX_BYTES, Lock, read_lock
from opsboard_adapters.times import as_utc

T = TypeVar("T")
MAX_PAGES: Final = 50
"""Pages of a thousand objects that are looked through for workspaces. Beyond them nothing is known
to be gone: the listing fails, and what was known stays."""
_ERRORS: Final[dict[str, tuple[type[SourceError], str]]] = {
    "AccessDenied": (Forbidden, "let the login `s3:GetObject` and `s3:ListBucket` there"),
    "NoSuchBucket": (NotFound, "fix `bucket` in config"),
    "InvalidAccessKeyId": (Unauthenticated, "log in again, or fix the access key"),
    "SignatureDoesNotMatch": (Unauthenticated, "fix the secret of the access key"),
    "ExpiredToken": (Unauthenticated, "log in again: aws sso login"),
    "SlowDown": (Throttled, "wait; asking less often helps"),
}
"""Code of an answer -> what it is, and what helps."""


class S3Backend(Backend):
    """The states at *key* of *bucket*. *open_client* makes a client of botocore, in a thread."""

    name = "s3"

    def __init__(
        self,
        open_client: Callable[[], Any],
        bucket: str,
        key: str,
        prefix: str,
        *,
        max_bytes: int,
    ) -> None:
        self._open_client = open_client
        self._client: Any = None
        self._bucket = bucket
        self._key = key
        self._prefix = f"{prefix.strip('/')}/"
        self._max_bytes = max_bytes
        self._etags: dict[str, str] = {}
        self.address = f"s3://{bucket}/{key}"

    async def addresses(self) -> Sequence[StateAddress]:
        return await self._ask(self._found)

    async def read(self, one: StateAddress, known: str) -> StateContent | None:
        version = self._etags.get(one.location, "")
        if version and version == known:
            return None
        return await self._ask(partial(self._read, self._key_of(one)))

    async def lock(self, one: StateAddress) -> Lock | None:
        key = f"{self._key_of(one)}.tflock"
        if f"s3://{self._bucket}/{key}" not in self._etags:
            return None
        content = await self._ask(partial(self._read, key, MAX_BYTES))
        return read_lock(content.body) if content.body else None

    def _key_of(self, one: StateAddress) -> str:
        return one.location.removeprefix(f"s3://{self._bucket}/")

    # --- in a thread ---

    def _found(self) -> list[StateAddress]:
        """Return the states that are listed, the default workspace first."""
        listed = {
            key: etag for start in (self._key, self._prefix) for key, etag in self._list(start)
        }
        self._etags = {f"s3://{self._bucket}/{key}": etag for key, etag in listed.items()}
        end = f"/{self._key}"
        names = {self._key: DEFAULT} if self._key in listed else {}
        for key in sorted(listed):
            name = key.removeprefix(self._prefix).removesuffix(end)
            if key.startswith(self._prefix) and key.endswith(end) and name and "/" not in name:
                names[key] = name
        return [
            StateAddress(name, name, name, f"s3://{self._bucket}/{key}")
            for key, name in names.items()
        ]

    def _list(self, start: str) -> Iterator[tuple[str, str]]:
        more: dict[str, str] = {}
        for _ in range(MAX_PAGES):
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=start, **more)
            for one in page.get("Contents", ()):
                yield str(one.get("Key", "")), str(one.get("ETag", ""))
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}
        raise Malformed(
            f"{MAX_PAGES} pages and more begin with {start}: not all are looked through",
            "keep the states under a workspace_key_prefix, or in a bucket, of their own",
        )

    def _read(self, key: str, max_bytes: int = 0) -> StateContent:
        most = max_bytes or self._max_bytes
        answer = self._client.get_object(Bucket=self._bucket, Key=key)
        with answer["Body"] as stream:
            if int(answer.get("ContentLength") or 0) > most:
                raise Malformed(
                    f"{key} has more than {most / 2**20:,.1f} MiB: it is not read",
                    "max_object_mib in config allows more",
                )
            body = stream.read(most + 1)
        if len(body) > most:
            raise Malformed(f"{key} has no end", "max_object_mib in config allows more")
        changed: datetime | None = answer.get("LastModified")
        return StateContent(body or None, str(answer.get("ETag", "")), as_utc(changed))

    # --- asking ---

    async def _ask(self, work: Callable[[], T]) -> T:
        return await asyncio.to_thread(self._asked, work)

    def _asked(self, work: Callable[[], T]) -> T:
        """Do *work* with the client; what botocore raises becomes a SourceError."""
        try:
            if self._client is None:
                self._client = self._open_client()
            return work()
        except SourceError:
            raise
        except Exception as error:  # botocore has no class that all of its own derive from
            raise _fault(error, f"s3://{self._bucket}") from None


def _fault(error: Exception, where: str) -> SourceError:
    """Return what *error* stands for; a message of the server is not quoted."""
    response = getattr(error, "response", None)
    answer: dict[str, Any] = response if isinstance(response, dict) else {}
    code = str(answer.get("Error", {}).get("Code", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _ERRORS:
        kind, hint = _ERRORS[code]
        return kind(f"{where}: {code}", hint)
    if status in {401, 403}:
        return Forbidden(f"{where}: {status}", _ERRORS["AccessDenied"][1])
    if code and status < 500:
        return Malformed(f"{where}: {status} {code[:60]}", "is it the API of S3?")
    name = type(error).__name__
    if "Credential" in name or "Token" in name or "Profile" in name:
        return Unauthenticated(
            f"{where}: {name}", "log in: aws configure, aws sso login, a profile"
        )
    return Unreachable(
        f"{where}: {name}", "is endpoint_url or region right, and the network there?"
    )


def open_client(
    *,
    region: str | None,
    endpoint_url: str | None,
    profile: str | None,
    keys: tuple[str, str] | None,
    verify: bool | str,
    seconds: float,
) -> Any:
    """Return a client for S3. Raises :exc:`Misconfigured` where botocore is not installed."""
    try:
        from botocore.config import Config  # noqa: PLC0415 - an extra, and large
        from botocore.session import Session  # noqa: PLC0415
    except ImportError:
        raise Misconfigured(
            "S3 needs botocore, which is not installed", "pip install 'opsboard[s3]'"
        ) from None
    session = Session(profile=profile)
    config = Config(
        connect_timeout=min(seconds, 10.0),
        read_timeout=seconds,
        retries={"total_max_attempts": 2},
        s3={"addressing_style": "path"} if endpoint_url else {},
        user_agent_extra="opsboard",
    )
    return session.create_client(
        "s3",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=keys[0] if keys else None,
        aws_secret_access_key=keys[1] if keys else None,
        verify=verify,
        config=config,
    )
