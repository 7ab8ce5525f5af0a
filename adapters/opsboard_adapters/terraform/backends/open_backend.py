"""The backend that the settings name, with its login."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from opsboard.adapter import Context, Misconfigured
from opsboard.system.secrets import SecretError, SecretSource
from opsboard_adapters.net.urls import check_utf8
from opsboard_adapters.terraform.backends.backend import Backend
from opsboard_adapters.terraform.backends.files import FileBackend
from opsboard_adapters.terraform.settings import TerraformSettings


@asynccontextmanager
async def open_backend(settings: TerraformSettings, context: Context) -> AsyncIterator[Backend]:
    """Hold the backend of *settings* open. Nothing is asked before it is used."""
    if settings.path is not None:
        yield FileBackend(settings.path, settings.depth, settings.max_bytes)
    elif settings.address is not None:
        async with _http(settings, settings.address, context) as backend:
            yield backend
    elif settings.bucket is not None:
        yield await _s3(settings, settings.bucket, context)
    else:
        yield _kubernetes(settings, context)


@asynccontextmanager
async def _http(
    settings: TerraformSettings, address: str, context: Context
) -> AsyncIterator[Backend]:
    from opsboard_adapters import http  # noqa: PLC0415 - states in files need none
    from opsboard_adapters.terraform.backends.http import HttpBackend  # noqa: PLC0415

    password = await _secret(settings.password, "password", context)
    username = check_utf8(settings.username or "", "the username")
    client = http.open_client(
        address,
        auth=(username, check_utf8(password, "the password")) if username else None,
        ca_file=settings.ca_file,
        verify=not settings.insecure,
        timeout=settings.timeout,
        response_limits=http.response_limits(settings),
    )
    async with client:
        yield HttpBackend(
            client,
            address,
            settings.lock_address,
            settings.http_workspaces,
            username=username,
            now=context.now,
        )


async def _s3(settings: TerraformSettings, bucket: str, context: Context) -> Backend:
    from opsboard_adapters.terraform.backends.s3 import S3Backend, open_client  # noqa: PLC0415

    secret = await _secret(settings.secret_access_key, "secret_access_key", context)
    keys = (settings.access_key_id, secret) if settings.access_key_id else None
    verify: bool | str = str(settings.ca_file) if settings.ca_file else not settings.insecure
    opening = partial(
        open_client,
        region=settings.region,
        endpoint_url=settings.endpoint_url,
        profile=settings.profile,
        keys=keys,
        verify=verify,
        seconds=settings.timeout,
    )
    return S3Backend(
        opening,
        bucket,
        settings.key,
        settings.workspace_key_prefix,
        max_bytes=settings.max_bytes,
    )


def _kubernetes(settings: TerraformSettings, context: Context) -> Backend:
    from opsboard_adapters.terraform.backends.kubernetes import KubernetesBackend  # noqa: PLC0415

    kubeconfig = [f"--kubeconfig={settings.kubeconfig}"] if settings.kubeconfig else []
    named = [f"--context={settings.context}"] if settings.context else []
    return KubernetesBackend(
        context.host_environ,
        settings.secret_suffix or "",
        settings.namespace,
        [*kubeconfig, *named],
        seconds=settings.timeout,
        max_bytes=settings.max_bytes,
    )


async def _secret(source: SecretSource | None, field: str, context: Context) -> str:
    if source is None:
        return ""
    try:
        secret = await source.resolve(context.host_environ.env)
    except SecretError as error:
        raise Misconfigured(f"no {field}: {error}", f"fix {field} in config") from None
    context.register_secret(secret)
    return secret
