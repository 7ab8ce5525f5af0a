"""Names that sound like secrets, and names that only look a little like them."""

import pytest

from opsboard import adapter
from opsboard.masking import sounds_secret

SECRETS = """
    password db_password DB_PASSWD userPassword CI_TOKEN apiKey API_KEY aws.secret.access.key
    AWS_ACCESS_KEY_ID private-key credentials SENTRY_DSN basic_auth clientSecret APIKey pwd
    OPENAI_KEY TOKENS CI_TOKENS OPENAI_KEYS STRIPE_KEY passphrase pw PGPASSWORD mysql_pwd
    MYSQL_PWD cookie session_id sessionid JSESSIONID PHPSESSID jwt bearer sas connection_string
    ConnectionString .dockerconfigjson passwort kennwort mot_de_passe contraseña CONTRASEÑA
    Passwörter_passwort dbpass DB_PASS DB_PASS2 USERPASS rootpw gh_token ghtoken GITHUB_TOKENS
    tokens2 --client-secret X-Api-Key x-auth-token Authorization proxy-authorization authToken
    refresh_token id_token secret SECRETS secret_id vault_secret_id SIGNING_KEY ssh_key
    ssh_private_key id_rsa tls.key openaikey STRIPE_SECRET MASTER_KEY license_key
    DJANGO_SECRET_KEY SECRET_KEY_BASE ENCRYPTION_KEY GOOGLE_CREDENTIALS_JSON PRIVATE_KEY_PEM
    htpasswd pgpass OTP totp_seed creds AWS_CREDS redisPass Heslo пароль 密码 パスワード lösenord
    password_hash webhook_url SLACK_WEBHOOK_URL AZURE_STORAGE_KEY account_key SharedAccessKey
    DATADOG_API_KEY DD_KEY WANDB_KEY HF_TOKEN hf_key my.token token_value password1 PASSWORD_1
    pass passPhrase seed_phrase user_auth auth oauth_token A_KEY MY_KEY OLD_KEY NEW_KEY
    app_key APP_KEY session_key
    session_token consumer_key deploy_key
""".split()  # noqa: SIM905 - a table of words is read best so

PLAIN = """
    max_tokens tokenizer author sort_key keypoints learning_rate passes monkey compass epochs
    key key_name primary_key foreign_key partition_key cache_key public_key PUBLIC_KEY keyboard
    authority authors max_new_tokens token_count num_tokens prompt_tokens total_tokens
    tokens_per_second tokenize secretName secret_name tokenFile token_path PASSWORD_FILE
    token_type auth_mode auth-service AUTH_TYPE secretRef secretKeyRef configMapKeyRef
    topologyKey automount has_password require_auth pad_token eos_token pad_token_id secretary
    pass@1 pass@k pass_rate first_pass_time bypass surpass hotkey turkey PWD OLDPWD authored
    donkey shard_key routing_key index_key idempotency_key hash_key range_key group_key
    metric_key message_key json_key compass_word name value image replicas checksum/secret
    tokenization keynote session private privateer passenger passive passport cookiecutter
    jokey tokenized tokens_used enable_auth private_ip pinned sas_version sash assassin
    database model run_id commit version salted salty wordpress basic_authored password_policy
""".split()  # noqa: SIM905 - as above


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret(name: str) -> None:
    assert sounds_secret(name)


@pytest.mark.parametrize("name", [*PLAIN, "", "-", "7", "…"])
def test_no_secret(name: str) -> None:
    assert not sounds_secret(name)


@pytest.mark.parametrize(
    "name", ["db password", "db-password", "db.password", "db/password", "dbPassword"]
)
def test_it_does_not_matter_how_words_are_joined(name: str) -> None:
    assert sounds_secret(name)
    assert sounds_secret(name.upper())
    assert not sounds_secret(f"{name}_file")


def test_adapters_have_the_rule_from_the_contract() -> None:
    assert adapter.sounds_secret is sounds_secret
    assert adapter.mask_text("password=x1y2z3") == "password=***"
