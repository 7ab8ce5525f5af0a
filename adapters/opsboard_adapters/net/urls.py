"""Checks of URLs, proxy URLs and header values before any request is made with them.

HTTP libraries report such mistakes late, each by its own exception, and quote the value, which may
be a secret. Here they are reported where the value was given, without repeating it. Imports no HTTP
library: settings are read before the first frame.
"""

from importlib.util import find_spec
from typing import Final
from urllib.parse import SplitResult, urlsplit

from opsboard.adapter import Misconfigured

LONGEST_HEADER: Final = 65_536
"""Maximum characters of a header value. Servers accept 8 to 64 KiB; Kerberos tickets are the
longest.
"""

LONGEST_HOST: Final = 253
"""Maximum characters of a host name (RFC 1035 §3.1)."""

PROXY_SCHEMES: Final = ("http", "https", "socks5", "socks5h")

_A_SERVER: Final = "give the URL of a server: http://host:port or https://host"


def split_url(url: str) -> SplitResult:
    """Return the parts of *url*; all of them are empty where it cannot be parsed."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def check_http_url(url: str) -> str:
    """Return *url* if it is the http(s) URL of a server: no login, query or fragment.

    Raises :exc:`ValueError`, whose text does not repeat the URL.
    """
    parts = _parts(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(_A_SERVER)
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{_A_SERVER}, no login in it")
    if parts.query or parts.fragment:
        raise ValueError(f"{_A_SERVER}, without anything behind a ? or #")
    return url


def _parts(url: str) -> SplitResult:
    if not url.isprintable() or " " in url:
        raise ValueError("there is a space or an invisible character in the URL")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(f"this is no URL; {_A_SERVER}") from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("the port of the URL is no number from 1 to 65535")
    _check_host(parts.hostname or "")
    return parts


def _check_host(host: str) -> None:
    if ":" in host:  # IPv6: urlsplit has validated it
        return
    try:
        written = host.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("the host in the URL is no name that a host may have") from None
    odd = not all(char.isalnum() or char in "-._*" for char in written)
    if odd or len(written) > LONGEST_HOST:
        raise ValueError("the host in the URL is no name that a host may have")


def check_header_value(value: str, what: str) -> str:
    """Return *value* if it may stand in an HTTP header; *what* names it in the error.

    Allowed are visible ASCII characters, with spaces and tabs between them (RFC 9110 §5.5). Raises
    :exc:`Misconfigured`.
    """
    hint = "copy it again, in full: it may be two lines, or a web page instead of a token"
    for position, char in enumerate(value, start=1):
        if not ("!" <= char <= "~" or (char in " \t" and 1 < position < len(value))):
            raise Misconfigured(
                f"{what} has a character that no HTTP header may have (position {position:,})", hint
            )
    if len(value) > LONGEST_HEADER:
        raise Misconfigured(f"{what} is {len(value):,} characters long: no server takes it", hint)
    return value


def check_utf8(value: str, what: str) -> str:
    """Return *value* if it can be encoded as UTF-8. Raises :exc:`Misconfigured`, which names
    *what*.
    """
    try:
        value.encode("utf-8")
    except UnicodeError:
        raise Misconfigured(f"{what} is no text", "it has bytes that are no UTF-8") from None
    return value


def check_proxy_url(url: str, what: str) -> str:
    """Return *url* if it is that of an http, https or SOCKS proxy.

    *what* names the setting in the error. Raises :exc:`Misconfigured`.
    """
    why = ""
    try:
        parts = _parts(url)
    except ValueError as error:
        parts, why = split_url(""), str(error)
    if parts.scheme not in PROXY_SCHEMES or not parts.hostname:
        why = why or f"give http://host:port; known are {', '.join(PROXY_SCHEMES)}"
        raise Misconfigured(f"the proxy in {what} cannot be used: {why}", f"fix or unset {what}")
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        raise Misconfigured(
            f"{what} names a SOCKS proxy, which this installation cannot speak to",
            f"install httpx[socks] beside opsboard, or fix or unset {what}",
        )
    return url
