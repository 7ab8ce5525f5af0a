"""Names that sound like secrets, and names that only look a little like them."""

import pytest

from opsboard_adapters.secret_names import sounds_secret


@pytest.mark.parametrize(
    "name",
    [
        "password", "db_password", "DB_PASSWD", "userPassword", "CI_TOKEN", "apiKey", "API_KEY",
        "aws.secret.access.key", "AWS_ACCESS_KEY_ID", "private-key", "credentials", "SENTRY_DSN",
        "basic_auth", "clientSecret", "APIKey", "pwd",
    ],
)  # fmt: skip
def test_a_secret(name: str) -> None:
    assert sounds_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens", "tokenizer", "author", "sort_key", "keypoints", "learning_rate", "passes",
        "monkey", "compass", "epochs", "",
    ],
)  # fmt: skip
def test_no_secret(name: str) -> None:
    assert not sounds_secret(name)
