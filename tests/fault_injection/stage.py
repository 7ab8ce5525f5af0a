"""The demo's world behind a proxy that injects faults, and configs that point to it."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import trustme
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from opsboard.demo.server import listen, make_server
from opsboard.demo.world.company import OWNER, REGISTRY
from tests.fault_injection.behaviours import Behaviour
from tests.patience import PATIENCE
from tests.ports import silent_port

SOURCES: Mapping[str, str] = {"github": "/api/v3", "clusters": "/clusters", "mlflow": "/mlflow"}
"""Source -> where its API is."""
ALL_SOURCES: Mapping[str, str] = {**SOURCES, "registry": "/registry"}
"""With the registry, whose images take some hundred requests: see :attr:`Settings.registry`."""
ALL_PATHS: Mapping[str, tuple[str, ...]] = {
    name: (path, "/api/graphql") if name == "github" else (path,)
    for name, path in ALL_SOURCES.items()
}
"""Source -> all paths that it asks: GitHub's GraphQL stands beside its REST API."""
REGISTRY_USER = "shopper"

SECRETS: Mapping[str, str] = {name: f"s3cret-of-{name}-0123456789" for name in ALL_SOURCES}
SECRETS_AS_SENT: Mapping[str, str] = {
    **SECRETS,
    "Basic of the registry": b64encode(f"{REGISTRY_USER}:{SECRETS['registry']}".encode()).decode(),
}
"""What no text may have in it: the secrets, and what they look like in a header."""
CLUSTERS = ("production-eu", "staging-eu")


class RegistryLogin:
    """Wraps *app*: the registry answers nobody who sends no login, as those do that need one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not lacks_login(scope["path"], dict(scope["headers"])):
            await self.app(scope, receive, send)
            return
        headers = [(b"www-authenticate", b'Basic realm="registry"')]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})


def lacks_login(path: str, headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether a request of the registry comes without a login."""
    return path.startswith(ALL_SOURCES["registry"]) and b"authorization" not in headers


class FaultProxy:
    """Wraps *app*: requests below a path in *faults* get the behaviour that is set there."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.faults: dict[str, Behaviour] = {}
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        task = asyncio.create_task(self._serve(scope, receive, send))
        self._under_way[task] = scope["path"]
        try:
            await task
        finally:
            self._under_way.pop(task, None)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        for path, behaviour in self.faults.items():
            if scope["path"].startswith(path):
                await behaviour(self.app, scope, receive, send)
                return
        await self.app(scope, receive, send)

    def inject(self, path: str, behaviour: Behaviour) -> None:
        """Set the behaviour below *path* from now on; cut requests in progress there."""
        self.faults[path] = behaviour
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._cut, path)

    def inject_source(self, source: str, behaviour: Behaviour) -> None:
        """Set the behaviour of all that *source* asks."""
        for path in ALL_PATHS[source]:
            self.inject(path, behaviour)

    def clear(self) -> None:
        """End all faults."""
        self.faults.clear()

    def _cut(self, path: str) -> None:
        for task, at in self._under_way.items():
            if at.startswith(path):
                task.cancel()


@dataclass(frozen=True, slots=True)
class AppHarness:
    """Where the world is served: over plain HTTP, and over TLS with a CA of its own."""

    fault_proxy: FaultProxy
    url: str
    tls_url: str
    ca_file: Path


@contextmanager
def served(app: ASGIApp, folder: Path) -> Iterator[AppHarness]:
    """Serve *app* behind a :class:`FaultProxy`, on two ports."""
    fault_proxy = FaultProxy(RegistryLogin(app))
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    files = folder / "ca.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(files[0]))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(files[1]))
    with _serving(fault_proxy) as url, _serving(fault_proxy, files[1]) as tls_url:
        yield AppHarness(fault_proxy, url, tls_url, files[0])


@contextmanager
def _serving(app: ASGIApp, certificate: Path | None = None) -> Iterator[str]:
    server = make_server(app)  # type: ignore[arg-type]
    if certificate is not None:
        server.config = uvicorn.Config(
            app, log_level="critical", date_header=False, ssl_certfile=certificate
        )
        server.config.timeout_graceful_shutdown = 1
    sock = listen()
    thread = Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    scheme = "https" if certificate else "http"
    try:
        yield f"{scheme}://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        sock.close()


def nobody() -> str:
    """Return a URL at which nobody listens."""
    return f"http://127.0.0.1:{silent_port()}"


@dataclass(slots=True)
class Settings:
    """What a test's config says: where each source is, and further keys of it."""

    urls: dict[str, str]
    keys: dict[str, dict[str, object]] = field(default_factory=dict)
    cluster: dict[str, object] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=lambda: SECRETS)
    acting_as: str = ""
    """The user that the clusters see by impersonation, since no token is sent over plain HTTP."""
    registry: bool = False
    """Whether the registry is configured, too."""

    @classmethod
    def all_at(cls, url: str) -> "Settings":
        return cls(dict.fromkeys(ALL_SOURCES, url))

    @classmethod
    def at(cls, stage: AppHarness) -> "Settings":
        """Return the settings of all on *stage*; no login is sent to a cluster without TLS."""
        urls = {**dict.fromkeys(ALL_SOURCES, stage.url), "clusters": stage.tls_url}
        return cls(urls, cluster={"certificate-authority": str(stage.ca_file)})

    def write(self, folder: Path) -> Path:
        """Write config and kubeconfig into *folder*; return the config."""
        kubeconfig = folder / "kubeconfig.json"
        kubeconfig.write_text(json.dumps(self._kubeconfig()), "utf-8")
        github, mlflow = self.urls["github"], self.urls["mlflow"]
        tables: dict[str, dict[str, object]] = {
            "github": {
                "adapter": "github",
                "host": urlsplit(github).netloc,
                "api_url": f"{github}{SOURCES['github']}",
                "organisations": [OWNER],
                "token": self.tokens["github"],
            },
            "clusters": {
                "adapter": "kubernetes",
                "kubeconfig": str(kubeconfig),
                "contexts": list(CLUSTERS),
            },
            "mlflow": {
                "adapter": "mlflow",
                "tracking_uri": f"{mlflow}{SOURCES['mlflow']}",
                "token": self.tokens["mlflow"],
            },
        }
        if self.registry:
            tables["registry"] = {
                "adapter": "registry",
                "url": f"{self.urls['registry']}{ALL_SOURCES['registry']}",
                "registry_name": REGISTRY,
                "username": REGISTRY_USER,
                "password": self.tokens["registry"],
            }
        config = folder / "opsboard.toml"
        lines: list[str] = []
        for name, table in tables.items():
            lines.append(f"[sources.{name}]")
            lines += [
                f"{key} = {json.dumps(value)}"
                for key, value in {**table, **self.keys.get(name, {})}.items()
            ]
        config.write_text("\n".join(lines) + "\n", "utf-8")
        return config

    def _kubeconfig(self) -> dict[str, object]:
        root = f"{self.urls['clusters']}{SOURCES['clusters']}"
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": CLUSTERS[0],
            "clusters": [
                {"name": name, "cluster": {"server": f"{root}/{name}", **self.cluster}}
                for name in CLUSTERS
            ],
            "contexts": [
                {"name": name, "context": {"cluster": name, "user": "who"}} for name in CLUSTERS
            ],
            "users": [
                {
                    "name": "who",
                    "user": {"token": self.tokens["clusters"], "as": self.acting_as or None},
                }
            ],
        }
