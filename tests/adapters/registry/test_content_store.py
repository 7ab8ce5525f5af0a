"""What is kept of images on disk."""

import stat
from pathlib import Path

import pytest

from opsboard.adapter import HostEnviron
from opsboard_adapters.registry.content_store import ContentStore, cache_file, verify
from tests.adapters.registry.images import digest


async def _put(store: ContentStore, *contents: bytes) -> None:
    for content in contents:
        await store.put(digest(content), content)
    await store.flush()


async def test_what_was_put_is_there_in_the_next_session_for_this_user_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "opsboard" / "content.db"
    first = ContentStore(path, 1 << 20)
    await first.put(digest(b"a"), b"a")
    assert await first.get(digest(b"a")) == b"a", "before it is written, too"
    first.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    second = ContentStore(path, 1 << 20)
    assert await second.get(digest(b"a")) == b"a"
    assert await second.get(digest(b"b")) is None
    second.close()


async def test_content_that_was_changed_on_disk_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "content.db"
    first = ContentStore(path, 1 << 20)
    await _put(first, b"genuine")
    first._run("UPDATE content SET body = ?", (b"forged!",))
    first.close()
    second = ContentStore(path, 1 << 20)
    assert await second.get(digest(b"genuine")) is None
    second.close()


async def test_it_never_holds_much_more_than_its_limit(tmp_path: Path) -> None:
    path, most = tmp_path / "content.db", 100_000
    store = ContentStore(path, most)
    contents = [bytes([number]) * 5_000 for number in range(100)]
    await _put(store, *contents)
    [(held,)] = store._run("SELECT sum(size) FROM content", ())
    assert 0 < held <= most * 1.1
    await store.put(digest(b"x" * most), b"x" * most)
    await store.flush()
    assert await store.get(digest(b"x" * most)) is None, "one content never takes all of it"
    store.close()


@pytest.mark.parametrize("spoil", ["garbage", "folder", "read-only", "link"])
async def test_where_the_file_cannot_be_used_it_does_without(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "cache" / "content.db"
    path.parent.mkdir()
    if spoil == "garbage":
        path.write_bytes(b"no database" * 1_000)
    elif spoil == "folder":
        path.mkdir()
    elif spoil == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.parent.rmdir()
        path.parent.write_text("a file where the folder should be")
    store = ContentStore(path, 1 << 20)
    await _put(store, b"a")
    store.remembered("shop/cart")
    store.close()
    assert not (tmp_path / "elsewhere").exists()
    again = ContentStore(path, 1 << 20)
    await _put(again, b"b")
    again.close()


async def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "content.db"
    path.write_bytes(b"no database" * 1_000)
    store = ContentStore(path, 1 << 20)
    assert await store.get(digest(b"a")) is None
    await _put(store, b"a")
    store.close()
    again = ContentStore(path, 1 << 20)
    assert await again.get(digest(b"a")) == b"a"
    again.close()


async def test_two_sessions_share_it(tmp_path: Path) -> None:
    path = tmp_path / "content.db"
    first, second = ContentStore(path, 1 << 20), ContentStore(path, 1 << 20)
    await _put(first, b"a")
    await _put(second, b"b")
    assert await second.get(digest(b"a")) == b"a"
    for store in (first, second):
        store.close()


def test_where_tags_led_is_remembered_the_latest_first(tmp_path: Path) -> None:
    store = ContentStore(tmp_path / "content.db", 1 << 20)
    store.remember("shop/cart", [("v1", "sha256:1"), ("v2", "sha256:2")], 10)
    store.remember("shop/api", [("v1", "sha256:3")], 10)
    store.forget("shop/cart", "sha256:1")
    assert store.remembered("shop/cart") == ["sha256:2"]
    store.remember("shop/cart", [("v1", f"sha256:{number}") for number in range(20)], 5)
    assert len(store.remembered("shop/cart")) == 5
    store.close()


def test_digests_are_checked_by_their_algorithm() -> None:
    assert verify(b"a", digest(b"a"))
    assert not verify(b"b", digest(b"a"))
    assert not verify(b"a", "md5:0cc175b9c0f1b6a831c399e269772661")
    assert not verify(b"a", "")


def test_it_is_in_the_users_cache_folder(tmp_path: Path) -> None:
    home = HostEnviron(env={}, home=tmp_path, cwd=tmp_path)
    assert cache_file(home).parent == tmp_path / ".cache" / "opsboard"
    named = HostEnviron(env={"XDG_CACHE_HOME": "/var/x"}, home=tmp_path, cwd=tmp_path)
    assert cache_file(named).parent == Path("/var/x/opsboard")
