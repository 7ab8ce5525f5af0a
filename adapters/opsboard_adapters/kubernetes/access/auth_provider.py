"""The logins that kubeconfigs had before exec plugins: ``auth-provider``.

client-go has kept one of them, ``oidc``. It renews an ID token that has expired, and writes it into
the kubeconfig; here a token is used as long as it lasts, and nothing is written: a second program
that renews it would make kubectl's own refresh token worthless.
Source: ``plugin/pkg/client/auth`` of client-go.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from opsboard.adapter import Misconfigured, Unauthenticated

LEEWAY: Final = timedelta(seconds=10)
"""How long before its end a token counts as expired, as client-go has it."""

_INSTEAD: Final[Mapping[str, str]] = {
    "gcp": "log in anew with gke-gcloud-auth-plugin: "
    "gcloud container clusters get-credentials CLUSTER",
    "azure": "log in anew with kubelogin: kubelogin convert-kubeconfig",
}
_OTHERWISE: Final = "use an exec plugin, a token or a client certificate instead"
_LOG_IN: Final = "log in again, with any kubectl command, or use the exec plugin kubelogin"


@dataclass(frozen=True, slots=True)
class IdToken:
    """An ID token of OpenID Connect, and when it is no longer to be used."""

    token: str
    until: datetime


def check(provider: Mapping[str, Any], where: str) -> None:
    """Look at the auth-provider of the user that *where* names. Raises :exc:`Misconfigured`."""
    name = provider.get("name", "")
    if name != "oidc":
        gone = "which kubectl no longer has" if name in _INSTEAD else "which nobody knows"
        raise Misconfigured(
            f"{where} logs in by the auth-provider {name!r}, {gone}",
            _INSTEAD.get(name, _OTHERWISE),
        )
    config = provider.get("config", {})
    for key in ("idp-issuer-url", "client-id"):
        if not config.get(key):
            raise Misconfigured(
                f"{where} logs in by the auth-provider 'oidc', which lacks {key}",
                f"add {key} to its config",
            )


def id_token(provider: Mapping[str, Any], now: datetime) -> IdToken:
    """Return the token that *provider*, of OpenID Connect, has. Raises :exc:`Unauthenticated`."""
    token = provider.get("config", {}).get("id-token", "")
    if not token:
        raise Unauthenticated("the auth-provider 'oidc' has no id-token", _LOG_IN)
    until = _end(token) - LEEWAY
    if now >= until:
        raise Unauthenticated(
            f"the id-token of the auth-provider 'oidc' expired at {until + LEEWAY:%Y-%m-%d %H:%M} "
            "UTC, and is not renewed here",
            _LOG_IN,
        )
    return IdToken(token, until)


def _end(token: str) -> datetime:
    """Return when *token* (RFC 7519) expires; one that does not say it has expired."""
    try:
        _, payload, _ = token.split(".")
        padded = payload + "=" * (-len(payload) % 4)
        claims = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return datetime.fromtimestamp(int(float(claims.get("exp") or 0)), UTC)
    except (ValueError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        raise Unauthenticated(
            "the id-token of the auth-provider 'oidc' is no JWT that says when it expires", _LOG_IN
        ) from None
