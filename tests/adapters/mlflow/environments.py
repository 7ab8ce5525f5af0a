"""Virtual environments with an MLflow server in them, made on demand and kept in the cache."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CACHE = Path(__file__).resolve().parents[3] / ".cache" / "mlflow"
INSTALL_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Release:
    """A release of MLflow to test against. *variable* may name a python that has it; *imports* are
    what each server imports, whether it asks for a login or not.
    """

    name: str
    requirements: tuple[str, ...]
    variable: str
    module: str
    app: str
    auth_app: str
    imports: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where it is installed, unless *variable* names a python."""
        return CACHE / self.name

    @property
    def python(self) -> Path:
        """Where the python of the release is, once it is installed."""
        named = os.environ.get(self.variable)
        return Path(named) if named else self.folder / "bin" / "python"

    def is_installed(self) -> bool:
        """Whether :attr:`python` has it."""
        return bool(os.environ.get(self.variable)) or (self.folder / "installed").exists()


RELEASES = {
    "mlflow3": Release(
        "mlflow-3.17.2",
        ("mlflow[auth]==3.17.2",),
        "OPSBOARD_TEST_MLFLOW_3",
        "uvicorn",
        "mlflow.server.fastapi_app:app",
        "mlflow.server.auth:create_app",
        ("mlflow.server.fastapi_app", "uvicorn.main"),
    ),
    "mlflow2": Release(
        "mlflow-2.22.5",
        # It imports a pool that SQLAlchemy 2.1 has no more.
        ("mlflow[auth]==2.22.5", "sqlalchemy<2.1", "setuptools<81"),
        "OPSBOARD_TEST_MLFLOW_2",
        "gunicorn",
        "mlflow.server:app",
        "mlflow.server.auth:create_app()",
        ("mlflow.server", "gunicorn.app.wsgiapp", "gunicorn.workers.gthread"),
    ),
}


class InstallError(Exception):
    """A release cannot be had. The text says why."""


def python_of(release: Release) -> Path:
    """Return the python of *release*, installing it where nobody has done so yet."""
    try:
        install(release)
    except InstallError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    return release.python


def install(release: Release) -> None:
    """Install *release* where nobody has done so yet. Raises :exc:`InstallError`."""
    if release.is_installed():
        return
    with locked(release):
        if not release.is_installed():
            _install(release)
            (release.folder / "installed").touch()


@contextmanager
def locked(release: Release) -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{release.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(release: Release) -> None:
    pip = [str(release.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pip.append("--no-compile")  # a server imports a small part of what comes with it
    try:
        _run([sys.executable, "-m", "venv", "--clear", str(CACHE / release.name)])
        _run([*pip, *release.requirements])
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise InstallError(f"cannot install {release.name}: {str(said).strip()[-500:]}") from None


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
