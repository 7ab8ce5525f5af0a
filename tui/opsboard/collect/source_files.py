"""The files that sources were connected by, such as a kubeconfig, and which are others by now."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from opsboard.adapter import HostEnviron
from opsboard.config.resolved_source import ResolvedSource
from opsboard.startup.login_fingerprint import file_digest

Digests: TypeAlias = Mapping[Path, str | None]
"""A hash of the content of each file; ``None`` for one that cannot be read, or is no file."""


def digests_of(
    sources: Iterable[ResolvedSource], host_environ: HostEnviron
) -> Mapping[str, Digests]:
    """Return the files of each source by its name, with what is in them. Reads all of them.

    Those of an adapter that fails to declare where its login comes from are not known.
    """
    return {source.name: _digests(source, host_environ) for source in sources}


def changed_files(before: Digests, now: Digests) -> Sequence[Path]:
    """Return the files that are others *now*; one that is named by another file since is one."""
    return [file for file in {**before, **now} if before.get(file) != now.get(file)]


def _digests(source: ResolvedSource, host_environ: HostEnviron) -> Digests:
    read = (Path(os.path.expanduser(file)) for file in _files(source, host_environ))  # noqa: PTH111
    files = (host_environ.cwd / file for file in read)  # also with no such user
    return {file: _digest(file) for file in files}


def _files(source: ResolvedSource, host_environ: HostEnviron) -> Iterator[Path]:
    """Yield the files that the login of *source* comes from, and those that its settings name."""
    try:
        inputs = source.adapter.login_inputs(source.settings, host_environ)
        yield from (*inputs.files, *inputs.shared_files)
    except Exception:  # noqa: S110 - what an adapter raises is told where its key is made
        pass
    yield from _paths(source.settings)


def _paths(value: object) -> Iterator[Path]:
    from pydantic import BaseModel  # noqa: PLC0415 - the settings have imported it

    if isinstance(value, Path):
        yield value
    elif isinstance(value, BaseModel):
        for _, part in value:
            yield from _paths(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _paths(part)
    elif isinstance(value, list | tuple | frozenset):
        for part in value:
            yield from _paths(part)


def _digest(file: Path) -> str | None:
    try:
        return file_digest(file) if file.is_file() else None
    except ValueError:  # it is huge
        found = file.stat()
        return f"{found.st_size} {found.st_mtime_ns}"
