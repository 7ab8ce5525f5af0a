"""What could not be stored is stored later, and is not called fresh meanwhile."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opsboard.adapter import Fresh, ScopeRemoved, listing
from opsboard.board.cache import BoardCache
from opsboard.board.events import BoardEvent, SourceInfo
from opsboard.collect.cache_writer import CacheWriter
from tests.board import builds

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def _writer(folder: Path, count: int) -> CacheWriter:
    writer = CacheWriter(lambda: BoardCache(folder), "here")
    writer.set_sources({"ci": SourceInfo("GitHub", "key")}, NOW)
    for change in listing("web", builds(count)):
        writer.record(BoardEvent("ci", change, NOW))
    return writer


def _kept(folder: Path) -> list[tuple[int, datetime]]:
    cache = BoardCache(folder)
    arrivals = cache.restore("here", {"key"})
    cache.close()
    return [(len(a.change.records), a.at) for a in arrivals]  # type: ignore[union-attr]


def test_a_batch_that_fails_is_tried_again(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    writer = _writer(tmp_path, 2)
    writer._store(cache, confirm=True)
    assert _kept(tmp_path) == [(2, NOW)]
    assert cache._database is not None
    cache._database.execute("PRAGMA query_only = ON")
    for change in listing("web", builds(5)):
        writer.record(BoardEvent("ci", change, LATER))
    writer._store(cache, confirm=False)
    assert "readonly" in writer.problem
    cache._database.execute("PRAGMA query_only = OFF")
    writer._store(cache, confirm=True)
    assert _kept(tmp_path) == [(5, LATER)]


def test_what_is_on_disk_is_not_called_fresher_than_it_is(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    writer = _writer(tmp_path, 2)
    writer._store(cache, confirm=False)
    for change in listing("web", builds(5)):
        writer.record(BoardEvent("ci", change, LATER))
    [(source, changed)] = writer._changed_scopes()
    writer._put_back(source, changed)
    assert list(writer._fresh()) == []
    writer._store(cache, confirm=False)
    writer.record(BoardEvent("ci", Fresh("web"), LATER + timedelta(hours=1)))
    writer._store(cache, confirm=True)
    assert _kept(tmp_path) == [(5, LATER + timedelta(hours=1))]


def test_a_scope_that_is_gone_is_not_kept(tmp_path: Path) -> None:
    cache, writer = BoardCache(tmp_path), _writer(tmp_path, 2)
    writer._store(cache, confirm=True)
    writer.record(BoardEvent("ci", ScopeRemoved("web"), LATER))
    writer._store(cache, confirm=True)
    assert _kept(tmp_path) == []


def test_what_cannot_be_written_does_not_end_the_keeping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, cache = _writer(tmp_path, 2), BoardCache(tmp_path)

    def broken(_: object) -> bool:
        raise ValueError("secret-looking text")

    with monkeypatch.context() as patched:
        patched.setattr(cache, "save", broken)
        writer._try_to_store(cache, confirm=False)
    assert writer.problem == "the last known board cannot be kept: ValueError"
