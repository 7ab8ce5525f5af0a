"""``opsboard where SHA``: built, in which images, live where since when, and not yet where."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from opsboard.board.state import Board
from opsboard.commands.collect_once import collect_board
from opsboard.commands.json_versions import render
from opsboard.commands.setup import enabled_sources, no_sources_message, read_config, warn
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.kinds.ages import age
from opsboard.kinds.registry import qualified_name
from opsboard.lineage import Node
from opsboard.records import Deployment, Identity, Kind, Record, Ref, codec
from opsboard.system.exit_codes import ExitCode
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.views.commit_places import (
    CommitPlaces,
    LivePlace,
    OtherPlace,
    commit_places,
    commits_like,
)

SHORTEST: Final = 7
"""Digits of a short SHA, as git prints it."""
_HEX: Final = frozenset("0123456789abcdef")


class Presence(StrEnum):
    """Whether a commit is in what an environment runs, which is another one."""

    CONTAINED = "contained"
    NOT_YET = "not yet"
    UNKNOWN = "not known"


@frozen_unchecked
class Elsewhere(Frozen):
    """An environment that runs another commit, and whether that contains the one asked for."""

    place: OtherPlace
    presence: Presence


def run(options: Namespace) -> int:
    """Print where the commit is; return 0 where it is live, 1 where it is not, 2 if unknown."""
    setup = read_config(options)
    text = options.sha.strip().lower()
    if not set(text) <= _HEX or not SHORTEST <= len(text) <= 64:
        warn(f"{options.sha!r:.80} is no commit: give {SHORTEST} to 64 hexadecimal digits of it")
        return ExitCode.USAGE
    sources = asyncio.run(enabled_sources(setup))
    if not sources:
        warn(no_sources_message(setup))
        return ExitCode.USAGE
    return answer(collect_board(setup, sources, options.wait_fresh), text, as_json=options.json)


def answer(board: Board, text: str, *, as_json: bool = False) -> int:
    """Print where the commit that begins with *text* is on *board*; return the exit code."""
    found = commits_like(board.lineage, text)
    silent = [source.name for source in board.sources() if not source.is_complete]
    for name in silent:
        warn(f"{name} cannot tell, or not all: what is not listed may be there all the same")
    if len(found) > 1:
        warn(f"{text} is the beginning of {len(found)} commits; give more digits of one of them:")
        sys.stderr.write("".join(f"  {one.value} {one.scope}\n" for one in found))
        return ExitCode.USAGE
    if not found:
        warn(f"nothing on the board states a commit {text}")
        return ExitCode.UNREACHABLE if silent else ExitCode.FAILED
    places = commit_places(board, found[0])
    elsewhere = [Elsewhere(one, _presence(board, places.commit, one)) for one in places.not_yet]
    code = _code(places, elsewhere, bool(silent))
    if as_json:
        sys.stdout.write(render("opsboard.where", _fields(board, places, elsewhere, code)))
    else:
        now = datetime.now(UTC)
        sys.stdout.write("".join(f"{line}\n" for line in _lines(board, places, elsewhere, now)))
    return code


def _code(places: CommitPlaces, elsewhere: Sequence[Elsewhere], silent: bool) -> ExitCode:
    if places.live or any(one.presence is Presence.CONTAINED for one in elsewhere):
        return ExitCode.OK
    return ExitCode.UNREACHABLE if silent else ExitCode.FAILED


def _presence(board: Board, commit: Identity, place: OtherPlace) -> Presence:
    """Return whether what runs at *place* contains *commit*, by what hosts have compared."""
    told = [
        board.containment.contains(commit.scope, commit.value, deployed)
        for state in place.service.environments
        if state.environment == place.environment
        for deployed in state.commits
    ]
    if told and all(told):
        return Presence.CONTAINED
    if told and all(one is False for one in told):
        return Presence.NOT_YET
    return Presence.UNKNOWN


# --- as JSON -------------------------------------------------------------------------------------


def _fields(
    board: Board, places: CommitPlaces, elsewhere: Sequence[Elsewhere], code: int
) -> dict[str, Any]:
    return {
        "exit_code": code,
        "commit": {"repository": places.commit.scope, "sha": places.commit.value},
        "builds": [codec.as_json(one) for one in places.builds],
        "images": [_node_json(board, one) for one in places.images],
        "live": [
            {**codec.as_json(one.record), "since": one.since and one.since.isoformat()}
            for one in places.live
        ],
        "elsewhere": [
            {
                "service": one.place.service.name,
                "environment": one.place.environment,
                "version": one.place.version,
                "presence": one.presence.value,
            }
            for one in elsewhere
        ],
        "others": [codec.as_json(one) for one in places.others],
        "perhaps": [_node_json(board, one) for one in places.perhaps],
    }


def _node_json(board: Board, node: Node) -> dict[str, Any]:
    if isinstance(node, Ref):
        record = board.get(node)
        return codec.as_json(record) if record else {"record": list(node)}
    return {"type": node.type, "scope": node.scope, "value": node.value}


# --- as text -------------------------------------------------------------------------------------

_WORD: Final = 10


def _lines(
    board: Board, places: CommitPlaces, elsewhere: Sequence[Elsewhere], now: datetime
) -> Iterator[str]:
    commit = places.commit
    title = _title(board, commit)
    parts = filter(None, (commit.value, commit.scope, title))
    yield f"{'commit':<{_WORD}} {'  '.join(parts)}"
    yield from _section("built", [_build_text(one) for one in places.builds])
    yield from _section("image", [_node_text(board, one) for one in places.images])
    yield from _section("live", [_live_text(one, now) for one in places.live])
    for presence in Presence:
        texts = [
            f"{one.place.environment}  {one.place.service.name} {one.place.version}".rstrip()
            for one in elsewhere
            if one.presence is presence
        ]
        yield from _section(presence, texts, quiet=True)
    yield from _section("also", list(_other_texts(places.others)), quiet=True)
    perhaps = [_node_text(board, one) for one in places.perhaps]
    yield from _section("perhaps", perhaps, quiet=True)


def _section(word: str, texts: Sequence[str], *, quiet: bool = False) -> Iterator[str]:
    if not texts and not quiet:
        yield f"{word:<{_WORD}} nowhere, as far as is known"
    for number, text in enumerate(texts):
        yield f"{word if not number else '':<{_WORD}} {text}"


def _other_texts(records: Sequence[Record]) -> Iterator[str]:
    """Yield what else is made of it; the pods of workloads are counted only."""
    pods = sum(one.kind is Kind.POD for one in records)
    yield from (_record_text(one) for one in records if one.kind is not Kind.POD)
    if pods:
        yield f"{pods:,} {'pods' if pods > 1 else 'pod'}"


def _title(board: Board, commit: Identity) -> str:
    """Return the first line of the message of *commit*, where a source has told it."""
    records = board.records(Kind.COMMIT).values()
    return next((one.name for one in records if getattr(one, "sha", "") == commit.value), "")


def _build_text(record: Record) -> str:
    at = _time(record.updated_at or record.created_at)
    return f"{qualified_name(record)}  {record.status}  {at}".rstrip()


def _record_text(record: Record) -> str:
    return f"{record.kind} {qualified_name(record)}"


def _node_text(board: Board, node: Node) -> str:
    if not isinstance(node, Ref):
        return f"{node.type} {node.scope} {node.value}".replace("  ", " ")
    record = board.get(node)
    return _record_text(record) if record else node.id


def _live_text(place: LivePlace, now: datetime) -> str:
    record = place.record
    ready = ""
    if isinstance(record, Deployment) and record.desired:
        ready = f"{record.ready}/{record.desired} ready"
    since = f"since {_time(place.since)}, {age(place.since, now)}" if place.since else ""
    parts = (record.environment, qualified_name(record), record.status.value, ready, since)
    return "  ".join(filter(None, parts))


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}" if at else ""
