"""URLs inside answers: clients follow them, so they lead back here."""

from dataclasses import dataclass

from starlette.requests import Request

MOUNT = "/api/v3"


@dataclass(frozen=True, slots=True)
class Links:
    """Where this server is, as the asker sees it."""

    web: str

    @classmethod
    def of(cls, request: Request) -> "Links":
        return cls(f"{request.url.scheme}://{request.url.netloc}")

    @property
    def api(self) -> str:
        return self.web + MOUNT

    def repository(self, full_name: str) -> str:
        """Return the API's URL of a repository."""
        return f"{self.api}/repos/{full_name}"

    def page(self, full_name: str) -> str:
        """Return the page of a repository in a browser."""
        return f"{self.web}/{full_name}"
