"""A secret that cannot be read is told by its field, with what mends it."""

import pytest

from opsboard.adapter import Misconfigured
from opsboard.system.secrets import SecretSource
from opsboard_adapters.login_secret import resolve_secret


async def test_the_secret_or_nothing() -> None:
    source = SecretSource(env="TOKEN")
    assert await resolve_secret(source, "token", {"TOKEN": "hunter2"}) == "hunter2"
    assert await resolve_secret(None, "token", {}) == ""


async def test_the_error_names_the_field_and_says_how_to_mend_it() -> None:
    with pytest.raises(Misconfigured) as caught:
        await resolve_secret(SecretSource(env="TOKEN"), "password", {})
    assert caught.value.message == "no password: the environment variable TOKEN is not set"
    assert caught.value.hint == "fix password in config"
    with pytest.raises(Misconfigured) as caught:
        await resolve_secret(SecretSource(env="TOKEN"), "GitHub token", {}, "run `gh auth login`")
    assert caught.value.hint == "run `gh auth login`"
