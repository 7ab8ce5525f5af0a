"""What could not be stored is stored later, and is not called fresh meanwhile."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opsboard.adapter import Fresh, ScopeRemoved, listing
from opsboard.board.arrival import Arrival, Member
from opsboard.board.cache import Cache
from opsboard.collect.keeper import Keeper
from tests.board import builds

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def _keeper(folder: Path, count: int) -> Keeper:
    keeper = Keeper(lambda: Cache(folder), "here")
    keeper.enrol({"ci": Member("GitHub", "key")}, NOW)
    for change in listing("web", builds(count)):
        keeper.note(Arrival("ci", change, NOW))
    return keeper


def _kept(folder: Path) -> list[tuple[int, datetime]]:
    cache = Cache(folder)
    arrivals = cache.restore("here", {"key"})
    cache.close()
    return [(len(a.change.records), a.at) for a in arrivals]  # type: ignore[union-attr]


def test_a_batch_that_fails_is_tried_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keeper = _keeper(tmp_path, 2)
    keeper._store(cache, confirm=True)
    assert _kept(tmp_path) == [(2, NOW)]
    assert cache._database is not None
    cache._database.execute("PRAGMA query_only = ON")
    for change in listing("web", builds(5)):
        keeper.note(Arrival("ci", change, LATER))
    keeper._store(cache, confirm=False)
    assert "readonly" in keeper.problem
    cache._database.execute("PRAGMA query_only = OFF")
    keeper._store(cache, confirm=True)
    assert _kept(tmp_path) == [(5, LATER)]


def test_what_is_on_disk_is_not_called_fresher_than_it_is(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    keeper = _keeper(tmp_path, 2)
    keeper._store(cache, confirm=False)
    for change in listing("web", builds(5)):
        keeper.note(Arrival("ci", change, LATER))
    keeper._put_back(("ci", "web"), builds(1)[0].kind)
    assert list(keeper._fresh()) == []
    keeper._store(cache, confirm=False)
    keeper.note(Arrival("ci", Fresh("web"), LATER + timedelta(hours=1)))
    keeper._store(cache, confirm=True)
    assert _kept(tmp_path) == [(5, LATER + timedelta(hours=1))]


def test_a_scope_that_is_gone_is_not_kept(tmp_path: Path) -> None:
    cache, keeper = Cache(tmp_path), _keeper(tmp_path, 2)
    keeper._store(cache, confirm=True)
    keeper.note(Arrival("ci", ScopeRemoved("web"), LATER))
    keeper._store(cache, confirm=True)
    assert _kept(tmp_path) == []


def test_what_cannot_be_written_does_not_end_the_keeping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, cache = _keeper(tmp_path, 2), Cache(tmp_path)

    def broken(_: object) -> bool:
        raise ValueError("secret-looking text")

    with monkeypatch.context() as patched:
        patched.setattr(cache, "store", broken)
        keeper._try_to_store(cache, confirm=False)
    assert keeper.problem == "the last known board cannot be kept: ValueError"
