"""Real MLflow servers on loopback, each on a database of its own."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.adapters.mlflow.environments import CACHE, Release, locked, python_of
from tests.ports import free_port

START_SECONDS = 120.0
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
    command = [str(python), "-m", release.module]
    if release.module == "uvicorn":
        factory = ["--factory"] if password else []
        command += ["--port", str(port), "--log-level", "warning", *factory, app]
    else:
        command += ["--threads", "4", "--bind", f"127.0.0.1:{port}", app]
    log = (folder / "server.log").open("w")
    env = _env(folder, f"sqlite:///{database}", password)
    with log, subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, folder / "server.log")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


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


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/health", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
