"""Who serves a model since when, in words: workloads by their joins, aliases by the history.

A workload that names an alias serves what the alias pointed to as it started. Where the alias was
moved after that, or nobody knows since when it points where it does, that is said.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from opsboard.history.served import NOWHERE
from opsboard.lineage.model_servers import ModelServer, model_servers
from opsboard.records import Kind, Model, ModelVersion

if TYPE_CHECKING:
    from opsboard.board.state import Board
    from opsboard.history.served import ServedStretch

_STARTS: Final = "reads the alias as it starts"


class ServedVersion(NamedTuple):
    """What a workload serves: *text* (``v6``, ``v5 or v6``), *note* where that has a condition.

    *sure* is whether just one version can be meant.
    """

    text: str
    note: str = ""
    sure: bool = True


def servers_of(board: "Board", model: Model) -> tuple[ModelServer, ...]:
    """Return what on *board* serves *model*."""
    versions = [
        one
        for one in board.records(Kind.MODEL_VERSION).values()
        if isinstance(one, ModelVersion) and one.model == model.name
    ]
    return model_servers(board.lineage, model, versions)


def served_version(
    server: ModelServer, model: Model, stretches: Sequence["ServedStretch"]
) -> ServedVersion:
    """Return which version of *model* runs in *server*, as far as anybody can know."""
    if server.version:
        return ServedVersion(f"v{server.version}")
    alias = server.alias
    own = [one for one in stretches if one.alias == alias]
    now = next((one.version for one in model.aliases if one.name == alias), "")
    if moving := next((one for one in own if one.next_version), None):
        where = moving.next_version if moving.next_version == NOWHERE else f"v{moving.next_version}"
        note = f"{_STARTS}; between two looks, {alias} was moved from v{now} to {where}"
        return ServedVersion(f"@{alias}", note, sure=False)
    started = server.since
    if started is None or not own:
        return _not_known(alias, now)
    since = [one for one in own if one.until is None or one.until > started]
    begun = [one for one in since if one.since <= started]
    versions = dict.fromkeys(f"v{one.version}" for one in reversed(since) if one.version)
    if len(versions) == 1 and begun and all(one.watched for one in since):
        return ServedVersion(next(iter(versions)), f"alias {alias}")
    if len(versions) > 1 and begun:
        note = f"{_STARTS}, and {alias} was moved since"
        return ServedVersion(" or ".join(versions), note, sure=False)
    return _not_known(alias, now)


def _not_known(alias: str, now: str) -> ServedVersion:
    leads = f"{alias} is v{now} now" if now else f"{alias} leads nowhere now"
    note = f"{_STARTS}; {leads}, and what it was then is not known"
    return ServedVersion(f"@{alias}", note, sure=False)


def alias_stretches(stretches: Iterable["ServedStretch"]) -> list["ServedStretch"]:
    """Return *stretches* without those of what serves that an alias of it tells by its name."""
    every = list(stretches)
    told = {(one.version, one.since) for one in every if one.alias}
    return [one for one in every if one.alias or (one.version, one.since) not in told]
