"""What a kubeconfig is to come to: the request that it makes, or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CA = "certificate-authority: ca.crt"
TLS = "https://127.0.0.1:PORT"
PLAIN = "http://127.0.0.1:PORT"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request with those *headers* of who asks, and *shown*, the name in a certificate.

    *server_name* is what TLS asks for (SNI), where it asks for a name.
    """

    headers: tuple[str, ...] = ()
    tls: bool = True
    path: str = "/version"
    shown: str = ""
    server_name: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal that says *words*."""

    words: str = ""


Outcome = Sent | Refused


@dataclass(frozen=True, slots=True)
class Case:
    """Files, by their names, and what they are to come to.

    ``PORT`` stands in them for the recorder's port, and ``FOLDER`` for where they are. *kubectl*
    is what kubectl makes of them where that is not the same, and *why* says why it is not.
    """

    files: Mapping[str, str | bytes]
    expected: Outcome
    kubectl: Outcome | None = None
    why: str = ""
    listed: str = "FOLDER/config"
    tools: tuple[str, ...] = ()
    """Those of the files that are programs."""
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_kubectl(self) -> Outcome:
        return self.kubectl or self.expected


def config(
    user: str = "token: tt",
    server: str = TLS,
    cluster: str = CA,
    context: str = "cluster: c, user: u",
    users: str | None = None,
) -> str:
    """Return a kubeconfig, its parts as they stand in YAML."""
    named = f"users: [{{name: u, user: {{{user}}}}}]" if users is None else users
    return f"""\
apiVersion: v1
kind: Config
current-context: c
contexts:
- name: c
  context: {{{context}}}
clusters:
- name: c
  cluster: {{server: '{server}'{", " if cluster else ""}{cluster}}}
{named}
"""


def case(
    text: str | bytes,
    expected: Outcome,
    *,
    but_kubectl: Outcome | None = None,
    why: str = "",
    **files: str | bytes,
) -> Case:
    """Return the case of one kubeconfig, beside *files*: ``x_crt`` is the file ``x.crt``."""
    beside = {name.replace("_", "."): content for name, content in files.items()}
    return Case({"config": text, **beside}, expected, but_kubectl, why)


def bearer(token: str, **more: object) -> Sent:
    """Return the request with that *token*."""
    return Sent((f"authorization: Bearer {token}",), **more)  # type: ignore[arg-type]


NOBODY = Sent()
IN_CLEAR = Sent(tls=False)
SEEN = bearer("tt")
ASKS = Refused("EOF")
"""kubectl asks for a username on the terminal, where there is none."""
