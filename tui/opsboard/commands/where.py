"""``opsboard where SHA``: built, in which images, live where since when, and not yet where."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from opsboard.board.state import Board
from opsboard.commands.collect_once import collect_board
from opsboard.commands.json_versions import render
from opsboard.commands.setup import read_config, sources_to_ask, warn
from opsboard.kinds.ages import age
from opsboard.kinds.registry import qualified_name
from opsboard.lineage.graph import Node
from opsboard.lineage.where import CommitPlace, Presence, find_commits, not_stated, sha_digits
from opsboard.records import Identity, Kind, Pod, Record, Ref
from opsboard.records.codec import as_json
from opsboard.system.exit_codes import ExitCode
from opsboard.system.local_zone import LOCAL_ZONE
from opsboard.views.commit_places import CommitPlaces, commit_places


def run(options: Namespace) -> int:
    """Print where the commit is; return 0 where it is live, 1 where it is not, 2 if unknown."""
    setup = read_config(options)
    try:
        digits = sha_digits(options.sha)
    except ValueError as error:
        warn(str(error))
        return ExitCode.USAGE
    sources = sources_to_ask(setup)
    if not sources:
        return ExitCode.USAGE
    board = collect_board(setup, sources, options.wait_fresh)
    return answer(board, digits, json=options.json)


def answer(board: Board, digits: str, *, json: bool = False) -> int:
    """Print where the commit that begins with *digits* is on *board*; return the exit code."""
    found = find_commits(board.lineage, digits)
    silent = [source.name for source in board.sources() if not source.is_complete]
    for name in silent:
        warn(f"{name} cannot tell, or not all: what is not listed may be there all the same")
    if len(found) > 1:
        warn(f"{digits} is the beginning of {len(found)} commits; give more digits of one of them:")
        sys.stderr.write("".join(f"  {one.value} {one.scope}\n" for one in found))
        return ExitCode.USAGE
    if not found:
        warn(not_stated(digits))
        return ExitCode.UNREACHABLE if silent else ExitCode.FAILED
    places = commit_places(board, found[0])
    code = ExitCode.UNREACHABLE if silent else ExitCode.FAILED
    if places.where(Presence.LIVE, Presence.PARTLY):
        code = ExitCode.OK
    if json:
        sys.stdout.write(render("opsboard.where", _fields(board, places, code)))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(board, places)))
    return code


# --- as JSON -------------------------------------------------------------------------------------


def _fields(board: Board, places: CommitPlaces, code: int) -> dict[str, Any]:
    return {
        "exit_code": code,
        "commit": {"repository": places.commit.scope, "sha": places.commit.value},
        "builds": [as_json(one) for one in places.builds],
        "images": [_node_json(board, one) for one in places.images],
        "places": [
            {
                "environment": one.environment,
                "presence": one.presence.value,
                "name": one.name,
                "how": one.how,
                "since": one.since.isoformat() if one.since else None,
                "since_at_latest": one.since_at_latest,
                "record": list(one.ref),
                "beside": list(one.beside),
                "reverted": one.reverted,
            }
            for one in places.places
        ],
        "others": [as_json(one) for one in places.others],
        "perhaps": [_node_json(board, one) for one in places.perhaps],
    }


def _node_json(board: Board, node: Node) -> dict[str, Any]:
    if isinstance(node, Ref):
        record = board.get(node)
        return as_json(record) if record else {"record": list(node)}
    return {"type": node.type, "scope": node.scope, "value": node.value}


# --- as text -------------------------------------------------------------------------------------

_WORD: Final = 16


def _lines(board: Board, places: CommitPlaces) -> Iterator[str]:
    commit, now = places.commit, datetime.now(UTC)
    parts = filter(None, (commit.value, commit.scope, _title(board, commit)))
    yield f"{'commit':<{_WORD}} {'  '.join(parts)}"
    yield from _section("built", [_build_text(one) for one in places.builds])
    yield from _section("image", [_node_text(board, one) for one in places.images])
    for presence in Presence:
        texts = [_place_text(one, now) for one in places.where(presence)]
        yield from _section(presence.value, texts, quiet=presence is not Presence.LIVE)
    yield from _section("also", list(_other_texts(places.others)), quiet=True)
    perhaps = [_node_text(board, one) for one in places.perhaps]
    yield from _section("perhaps", perhaps, quiet=True)


def _section(word: str, texts: Sequence[str], *, quiet: bool = False) -> Iterator[str]:
    if not texts and not quiet:
        yield f"{word:<{_WORD}} nowhere, as far as is known"
    for number, text in enumerate(texts):
        yield f"{word if not number else '':<{_WORD}} {text}"


def _title(board: Board, commit: Identity) -> str:
    """Return the first line of the message of *commit*, where a source has told it."""
    records = board.records(Kind.COMMIT).values()
    return next((one.name for one in records if getattr(one, "sha", "") == commit.value), "")


def _build_text(record: Record) -> str:
    at = _time(record.updated_at or record.created_at)
    return f"{qualified_name(record)}  {record.status}  {at}".rstrip()


def _place_text(place: CommitPlace, now: datetime) -> str:
    since = ""
    if place.since is not None:
        latest = " at the latest" if place.since_at_latest else ""
        since = f"since {_time(place.since)}{latest}, {age(place.since, now)}"
    how = "; ".join((place.how, *place.beside))
    parts = (place.environment, place.name, place.ref.source, since, how)
    return "  ".join(filter(None, parts))


def _other_texts(records: Sequence[Record]) -> Iterator[str]:
    """Yield what else is made of it; the pods of workloads are counted only."""
    pods = sum(isinstance(one, Pod) for one in records)
    yield from (_record_text(one) for one in records if not isinstance(one, Pod))
    if pods:
        yield f"{pods:,} {'pods' if pods > 1 else 'pod'}"


def _record_text(record: Record) -> str:
    return f"{record.kind} {qualified_name(record)}"


def _node_text(board: Board, node: Node) -> str:
    if not isinstance(node, Ref):
        return " ".join(filter(None, (node.type, node.scope, node.value)))
    record = board.get(node)
    return _record_text(record) if record else node.id


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}" if at else ""
