"""Where the API of a host is, and which environment variables hold a token for it."""

from typing import Final

PUBLIC_HOST: Final = "github.com"
_TENANCY: Final = ".ghe.com"


def is_cloud(host: str) -> bool:
    """Tell whether *host* is run by GitHub itself."""
    return host == PUBLIC_HOST or host.endswith(_TENANCY)


def api_url(host: str) -> str:
    """Return the URL of the REST API of *host*."""
    return f"https://api.{host}" if is_cloud(host) else f"https://{host}/api/v3"


def web_host(netloc: str) -> str:
    """Return the host as in a browser for the *netloc* of an API."""
    bare = netloc.lower().removeprefix("api.")
    return bare if is_cloud(bare) else netloc.lower()


def token_variables(host: str) -> tuple[str, ...]:
    """Return the names under which gh looks for a token for *host*, the first first."""
    if is_cloud(host):
        return ("GH_TOKEN", "GITHUB_TOKEN")
    return ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
