"""The suite notices what a login is read from and what is not declared."""

from pathlib import Path

import pytest

from opsboard.adapter import HostEnviron, LoginInputs, SourceSettings
from opsboard.config.resolved_source import ResolvedSource
from opsboard.testing.login import undeclared_reads
from tests.startup.test_first_frame import Declaring


class Forgetful(Declaring):
    """Declares what each test says."""

    declared = LoginInputs()

    @classmethod
    def login_inputs(cls, settings: SourceSettings, host_environ: HostEnviron) -> LoginInputs:
        return cls.declared


@pytest.fixture
def environ(tmp_path: Path) -> HostEnviron:
    (tmp_path / "token").write_text("alice")
    return HostEnviron(env={"TOKEN": "alice", "PATH": "/bin"}, home=tmp_path, cwd=tmp_path)


async def _log_in(_: ResolvedSource, environ: HostEnviron) -> object:
    """Read two variables, of which one is not set, and two files, of which one is not there."""
    found = environ.env.get("OTHER_TOKEN") or environ.env["TOKEN"] or environ.env["PATH"]
    missing = environ.home / "missing"
    try:
        found += missing.read_text()
    except FileNotFoundError:
        found += (environ.home / "token").read_text()
    return found


@pytest.mark.parametrize(
    ("variables", "files", "undeclared"),
    [
        ((), (), {"OTHER_TOKEN", "TOKEN", "missing", "token"}),
        (("TOKEN",), ("token",), {"OTHER_TOKEN", "missing"}),
        (("OTHER_TOKEN",), ("missing",), {"TOKEN", "token"}),
        (("TOKEN", "OTHER_TOKEN"), ("token", "missing"), set()),
    ],
)
@pytest.mark.parametrize("shared", [True, False])
async def test_what_is_read_and_not_declared_is_found(
    environ: HostEnviron,
    variables: tuple[str, ...],
    files: tuple[str, ...],
    undeclared: set[str],
    shared: bool,
) -> None:
    paths = tuple(environ.home / name for name in files)
    declared = {"shared_files" if shared else "files": paths}
    Forgetful.declared = LoginInputs(variables=variables, **declared)  # type: ignore[arg-type]
    source = ResolvedSource("example", Forgetful, SourceSettings())
    found = await undeclared_reads(source, environ, _log_in)
    assert {Path(name).name for name in found} == undeclared
    assert (environ.home / "token").read_text() == "alice", "it is left as it was"
    assert not (environ.home / "missing").exists()


async def test_what_never_changes_who_asks_may_be_named(environ: HostEnviron) -> None:
    Forgetful.declared = LoginInputs(files=(environ.home / "token", environ.home / "missing"))
    source = ResolvedSource("example", Forgetful, SourceSettings())
    names = frozenset({"TOKEN", "OTHER_TOKEN"})
    assert await undeclared_reads(source, environ, _log_in, names) == []
