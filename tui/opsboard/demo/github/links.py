"""URLs inside answers: clients follow them, so they lead back here."""

from dataclasses import dataclass

from starlette.requests import Request

MOUNT = "/api/v3"
_OTHER_NAME = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Links:
    """Where this server is, as the asker sees it."""

    web: str

    @classmethod
    def of(cls, request: Request) -> "Links":
        return cls(f"{request.url.scheme}://{request.url.netloc}")

    @property
    def storage(self) -> str:
        """The storage host: this server again, by its other name, so that it is another host."""
        scheme, _, netloc = self.web.partition("://")
        host, colon, port = netloc.partition(":")
        return f"{scheme}://{_OTHER_NAME.get(host, host)}{colon}{port}"

    @property
    def api(self) -> str:
        return self.web + MOUNT

    def repository(self, full_name: str) -> str:
        """Return the API's URL of a repository."""
        return f"{self.api}/repos/{full_name}"

    def page(self, full_name: str) -> str:
        """Return the page of a repository in a browser."""
        return f"{self.web}/{full_name}"
