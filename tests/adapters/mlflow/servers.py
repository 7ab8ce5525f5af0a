"""Real MLflow servers on loopback, each on a database of its own."""

import atexit
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.adapters.mlflow.environments import CACHE, Release, locked, python_of
from tests.patience import PATIENCE
from tests.ports import free_port

NURSERY = Path(__file__).with_name("nursery.py")
START_SECONDS = 120.0
STOP_SECONDS = 10.0
MIGRATE = """
import sys
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
SqlAlchemyStore(sys.argv[1], "mlflow-artifacts:/")
"""


@contextmanager
def running(
    release: Release,
    folder: Path,
    *,
    password: str = "",
    fill: Callable[[Path], None] = lambda _database: None,
) -> Iterator[str]:
    """Run a server of *release* on a new database in *folder*; yield its URL.

    With *password*, it asks for basic authentication; the user is ``admin``. Before it runs,
    *fill* may write into the database.
    """
    python = python_of(release)
    database = folder / "mlflow.sqlite"
    shutil.copy(_migrated(release, python), database)
    fill(database)
    port = free_port()
    app = release.auth_app if password else release.app
    command = [release.module]
    if release.module == "uvicorn":
        factory = ["--factory"] if password else []
        command += ["--port", str(port), "--log-level", "warning", *factory, app]
    else:
        command += ["--threads", "4", "--bind", f"127.0.0.1:{port}", app]
    log = folder / "server.log"
    env = _env(folder, f"sqlite:///{database}", password)
    process = _nursery(release, env, folder).start(command, env, folder, log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, log)
        yield url
    finally:
        _stop(process)


class Nursery:
    """A process that has imported MLflow, and of which servers are forks: :mod:`.nursery`."""

    def __init__(self, command: Sequence[str], env: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file
            )
        atexit.register(self._process.communicate)  # the end of its input ends it

    def start(self, argv: Sequence[str], env: dict[str, str], folder: Path, log: Path) -> int:
        """Start a server in *folder*; return the number of its process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        told = {"argv": argv, "env": env, "cwd": str(folder), "log": str(log)}
        answer = b""
        with suppress(BrokenPipeError):  # it has ended, and said why
            self._process.stdin.write(json.dumps(told).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"MLflow cannot be imported: {self._log.read_text()[-2000:]}")
        return int(answer)


_nurseries: dict[Release, Nursery] = {}


def _nursery(release: Release, env: dict[str, str], folder: Path) -> Nursery:
    """Return the nursery of *release*, begun with the *env* and in the *folder* of a server."""
    if release not in _nurseries:
        command = [str(python_of(release)), "-P", str(NURSERY), *release.imports]
        _nurseries[release] = Nursery(command, env, folder / "nursery.log")
    return _nurseries[release]


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _stop(process: int) -> None:
    """End *process*, by force where it does not within :data:`STOP_SECONDS`."""
    end = time.monotonic() + STOP_SECONDS
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
        while time.monotonic() < end:
            os.kill(process, 0)
            time.sleep(0.02)
        os.kill(process, signal.SIGKILL)


def _migrated(release: Release, python: Path) -> Path:
    """Return a database that has all tables; making it takes longer than copying it."""
    database = CACHE / f"{release.name}.sqlite"
    with locked(release):
        if not database.exists():
            fresh = database.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            command = [str(python), "-c", MIGRATE, f"sqlite:///{fresh}"]
            subprocess.run(command, check=True, capture_output=True, timeout=START_SECONDS)
            fresh.rename(database)
    return database


def _env(folder: Path, store: str, password: str) -> dict[str, str]:
    auth = folder / "auth.ini"
    auth.write_text(
        "[mlflow]\ndefault_permission = READ\n"
        f"database_uri = sqlite:///{folder / 'auth.sqlite'}\n"
        f"admin_username = admin\nadmin_password = {password}\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n"
    )
    return {
        **os.environ,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_AUTH_CONFIG_PATH": str(auth),
        "MLFLOW_AUTH_ADMIN_PASSWORD": password,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": "for tests only",
        "_MLFLOW_SGI_NAME": "uvicorn",
        "_MLFLOW_SERVER_FILE_STORE": store,
        "_MLFLOW_SERVER_REGISTRY_STORE": store,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "artifacts"),
    }


def _wait(url: str, process: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and _is_running(process):
        try:
            if httpx.get(f"{url}/health", timeout=PATIENCE, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
