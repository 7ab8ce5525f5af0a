"""The environment of the user: where sources are looked for, and where logins come from."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from opsboard.frozen import Frozen, frozen_unchecked

if TYPE_CHECKING:
    from opsboard.adapter.settings import SourceSettings


@frozen_unchecked
class HostEnviron(Frozen):
    """What discovery may look at. Tests hand in their own; nothing reads globals."""

    env: Mapping[str, str]
    home: Path
    cwd: Path


@frozen_unchecked
class LoginInputs(Frozen):
    """Where a login comes from: names of environment variables, and paths of files.

    A file need not exist; a relative path starts at the working folder. Of *variables* the values
    count, of *files* the whole content. *shared_files* hold the logins of others too (a kubeconfig
    with many contexts): of these, *identity* says what concerns this login, such as the server, the
    user and the token. It is hashed and never kept, so it may hold secrets.
    """

    variables: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    shared_files: tuple[Path, ...] = ()
    identity: str = ""


@frozen_unchecked
class Discovery(Frozen):
    """A source that can be had without configuration, or what is missing to have it.

    *name* is a suggestion, unique among the adapter's own discoveries. *because* says where it
    was found (``git remote 'origin'``). With *settings* as ``None``, something was found that
    cannot be used yet, and *hint* says what is missing.
    """

    name: str
    because: str
    settings: "SourceSettings | None"
    hint: str = ""
