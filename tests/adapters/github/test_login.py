"""The login is found where gh and the environment keep it, and only for the host it is for."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from opsboard.adapter import HostEnviron, Misconfigured
from opsboard.config.resolved_source import ResolvedSource
from opsboard.startup.login_keys import login_key
from opsboard.testing.login import undeclared_reads
from opsboard_adapters.github import GitHub, GitHubSettings, login
from opsboard_adapters.github.discovery import parse_remote
from tests.adapters.github.support import FakeContext

HOSTS = """
github.com:
    user: amara
    oauth_token: gho_plain
    git_protocol: ssh
ghe.example:
    user: bjorn
    users:
        bjorn:
            oauth_token: gho_nested
keyring.example:
    user: chidi
    users:
        chidi:
"""


def _around(tmp_path: Path, **env: str) -> HostEnviron:
    return HostEnviron({"PATH": os.environ["PATH"], **env}, tmp_path, tmp_path)


def _write_hosts(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hosts.yml").write_text(HOSTS, encoding="utf-8")


def _settings(**given: object) -> GitHubSettings:
    return GitHubSettings.model_validate({"repositories": ["o/r"], **given})


@pytest.mark.parametrize(
    ("host", "env", "token", "origin"),
    [
        ("github.com", {"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, "a", "GH_TOKEN"),
        ("github.com", {"GITHUB_TOKEN": "b"}, "b", "GITHUB_TOKEN"),
        ("github.com", {"GH_ENTERPRISE_TOKEN": "c"}, "", ""),
        ("ghe.example", {"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, "", ""),
        ("ghe.example", {"GH_ENTERPRISE_TOKEN": "c"}, "c", "GH_ENTERPRISE_TOKEN"),
        ("ghe.example", {"GITHUB_ENTERPRISE_TOKEN": "d"}, "d", "GITHUB_ENTERPRISE_TOKEN"),
        ("octo.ghe.com", {"GH_TOKEN": "a"}, "a", "GH_TOKEN"),
    ],
)
def test_variables(tmp_path: Path, host: str, env: dict[str, str], token: str, origin: str) -> None:
    found = login.own_login(host, _around(tmp_path, **env))
    assert (found.token, found.origin) == (token, origin)


@pytest.mark.parametrize(
    ("variable", "folder"),
    [("GH_CONFIG_DIR", "own"), ("XDG_CONFIG_HOME", "xdg/gh"), ("UNSET", ".config/gh")],
)
def test_where_gh_keeps_its_login(tmp_path: Path, variable: str, folder: str) -> None:
    _write_hosts(tmp_path / folder)
    around = _around(tmp_path, **{variable: str(tmp_path / folder.removesuffix("/gh"))})
    assert login.own_login("github.com", around).token == "gho_plain"
    assert login.own_login("ghe.example", around).token == "gho_nested"
    assert login.own_login("keyring.example", around).keyring
    assert not login.own_login("other.example", around)


@pytest.mark.parametrize("text", ["", "- a list", "github.com: 7"])
def test_a_hosts_file_of_another_shape_is_no_login(tmp_path: Path, text: str) -> None:
    (tmp_path / "hosts.yml").write_text(text, encoding="utf-8")
    assert not login.own_login("github.com", _around(tmp_path, GH_CONFIG_DIR=str(tmp_path)))


def test_a_hosts_file_that_is_no_yaml_is_an_error_and_a_login_of_its_own(tmp_path: Path) -> None:
    around = _around(tmp_path, GH_CONFIG_DIR=str(tmp_path))
    before = _key(_settings(), around)
    (tmp_path / "hosts.yml").write_text("github.com: [", encoding="utf-8")
    with pytest.raises(Misconfigured, match="not valid YAML"):
        login.own_login("github.com", around)
    assert _key(_settings(), around) not in {"", before}


async def test_the_keyring_is_asked_through_gh(tmp_path: Path) -> None:
    _write_hosts(tmp_path)
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(
        '#!/bin/sh\n[ "$1 $2 $3 $4" = "auth token --hostname keyring.example" ] && echo k\n'
    )
    gh.chmod(0o755)
    ctx = FakeContext(_around(tmp_path, GH_CONFIG_DIR=str(tmp_path), PATH=f"{gh.parent}:/bin"))
    found = await login.resolve(_settings(host="keyring.example"), ctx)
    assert (found.token, found.origin) == ("k", "gh")
    assert ctx.concealed == ["k"]


async def test_without_gh_the_keyring_cannot_be_had(tmp_path: Path) -> None:
    _write_hosts(tmp_path)
    ctx = FakeContext(_around(tmp_path, GH_CONFIG_DIR=str(tmp_path), PATH=str(tmp_path / "no")))
    with pytest.raises(Misconfigured) as caught:
        await login.resolve(_settings(host="keyring.example"), ctx)
    assert caught.value.hint == "run `gh auth login --hostname keyring.example`, or set GH_TOKEN"


async def test_settings_come_first(tmp_path: Path) -> None:
    ctx = FakeContext(_around(tmp_path, GH_TOKEN="a", MINE="m"))
    found = await login.resolve(_settings(token={"env": "MINE"}), ctx)
    assert found.token == "m"
    assert "m" not in repr(found).split()
    with pytest.raises(Misconfigured, match="OTHER is not set"):
        await login.resolve(_settings(token={"env": "OTHER"}), ctx)


def test_a_public_token_never_goes_to_another_api(tmp_path: Path) -> None:
    settings = _settings(api_url="http://127.0.0.1:8000/api/v3")
    assert settings.web_host == "127.0.0.1:8000"
    assert not login.own_login(settings.web_host, _around(tmp_path, GH_TOKEN="a"))


def _key(settings: GitHubSettings, around: HostEnviron) -> str:
    return login_key(ResolvedSource("ci", GitHub, settings), around)


def test_the_cache_tells_logins_apart(tmp_path: Path) -> None:
    one = _key(_settings(), _around(tmp_path, GH_TOKEN="a"))
    assert one != _key(_settings(), _around(tmp_path, GH_TOKEN="b"))
    assert one != _key(_settings(), _around(tmp_path))
    own = _settings(token="own")
    assert _key(own, _around(tmp_path, GH_TOKEN="a")) == _key(own, _around(tmp_path))
    before = _key(_settings(), _around(tmp_path))
    _write_hosts(tmp_path / ".config/gh")
    assert before != _key(_settings(), _around(tmp_path)), "gh auth login, or gh auth switch"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("github.com", "https://api.github.com"),
        ("octo.ghe.com", "https://api.octo.ghe.com"),
        ("ghe.example", "https://ghe.example/api/v3"),
    ],
)
def test_where_the_api_is(host: str, url: str) -> None:
    assert _settings(host=host).base_url == url


@pytest.mark.parametrize(
    "given",
    [
        {"repositories": []},
        {"repositories": ["no-owner"]},
        {"host": "https://github.com"},
        {"api_url": "ftp://x"},
    ],
)
def test_settings_that_cannot_work(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        _settings(**given)


@pytest.mark.parametrize(
    ("url", "host", "repository"),
    [
        ("git@github.com:o/r.git", "github.com", "o/r"),
        ("ssh://git@ssh.github.com:443/o/r.git", "github.com", "o/r"),
        ("https://user:secret@github.com/o/r", "github.com", "o/r"),
        ("https://ghe.example:8443/o/r.git/", "ghe.example:8443", "o/r"),
        ("ssh://git@ghe.example:22/o/my.repo.git", "ghe.example", "o/my.repo"),
    ],
)
def test_remote_urls(url: str, host: str, repository: str) -> None:
    remote = parse_remote("origin", url)
    assert remote is not None
    assert (remote.host, remote.repository) == (host, repository)


@pytest.mark.parametrize("url", ["/srv/git/r.git", "../r", "https://github.com/o", "C:/o/r"])
def test_no_remote_urls(url: str) -> None:
    remote = parse_remote("origin", url)
    assert remote is None or remote.host == "c"


def _clone(tmp_path: Path, **remotes: str) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for name, url in remotes.items():
        subprocess.run(["git", "-C", str(tmp_path), "remote", "add", name, url], check=True)


def _worktree(tmp_path: Path) -> Path:
    """Return a worktree of a clone whose remote is named by a short form."""
    clone, tree = tmp_path / "clone", tmp_path / "tree"
    _clone(clone, origin="gh:o/r")
    git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "config", "url.https://github.com/.insteadOf", "gh:"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    subprocess.run([*git, "worktree", "add", "-q", str(tree)], check=True)
    return tree


async def test_discovery(tmp_path: Path) -> None:
    _clone(tmp_path, origin="git@github.com:me/r.git", upstream="https://github.com/o/r")
    (found,) = await GitHub.discover(_around(tmp_path, GITHUB_TOKEN="a"))
    assert isinstance(found.settings, GitHubSettings)
    assert found.settings.repositories == ("o/r",)
    assert "upstream" in found.because
    assert "GITHUB_TOKEN" not in found.settings.model_dump_json()


async def test_discovery_through_a_worktree_and_instead_of(tmp_path: Path) -> None:
    tree = _worktree(tmp_path)
    around = HostEnviron({"PATH": os.environ["PATH"], "GH_TOKEN": "a"}, tmp_path, tree)
    (found,) = await GitHub.discover(around)
    assert isinstance(found.settings, GitHubSettings)
    assert found.settings.repositories == ("o/r",)


async def test_discovery_without_a_login_says_what_is_missing(tmp_path: Path) -> None:
    _clone(tmp_path, origin="git@github.com:o/r.git")
    (found,) = await GitHub.discover(_around(tmp_path))
    assert found.settings is None
    assert "gh auth login --hostname github.com" in found.hint


async def test_another_host_counts_when_gh_knows_it(tmp_path: Path) -> None:
    _clone(tmp_path, origin="git@ghe.example:o/r.git")
    assert await GitHub.discover(_around(tmp_path)) == ()
    _write_hosts(tmp_path / "gh")
    (found,) = await GitHub.discover(_around(tmp_path, GH_CONFIG_DIR=str(tmp_path / "gh")))
    assert isinstance(found.settings, GitHubSettings)
    assert found.settings.host == "ghe.example"


async def test_no_clone_no_discovery(tmp_path: Path) -> None:
    assert await GitHub.discover(_around(tmp_path, GH_TOKEN="a")) == ()
    assert await GitHub.discover(_around(tmp_path, PATH=str(tmp_path))) == ()


@pytest.mark.parametrize("env", [{}, {"GH_TOKEN": "a"}, {"GH_CONFIG_DIR": "own"}, {"MINE": "m"}])
@pytest.mark.parametrize("given", [{}, {"host": "ghe.example"}, {"token": {"env": "MINE"}}])
async def test_all_that_a_login_is_read_from_is_declared(
    tmp_path: Path, env: dict[str, str], given: dict[str, object]
) -> None:
    _write_hosts(tmp_path / ".config/gh")
    around = _around(tmp_path, **env)

    async def log_in(source: ResolvedSource, environ: HostEnviron) -> object:
        with suppress(Misconfigured):
            return await login.resolve(_settings(**given), FakeContext(environ))
        return None

    source = ResolvedSource("ci", GitHub, _settings(**given))
    assert await undeclared_reads(source, around, log_in) == []
