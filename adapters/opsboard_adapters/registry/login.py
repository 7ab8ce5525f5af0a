"""Who asks: the login of a source, from its settings or from ``docker login``.

Pull secrets of a cluster (``imagePullSecrets``) are never read: they are the cluster's login and
not this user's.
"""

from datetime import datetime, timedelta
from typing import Final

from opsboard.adapter import Context, HostEnviron, LoginInputs, Misconfigured
from opsboard_adapters.login_secret import resolve_secret
from opsboard_adapters.net.urls import check_header_value, check_utf8
from opsboard_adapters.registry.docker_config import (
    RegistryLogin,
    config_file,
    docker_login,
    read_config,
)
from opsboard_adapters.registry.settings import RegistrySettings

SETTINGS: Final = "the settings"
ASK_AGAIN_AFTER: Final = timedelta(minutes=1)
"""How long a login of docker is used at least before it is read, or its helper is run, again."""


class LoginProvider:
    """The login of one source. Docker's is read again once it is refused, not at each poll.

    The clouds' helpers print tokens that end after some hours; people log in again.
    """

    def __init__(self, settings: RegistrySettings, context: Context) -> None:
        self._settings = settings
        self._context = context
        self.login = RegistryLogin()
        self._resolved_at: datetime | None = None

    async def resolve(self) -> RegistryLogin:
        """Read the login anew, and register what is secret in it. Raises :exc:`Misconfigured`."""
        login = await _resolve(self._settings, self._context.host_environ)
        for secret in login.secrets:
            self._context.register_secret(secret)
        check_utf8(login.username, "the username")
        check_utf8(login.password, "the password")
        check_header_value(login.identity_token, "the identity token")
        self.login, self._resolved_at = login, self._context.now()
        return login

    async def changed(self) -> bool:
        """Tell whether the login has become another one; called where it was refused.

        Only docker's is looked at again: what the settings say stays until they are loaded again.
        """
        known = self._resolved_at
        if self.login.origin == SETTINGS or not self._settings.docker_login:
            return False
        if known is None or self._context.now() - known < ASK_AGAIN_AFTER:
            return False
        before = self.login
        return await self.resolve() != before


async def _resolve(settings: RegistrySettings, host_environ: HostEnviron) -> RegistryLogin:
    env = host_environ.env
    if settings.identity_token is not None:
        token = await resolve_secret(settings.identity_token, "identity_token", env)
        return RegistryLogin(identity_token=token, origin=SETTINGS)
    if settings.username is not None:
        password = await resolve_secret(settings.password, "password", env)
        return RegistryLogin(settings.username, password, origin=SETTINGS)
    if settings.docker_login:
        return await docker_login(settings.host, host_environ)
    return RegistryLogin()


def login_inputs(settings: RegistrySettings, host_environ: HostEnviron) -> LoginInputs:
    """Return where the login is looked for, where *settings* have none."""
    if settings.identity_token or settings.username or not settings.docker_login:
        return LoginInputs()
    try:
        identity = read_config(host_environ).identity(settings.host)
    except Misconfigured as error:
        identity = error.message
    return LoginInputs(
        variables=("DOCKER_CONFIG",),
        shared_files=(config_file(host_environ),),
        identity=identity,
    )
