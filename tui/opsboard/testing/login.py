"""Whether an adapter declares all that its login is read from (:meth:`Adapter.login_inputs`).

A variable or a file that a source reads, and that is not declared, might hold another login the
next time, which would then be shown what the first one saw. So the source is run while each of its
reads is noted, and each that is noted is changed: the fingerprint has to differ.
"""

import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence, Set
from contextlib import chdir, contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, ClassVar, Final

from opsboard.adapter import HostEnviron
from opsboard.config.resolved_source import ResolvedSource
from opsboard.startup.login_fingerprint import LoginFingerprint
from opsboard.startup.login_keys import fingerprint_logins
from opsboard.testing.arrangement import Arrangement, World
from opsboard.testing.fakes import FakeContext
from opsboard.testing.no_network import no_network
from opsboard.testing.recorder import recording

NOT_LOGIN: Final = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LANG", "TZ", "TERM", "NO_COLOR"}
    | {f"{scheme}_proxy" for scheme in ("http", "https", "all", "no", "ws", "wss")}
    | {f"{scheme}_PROXY" for scheme in ("HTTP", "HTTPS", "ALL", "NO", "WS", "WSS")}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
)
"""Variables that change the way to a server, or how a program runs, and never who asks."""


class LoginConformance(Arrangement):
    """The part of the suite that is about the login."""

    not_login: ClassVar[frozenset[str]] = frozenset()
    """Further variables that your source reads and that never change who asks."""

    not_login_files: ClassVar[Sequence[str]] = ()
    """Patterns of names of files that hold what your source shows, and never who asks."""

    async def test_the_login_is_stable_and_asks_no_network(self, tmp_path: Path) -> None:
        async with self.world() as world:
            environ = HostEnviron(env=world.env, home=tmp_path, cwd=tmp_path)
            with no_network():
                found = [self._fingerprinted(world, environ) for _ in range(2)]
        assert found[0][0], "login_inputs() must not fail"
        assert found[0][0] == found[1][0]
        assert found[0][1] is not None, "the same environment gives the same inputs"

    async def test_all_that_the_login_is_read_from_is_declared(self, tmp_path: Path) -> None:
        async with self.world() as world:
            source = ResolvedSource("example", self.adapter, world.settings)
            environ = HostEnviron(env=world.env, home=tmp_path, cwd=tmp_path)
            undeclared = await undeclared_reads(source, environ, self._list_all, self.not_login)
        undeclared = [one for one in undeclared if not self._is_shown(one)]
        assert not undeclared, f"declare in login_inputs(), or as not_login: {undeclared}"

    async def test_the_login_of_another_folder_is_another_one(self, tmp_path: Path) -> None:
        """A path that starts at the working folder is declared as a relative one."""
        async with self.world() as world:
            here = HostEnviron(env=world.env, home=tmp_path / "home", cwd=tmp_path / "here")
            there = replace(here, cwd=tmp_path / "there")
            declared = [self.adapter.login_inputs(world.settings, it) for it in (here, there)]
        files = [{*one.files, *one.shared_files} for one in declared]
        moved = sorted(str(file) for file in files[0] ^ files[1] if file.is_absolute())
        assert not moved, f"declare relative to the working folder: {moved}"

    def _is_shown(self, read: str) -> bool:
        return any(fnmatchcase(Path(read).name, one) for one in self.not_login_files)

    def _fingerprinted(
        self, world: World, environ: HostEnviron
    ) -> tuple[str, LoginFingerprint | None]:
        source = ResolvedSource("example", self.adapter, world.settings)
        keys, fingerprint = fingerprint_logins([source], environ)
        return keys["example"], fingerprint

    async def _list_all(self, source: ResolvedSource, environ: HostEnviron) -> None:
        context = FakeContext(env=environ.env, home=environ.home)
        async with (
            self.adapter.connect(source.settings, context) as connected,
            recording(connected) as recorder,
        ):
            await self.settle(recorder, context)


async def undeclared_reads(
    source: ResolvedSource,
    environ: HostEnviron,
    log_in: Callable[[ResolvedSource, HostEnviron], Awaitable[object]],
    not_login: Set[str] = frozenset(),
) -> list[str]:
    """Return what *log_in* reads that may change without a change of the fingerprint.

    Those are names of variables, except :data:`NOT_LOGIN` and *not_login*, and paths of files.
    The process is in the working folder of *environ* meanwhile, so that relative paths are read
    where the fingerprint looks for them.
    """
    _, fingerprint = fingerprint_logins([source], environ)
    assert fingerprint is not None, "login_inputs() must not fail"
    env = _RecordingEnv(environ.env)
    with chdir(environ.cwd), _opened_files() as files:
        await log_in(source, replace(environ, env=env))
    variables = [
        name
        for name in sorted(env.asked - NOT_LOGIN - not_login)
        if fingerprint.matches(replace(environ, env={**environ.env, name: "another login"}))
    ]
    return [*variables, *(str(it) for it in sorted(files) if _is_unseen(it, fingerprint, environ))]


class _RecordingEnv(dict[str, str]):
    """An environment that notes which variables are asked for by name, set or not."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(env)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


_LISTENERS: Final[list[set[Path]]] = []


def _note_open(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _LISTENERS and isinstance(arguments[0], str):
        path, _, flags = arguments
        if not flags & 0b11:  # O_RDONLY; what is written is no login
            for files in _LISTENERS:
                files.add(Path(path).absolute())


@contextmanager
def _opened_files() -> Iterator[set[Path]]:
    """Yield the set of files that are opened for reading, of those that a test has made.

    An audit hook (PEP 578) cannot be removed, so one hook is there for all tests.
    """
    if _note_open not in _HOOKS:
        _HOOKS.append(_note_open)
        sys.addaudithook(_note_open)
    files: set[Path] = set()
    _LISTENERS.append(files)
    try:
        yield files
    finally:
        _LISTENERS.remove(files)
        temporary = Path(tempfile.gettempdir()).resolve()
        files.intersection_update(
            {file for file in files if temporary in file.resolve().parents and _is_text(file)}
        )


_HOOKS: Final[list[Any]] = []


def _is_text(file: Path) -> bool:
    return file.suffix not in {".py", ".pyc"} and not file.is_dir()


def _is_unseen(file: Path, fingerprint: LoginFingerprint, environ: HostEnviron) -> bool:
    """Tell whether *fingerprint* still matches when *file* has another content."""
    before = file.read_bytes() if file.exists() else None
    if before is None and not file.parent.is_dir():
        file.parent.mkdir(parents=True)
    file.write_bytes((before or b"") + b"\n# another login\n")
    try:
        return fingerprint.matches(environ)
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_bytes(before)
