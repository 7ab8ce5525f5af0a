"""What a session with two sources leaves behind for completion."""

from collections.abc import Iterable
from pathlib import Path

from opsboard.board.cache import BoardCache, CachedScope
from opsboard.board.cache_file import workspace_of
from opsboard.board.events import SourceInfo
from opsboard.collect.command_words import command_words
from opsboard.config.load import load_config
from opsboard.config.paths import current_environ, digest, user_paths
from opsboard.config.settings import UiSettings
from opsboard.records import Kind, Record
from opsboard.startup.login_keys import fingerprint_logins
from opsboard.startup.snapshot import StartupSettings, StartupSnapshot
from tests.board import NOW, build, deployment

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
CONFIG = f"""
[sources.ci]
adapter = "github"
token = "{TOKEN}"
repositories = ["acme/web"]

[sources.k8s]
adapter = "kubernetes"
kubeconfig = "kubeconfig"
"""
RECORDS = (
    build(12),
    deployment("checkout", id="prod/shop/checkout", namespace="shop"),
    deployment("cart", id="prod/shop/cart", namespace="shop"),
    deployment("ledger", id="eu/pay/ledger", namespace="pay"),
    deployment("ledger", id="us/pay/ledger", namespace="pay", environment="staging"),
)


def leave_a_session(config: Path, records: Iterable[Record] = RECORDS) -> None:
    """Write *config*, and what a session with it leaves in the cache."""
    config.write_text(CONFIG)
    config.with_name("kubeconfig").write_text("users: []\n")
    sources = load_config(config).sources
    keys, fingerprint = fingerprint_logins(sources, current_environ())
    assert fingerprint is not None
    told = StartupSettings(digest(CONFIG), UiSettings(), {}, read_only=False)
    cache = BoardCache(user_paths().cache)
    cache.save_sources(
        workspace_of(config, Path.cwd()),
        {name: SourceInfo(name, key) for name, key in keys.items()},
        NOW,
        StartupSnapshot(told, fingerprint).to_json(),
        command_words(sources),
    )
    cache.save(
        CachedScope(keys[source], str(kind), kind, NOW, tuple(found))
        for (source, kind), found in _by_scope(records).items()
    )
    cache.close()


def _by_scope(records: Iterable[Record]) -> dict[tuple[str, Kind], list[Record]]:
    scopes: dict[tuple[str, Kind], list[Record]] = {}
    for record in records:
        scopes.setdefault((record.source, record.kind), []).append(record)
    return scopes
