"""Who asks: the login of a source, from its settings or as MLflow's own client finds it."""

import configparser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from opsboard.adapter import Context, HostEnviron, LoginInputs, Misconfigured
from opsboard.text.encoding import ENCODING_HINT, NotTextError, read_text, strip_secret
from opsboard_adapters.login_secret import resolve_secret
from opsboard_adapters.mlflow.settings import MLflowSettings, split_login
from opsboard_adapters.net.urls import check_header_value, check_utf8, split_url


@dataclass(frozen=True, slots=True)
class MLflowLogin:
    """How requests are signed; all empty for a server that asks for no login."""

    username: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"<Login {self.kind}>"

    @property
    def kind(self) -> str:
        """How it logs in, in words that may be shown."""
        if self.token:
            return "a token"
        return f"user {self.username!r}" if self.username else "no login"

    @property
    def basic(self) -> tuple[str, str] | None:
        return (self.username, self.password) if self.username and not self.token else None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


async def resolve(settings: MLflowSettings, context: Context) -> MLflowLogin:
    """Return the login for *settings*, its secrets concealed. Raises :exc:`Misconfigured`."""
    env = context.host_environ.env
    login = MLflowLogin(
        settings.username or "",
        await resolve_secret(settings.password, "password", env),
        await resolve_secret(settings.token, "token", env),
    )
    if login == MLflowLogin() and _environment_counts(settings, env):
        login = ambient(context.host_environ, settings.tracking_uri)
    for secret in (login.password, login.token):
        if secret:
            context.register_secret(secret)
    check_header_value(login.token, "the token")
    check_utf8(login.username, "the username")
    check_utf8(login.password, "the password")
    return login


def login_inputs(settings: MLflowSettings, host_environ: HostEnviron) -> LoginInputs:
    """Return where :func:`resolve` looks for a login, where *settings* have none.

    The login of another server that the environment names does not matter.
    """
    if settings.username or settings.password or settings.token:
        return LoginInputs()
    if not _environment_counts(settings, host_environ.env):
        return LoginInputs(variables=("MLFLOW_TRACKING_URI",))
    return LoginInputs(
        variables=(
            "MLFLOW_TRACKING_URI",
            "MLFLOW_TRACKING_USERNAME",
            "MLFLOW_TRACKING_PASSWORD",
            "MLFLOW_TRACKING_TOKEN",
        ),
        files=(credentials_file(host_environ.home),),
    )


def _environment_counts(settings: MLflowSettings, env: Mapping[str, str]) -> bool:
    """Return whether the user's ambient login is meant for this server, and not for another."""
    if settings.login_from_environment:
        return True
    named, _, _ = split_login(env.get("MLFLOW_TRACKING_URI", ""))
    return _origin(named) == _origin(settings.tracking_uri)


def _origin(uri: str) -> tuple[str, str]:
    parts = split_url(uri)
    return parts.scheme.lower(), parts.netloc.lower()


def ambient(host_environ: HostEnviron, uri: str) -> MLflowLogin:
    """Return the login that MLflow's own client would use for *uri*, in its order.

    Raises :exc:`Misconfigured` where the file of MLflow's own client cannot be read.
    """
    env = host_environ.env
    named, username, password = split_login(env.get("MLFLOW_TRACKING_URI", ""))
    if username and _origin(named) == _origin(uri):
        return MLflowLogin(username, password)
    file_username, file_password = _credentials_file(host_environ.home)
    username = env.get("MLFLOW_TRACKING_USERNAME", "").strip("\r\n") or file_username
    password = env.get("MLFLOW_TRACKING_PASSWORD", "").strip("\r\n") or file_password
    if username and password:
        return MLflowLogin(username, password)
    return MLflowLogin(token=strip_secret(env.get("MLFLOW_TRACKING_TOKEN", "")))


def credentials_file(home: Path) -> Path:
    """Return the file in which MLflow's own client keeps its login."""
    return home / ".mlflow" / "credentials"


def _credentials_file(home: Path) -> tuple[str, str]:
    file = credentials_file(home)
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(read_text(file))
    except OSError:
        return "", ""
    except NotTextError as error:
        raise Misconfigured(
            f"the login in {file} cannot be read: it {error}", ENCODING_HINT
        ) from None
    except configparser.Error:
        hint = "write [mlflow], and under it mlflow_tracking_username = and ..._password ="
        raise Misconfigured(f"{file} is no file of that kind (INI)", hint) from None
    section = dict(parser.items("mlflow")) if parser.has_section("mlflow") else {}
    return (
        section.get("mlflow_tracking_username", ""),
        section.get("mlflow_tracking_password", ""),
    )
