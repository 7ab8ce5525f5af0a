"""The last known board is there again, for the same login only, whatever state the file is in."""

import errno
import math
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.board.cache import MAX_RECORDS, RETENTION, BoardCache, CachedScope
from opsboard.board.cache_file import FILE_NAME, source_key, workspace_of
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo
from opsboard.records import Kind, Metric, Model, Status
from tests.board import NOW, build, builds, deployment

MEMBER = SourceInfo("GitHub", source_key("ci", "github", "token-1"))
KEYS = {MEMBER.key}


def _fill(cache: BoardCache) -> None:
    cache.save_sources("here", {"ci": MEMBER}, NOW)
    cache.save([CachedScope(MEMBER.key, "web", Kind.BUILD, NOW, builds(3))])


def _records(arrivals: list[BoardEvent]) -> list[object]:
    changes = [arrival.change for arrival in arrivals]
    return [r for change in changes if isinstance(change, RestoredScope) for r in change.records]


def test_what_was_stored_is_restored_at_its_place(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    _fill(cache)
    cache.close()
    again = BoardCache(tmp_path)
    (arrival,) = again.restore("here", KEYS)
    assert arrival.source == "ci"
    assert arrival.at == NOW
    assert arrival.change == RestoredScope("web", builds(3), MEMBER)
    assert again.restore("elsewhere", KEYS) == []
    assert again.problem == ""


def test_files_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache = BoardCache(folder)
    _fill(cache)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_keys_hide_and_tell_apart() -> None:
    keys = {
        source_key("ci", "github", "secret-1"),
        source_key("ci", "github", "secret-2"),
        source_key("cj", "github", "secret-1"),
        source_key("ci", "gitlab", "secret-1"),
    }
    assert len(keys) == 4
    assert not any("secret" in key for key in keys)


def test_the_worst_and_newest_are_kept_of_too_many(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    many = [build(1, Status.FAILED), *(build(n) for n in range(2, MAX_RECORDS + 100))]
    cache.save_sources("here", {"ci": MEMBER}, NOW)
    cache.save([CachedScope(MEMBER.key, "web", Kind.BUILD, NOW, many)])
    restored = _records(cache.restore("here", KEYS))
    assert len(restored) == MAX_RECORDS
    assert many[0] in restored
    assert many[-1] in restored
    assert many[1] not in restored


def test_how_fresh_it_is_can_be_told_alone(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    _fill(cache)
    later = NOW + timedelta(hours=1)
    cache.confirm([(MEMBER.key, "web", later)])
    assert [arrival.at for arrival in cache.restore("here", KEYS)] == [later]


def test_what_is_too_old_is_swept_out(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    _fill(cache)
    cache.save_sources("there", {}, NOW + RETENTION + timedelta(seconds=1))
    cache.save_sources("here", {"ci": MEMBER}, NOW + RETENTION + timedelta(seconds=1))
    assert cache.restore("here", KEYS) == []


def test_records_of_another_program_version_are_passed_over(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    _fill(cache)
    cache.save([CachedScope(MEMBER.key, "x", Kind.DEPLOYMENT, NOW, [deployment()])])
    database = sqlite3.connect(tmp_path / FILE_NAME)
    with database:
        database.execute("""UPDATE shelf SET records = '[{"new": 1}]' WHERE scope = 'web'""")
    database.close()
    assert _records(cache.restore("here", KEYS)) == [deployment()]


@pytest.mark.parametrize("damage", [b"", b"\0" * 5000, b"SQLite format 3\0" + b"x" * 5000])
def test_a_damaged_file_is_replaced_and_set_aside(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(damage)
    cache = BoardCache(tmp_path)
    assert cache.restore("here", KEYS) == []
    _fill(cache)
    assert _records(cache.restore("here", KEYS)) == builds(3)
    aside = file.with_name(f"{FILE_NAME}.damaged")
    if damage:
        assert aside.read_bytes() == damage
        assert "damaged" in cache.problem


def test_damage_in_the_middle_is_no_crash(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    cache.save_sources("here", {"ci": MEMBER}, NOW)
    cache.save([CachedScope(MEMBER.key, str(n), Kind.BUILD, NOW, builds(200)) for n in range(5)])
    cache.close()
    file = tmp_path / FILE_NAME
    content = bytearray(file.read_bytes())
    content[4096 : len(content) // 2] = b"\xff" * (len(content) // 2 - 4096)
    file.write_bytes(content)
    again = BoardCache(tmp_path)
    again.restore("here", KEYS)
    assert "moved to" in again.problem
    anew = BoardCache(tmp_path)
    _fill(anew)
    assert _records(anew.restore("here", KEYS)) == builds(3)
    assert anew.problem == ""


def test_a_locked_file_is_a_warning(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    _fill(cache)
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("BEGIN IMMEDIATE")
    cache.save([CachedScope(MEMBER.key, "web", Kind.BUILD, NOW, [])])
    assert "locked" in cache.problem
    assert _records(cache.restore("here", KEYS)) == builds(3), "reading goes on"
    other.close()


def test_two_boards_share_a_file(tmp_path: Path) -> None:
    one, two = BoardCache(tmp_path), BoardCache(tmp_path)
    _fill(one)
    two.save([CachedScope(MEMBER.key, "api", Kind.BUILD, NOW, [build(9)])])
    assert len(_records(one.restore("here", KEYS))) == 4
    assert (one.problem, two.problem) == ("", "")


def test_an_unusable_folder_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = BoardCache(tmp_path / "file")
    assert cache.problem
    _fill(cache)
    assert cache.restore("here", KEYS) == []


def test_places(tmp_path: Path) -> None:
    assert workspace_of(None, tmp_path) != workspace_of(None, tmp_path / "x")
    assert workspace_of(tmp_path / "c.toml", tmp_path) == workspace_of(
        tmp_path / "c.toml", tmp_path / "x"
    )


def test_another_login_at_the_same_place_is_shown_nothing(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    _fill(cache)
    assert cache.restore("here", {source_key("ci", "github", "token-2")}) == []
    assert cache.restore("here", set()) == []


FULL = "PRAGMA max_page_count = 1"
"""Lets SQLite find no room for another page: what it says then is what a full disk makes it say."""


@pytest.mark.parametrize(
    ("state", "said"), [(FULL, "full"), ("PRAGMA query_only = ON", "readonly")]
)
def test_a_full_disk_and_a_read_only_file_are_told_and_what_was_kept_stays(
    tmp_path: Path, state: str, said: str
) -> None:
    cache = BoardCache(tmp_path)
    _fill(cache)
    assert cache._database is not None
    cache._database.execute(state)
    stored = cache.save([CachedScope(MEMBER.key, "api", Kind.BUILD, NOW, builds(MAX_RECORDS))])
    assert not stored
    assert said in cache.problem
    assert str(tmp_path / FILE_NAME) in cache.problem
    assert _records(cache.restore("here", KEYS)) == builds(3)


def test_no_room_for_the_file_itself_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "touch", no_room)
    cache = BoardCache(tmp_path)
    assert "No space left" in cache.problem
    _fill(cache)
    assert cache.restore("here", KEYS) == []


def test_a_metric_that_is_no_number_takes_no_model_from_the_cache(tmp_path: Path) -> None:
    cache = BoardCache(tmp_path)
    cache.save_sources("here", {"ci": MEMBER}, NOW)
    values = (math.inf, -math.inf, math.nan)
    metrics = tuple(Metric(name=f"m{at}", value=value) for at, value in enumerate(values))
    cache.save(
        [
            CachedScope(
                MEMBER.key,
                "x",
                Kind.MODEL,
                NOW,
                [Model(source="ci", id="a", name="a", metrics=metrics)],
            )
        ]
    )
    (model,) = _records(cache.restore("here", KEYS))
    assert isinstance(model, Model)
    assert [str(metric.value) for metric in model.metrics] == ["inf", "-inf", "nan"]
