"""What ``doctor`` tells of the start: the last frame, compiled modules, where things are kept."""

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from opsboard.adapter import Check
from opsboard.config.paths import user_paths
from opsboard.records import Status
from opsboard.startup import instant_frame
from opsboard.startup.frame_file import UnsafeFrameError

PACKAGES: Final = ("opsboard", "opsboard_adapters", "textual", "rich", "pydantic")
"""What the start imports most of."""
_KEPT: Final = 16_384
"""Bytes that have to be free."""


def start_checks(config: Path | None, *, first_frame: bool) -> Iterator[Check]:
    """Yield what is to be told of a board on *config*; *first_frame* is what the config says."""
    yield (
        _first_frame(config)
        if first_frame
        else Check(
            "first frame", Status.OK, "turned off in [ui]; the board comes once it is loaded"
        )
    )
    yield _compiled()
    yield _state(user_paths().state)


def _first_frame(config: Path | None) -> Check:
    size = shutil.get_terminal_size()
    argv = () if config is None else ("--config", str(config))
    why = instant_frame.why_none(argv, (size.columns, size.lines))
    here = f"`{' '.join(('opsboard', *argv))}` in {size.columns}x{size.lines}"
    if why is None:
        return Check("first frame", Status.OK, f"{here} is painted at once, from disk")
    if isinstance(why, UnsafeFrameError):
        return Check("first frame", Status.WARNING, f"{here} is not painted at once: {why}")
    return Check("first frame", Status.OK, f"{here} comes once it is loaded: {why}")


def _state(folder: Path) -> Check:
    """Tell whether anything can be kept in *folder*, or in the one that it will be made in."""
    try:
        there = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
        with TemporaryFile(dir=there) as tried:  # which no other program sees
            tried.write(bytes(_KEPT))
            tried.flush()
    except OSError as error:
        why = f"{folder} cannot be written: {error.strerror or error}"
        lost = "neither history nor acknowledgements are kept, and every action is refused"
        hint = "free some space, mend its permissions, or name another folder in XDG_STATE_HOME"
        return Check("state", Status.WARNING, f"{why}: {lost}", hint)
    return Check("state", Status.OK, f"is kept in {folder}")


def _compiled() -> Check:
    """Tell whether Python finds the modules compiled, or can keep them so."""
    missing = [file for package in PACKAGES for file in _uncompiled(package)]
    if not missing:
        return Check("compiled", Status.OK, "all modules are compiled")
    folders = sorted({str(Path(file).parent) for file in missing})
    told = f"{len(missing):,} modules are not compiled, such as {missing[0]}"
    hint = f"`{sys.executable} -m compileall -q {_common(folders)}`, as the owner of that folder"
    if sys.dont_write_bytecode:
        why = "; PYTHONDONTWRITEBYTECODE (or -B) keeps it so"
    elif all(os.access(folder, os.W_OK) for folder in folders):
        return Check("compiled", Status.OK, f"{told}; they are as they are imported")
    else:
        why = ", and their folder cannot be written"
    slow = ": each start takes about a quarter longer"
    return Check("compiled", Status.WARNING, f"{told}{why}{slow}", hint)


def _uncompiled(package: str) -> Iterator[str]:
    """Yield the modules of *package* without compiled code; none of one in an archive."""
    spec = find_spec(package)
    if spec is None or spec.origin is None or not isinstance(spec.loader, SourceFileLoader):
        return
    for folder, _, names in os.walk(Path(spec.origin).parent):
        for name in names:
            file = str(Path(folder) / name)
            if name.endswith(".py") and not Path(cache_from_source(file)).exists():
                yield file


def _common(folders: list[str]) -> str:
    return os.path.commonpath(folders)
