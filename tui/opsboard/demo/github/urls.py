"""URLs inside answers: clients follow them, so they lead back here."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

MOUNT = "/api/v3"
"""Where an Enterprise Server has its API."""
PUBLIC_API = "api.github.com"
"""The host of GitHub's own API, for clients that are led here by another way than its name."""
_STORAGE = {"127.0.0.1": "localhost"}


@dataclass(frozen=True, slots=True)
class FakeGitHubUrls:
    """Where this server is, as the asker sees it."""

    web: str

    @classmethod
    def from_request(cls, request: Request) -> "FakeGitHubUrls":
        return cls(f"{request.url.scheme}://{request.url.netloc}")

    @property
    def storage(self) -> str:
        """The storage host: this server again, by another name, so that it is another host."""
        here = urlsplit(self.web)
        port = f":{here.port}" if here.port else ""
        return f"{here.scheme}://{_STORAGE.get(here.hostname or '', '127.0.0.1')}{port}"

    @property
    def api(self) -> str:
        return self.web if self.web.endswith(f"//{PUBLIC_API}") else self.web + MOUNT

    def repository(self, full_name: str) -> str:
        """Return the API's URL of a repository."""
        return f"{self.api}/repos/{full_name}"

    def page(self, full_name: str) -> str:
        """Return the page of a repository in a browser."""
        return f"{self.web.replace(PUBLIC_API, 'github.com')}/{full_name}"
