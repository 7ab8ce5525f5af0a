"""What an exec plugin may print, and what of it is a credential."""

from tests.adapters.kubernetes.access.cases import SEEN, Case, Outcome, Refused, config

VERSION = "client.authentication.k8s.io/v1beta1"
BETA = f"apiVersion: {VERSION}"
TOLD = f'{{"apiVersion": "{VERSION}", "kind": "KIND", "status": STATUS}}'


def _printing(answer: str, outcome: Outcome, kubectl: Outcome | None = None) -> Case:
    """Return the case of a plugin that prints *answer*."""
    text = config(f"exec: {{{BETA}, command: ./login}}")
    files = {"config": text, "login": f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n"}
    return Case(files, outcome, kubectl, tools=("login",))


def _told(status: str, kind: str = "ExecCredential") -> str:
    return TOLD.replace("STATUS", status).replace("KIND", kind)


NO_ANSWER = Refused("printed no ExecCredential")
PLUGINS = {
    "a plugin's token": _printing(_told('{"token": "tt"}'), SEEN),
    "a plugin's token that is over": _printing(
        _told('{"token": "tt", "expirationTimestamp": "2001-01-01T00:00:00Z"}'), SEEN
    ),
    "a plugin that speaks YAML": _printing(
        f"{BETA}\nkind: ExecCredential\nstatus:\n  token: tt\n  expirationTimestamp: "
        "2099-01-01T00:00:00Z",
        SEEN,
    ),
    "a plugin of another kind": _printing(
        _told('{"token": "tt"}', "Pod"), NO_ANSWER, Refused("no kind")
    ),
    "a plugin that answers in another version": _printing(
        _told('{"token": "tt"}').replace("v1beta1", "v1"), Refused("answered in"),
        Refused("plugin returned version"),
    ),
    "a plugin with a certificate alone": _printing(
        _told('{"clientCertificateData": "x"}'), Refused("without its key"),
        Refused("only certificate or key"),
    ),
    "a plugin that says nothing": _printing(
        _told("{}"), Refused("gave no credential"), Refused("didn't return a token")
    ),
    "a plugin without a status": _printing(_told("null"), NO_ANSWER, Refused("status field")),
    "a plugin that prints junk behind": _printing(
        _told('{"token": "tt"}') + "junk", NO_ANSWER, Refused("decoding stdout")
    ),
    "a plugin that prints junk before": _printing(
        "junk\n" + _told('{"token": "tt"}'), NO_ANSWER, Refused("decoding stdout")
    ),
    "a plugin whose token is two lines": _printing(
        _told('{"token": "tt\\nx"}'), Refused("no HTTP header"), Refused("header")
    ),
}  # fmt: skip
