"""Which proxy an address is reached through, by the rules of Go, and so of kubectl and gh.

Source: ``golang.org/x/net/http/httpproxy``, which Go's ``net/http`` uses. ``HTTP_PROXY`` applies to
http and ``HTTPS_PROXY`` to https; upper case wins over lower case. ``localhost``, loopback
addresses and the entries of ``NO_PROXY`` are connected to directly; entries that make no sense are
ignored. ``ALL_PROXY`` is not read. Unlike Go, a proxy URL that cannot be used is an error: ignoring
it would send the requests straight to the network.

Imports no HTTP library: settings are read before the first frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from opsboard_adapters.net.urls import check_proxy_url, split_url

PORTS: Final = {"http": 80, "https": 443}

_ADDRESS_BITS: Final = 96
"""Bits before the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291 §2.5.5)."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and the variable or config key that names it. ``str()`` shows no user name or
    password.
    """

    url: str = field(repr=False)
    named: str
    ambient: bool = False
    """Whether it comes from the environment, so that ``NO_PROXY`` can exempt hosts."""

    def __str__(self) -> str:
        parts = split_url(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host} ({self.named})"


def named_proxy(url: str, named: str, *, ambient: bool = False) -> Proxy:
    """Return the proxy at *url*, which is http where it names no scheme; *named* is where it was
    set.

    Raises :exc:`~opsboard.adapter.Misconfigured` where it cannot be used.
    """
    url = url.strip()
    return Proxy(check_proxy_url(url if "://" in url else f"http://{url}", named), named, ambient)


class EnvironmentProxies:
    """The proxies that the environment variables *env* name."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._named = {scheme: _variable(env, f"{scheme}_proxy") for scheme in PORTS}
        self._without = NoProxy(_variable(env, "no_proxy")[1])

    def for_address(self, scheme: str, host: str, port: int | None) -> Proxy | None:
        """Return the proxy for a URL's *scheme*, *host* (ASCII) and *port*, or ``None`` for a
        direct connection.

        Raises :exc:`~opsboard.adapter.Misconfigured` where the proxy's URL cannot be used.
        """
        name, url = self._named.get(scheme, ("", ""))
        if not url or self._without.covers(host, port or PORTS[scheme]):
            return None
        return named_proxy(url, name, ambient=True)


def ignored_variable(env: Mapping[str, str]) -> str:
    """Return the name of the variable in *env* that other programs read and this one does not
    (``ALL_PROXY``), or ``""``.
    """
    return _variable(env, "all_proxy")[0]


def _variable(env: Mapping[str, str], name: str) -> tuple[str, str]:
    """Return the name and value of the variable *name*; upper case wins over lower case."""
    for spelt in (name.upper(), name):
        if value := env.get(spelt, ""):
            return spelt, value
    return "", ""


_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class _DomainSuffix:
    """Matches hosts that end in *tail*; with *itself*, also the domain without its leading dot."""

    tail: str
    itself: bool
    port: str

    def cover(self, host: str, port: str) -> bool:
        meant = host.endswith(self.tail) or (self.itself and host == self.tail[1:])
        return meant and self.port in {"", port}


class NoProxy:
    """The hosts, addresses and networks that a ``NO_PROXY`` list exempts, each with an optional
    port.
    """

    def __init__(self, listed: str) -> None:
        self._all = False
        self._networks: list[_Network] = []
        self._addresses: list[tuple[_Address, str]] = []
        self._names: list[_DomainSuffix] = []
        for entry in filter(None, (part.strip().lower() for part in listed.split(","))):
            if entry == "*":
                self._all = True
                return
            self._add(entry)

    def covers(self, host: str, port: int) -> bool:
        """Tell whether *host* (ASCII) at *port* is connected to without a proxy."""
        address = _address(host.partition("%")[0])
        if host == "localhost" or (address is not None and address.is_loopback) or self._all:
            return True
        if address is None:
            return any(names.cover(host.lower(), str(port)) for names in self._names)
        within = any(address in network for network in self._networks)
        return within or any(
            address == one and only in {"", str(port)} for one, only in self._addresses
        )

    def _add(self, entry: str) -> None:
        if (network := _network(entry)) is not None:
            self._networks.append(network)
            return
        host, port = _host_and_port(entry)
        if (address := _address(host)) is not None:
            self._addresses.append((address, port))
        elif host:
            host = host.removeprefix("*") if host.startswith("*.") else host
            tail = host if host.startswith(".") else f".{host}"
            self._names.append(_DomainSuffix(_in_ascii(tail), tail != host, port))


def _address(text: str) -> _Address | None:
    """Return the IP address in *text*, or ``None``. An IPv4-mapped IPv6 address becomes IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        return address.ipv4_mapped or address
    return address


def _network(text: str) -> _Network | None:
    """Return the network in *text*, such as ``10.0.0.0/8``, or ``None``."""
    written, _, bits = text.partition("/")
    if not (bits.isascii() and bits.isdigit()) or "%" in written:
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= _ADDRESS_BITS:
        return IPv4Network((mapped, network.prefixlen - _ADDRESS_BITS))
    return network


def _host_and_port(entry: str) -> tuple[str, str]:
    """Split ``host:port`` or ``[v6]:port``; without a port, return all of *entry* as the host.

    Follows Go's ``net.SplitHostPort``: brackets without a port are not stripped.
    """
    host, colon, port = entry.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    bracketed = host == f"[{bare}]"
    if not colon or any(sign in bare for sign in "[]") or any(sign in port for sign in "[]"):
        return entry, ""
    return (bare, port) if bracketed or (":" not in host and bare == host) else (entry, "")


def _in_ascii(tail: str) -> str:
    """Return *tail*, a dot and a domain, in ASCII (IDNA); unchanged where it is no valid name."""
    if tail.isascii():
        return tail
    import idna  # noqa: PLC0415 - slow to import, and rarely needed

    try:
        return "." + idna.encode(tail[1:], uts46=True).decode("ascii")
    except idna.IDNAError:
        return tail
