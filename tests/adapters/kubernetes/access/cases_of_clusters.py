"""Where the cluster is, and whom it is believed to be: servers, TLS, PEM and base64."""

import base64
import ssl

import trustme

from opsboard_adapters.net import pem
from tests.adapters.kubernetes.access.cases import (
    CA,
    IN_CLEAR,
    PLAIN,
    SEEN,
    TLS,
    Case,
    Outcome,
    Refused,
    Sent,
    bearer,
    case,
    config,
)

CERTIFICATE = "client-certificate: cli.crt, client-key: cli.key"
HOST = "127.0.0.1:PORT"
ODD_HOST = Refused("cannot be asked")
NO_SCHEME = "as rest.DefaultServerUrlFor has it; clientcmd asks in clear, without the login"


def _at(server: str, outcome: Outcome, kubectl: Outcome | None = None, cluster: str = CA) -> Case:
    return case(config(server=server, cluster=cluster), outcome, but_kubectl=kubectl)


def _below(path: str) -> Sent:
    return bearer("tt", path=f"{path}/version")


SERVERS = {
    "no scheme": _at(HOST, IN_CLEAR, cluster=""),
    "no scheme, a slash": _at(f"{HOST}/", IN_CLEAR, cluster=""),
    "no scheme, a name": _at("localhost:PORT", IN_CLEAR, cluster=""),
    "no scheme, a CA": case(
        config(server=HOST), SEEN, but_kubectl=IN_CLEAR, why=NO_SCHEME
    ),
    "no scheme, insecure": case(
        config(server=HOST, cluster="insecure-skip-tls-verify: true"), SEEN,
        but_kubectl=IN_CLEAR, why=NO_SCHEME,
    ),
    "no scheme, a CA and a certificate": case(
        config(CERTIFICATE, HOST), Sent(shown="alice"), but_kubectl=IN_CLEAR, why=NO_SCHEME
    ),
    "no scheme, a path": _at(f"{HOST}/a", ODD_HOST, Refused("must be a URL"), ""),
    "slashes alone": _at(f"//{HOST}", ODD_HOST, Refused("must be a URL")),
    "a path": _at(f"{TLS}/clusters/a", _below("/clusters/a")),
    "a path, a slash": _at(f"{TLS}/clusters/a/", _below("/clusters/a")),
    "a slash": _at(f"{TLS}/", SEEN),
    "slashes": _at(f"{TLS}//", SEEN),
    "a path with slashes": _at(f"{TLS}/a//b/", _below("/a/b")),
    "a path with dots": _at(f"{TLS}/a/../b/.", _below("/b")),
    "a path with escapes": _at(f"{TLS}/a%2Fb%20c/", _below("/a/b%20c")),
    "a path with a blank": _at(f"{TLS}/a b", _below("/a%20b")),
    "a query": _at(f"{TLS}?x=1", SEEN),
    "a path, a query, a fragment": _at(f"{TLS}/a?x=1#y", _below("/a")),
    "capitals": _at(f"HTTPS://{HOST}", SEEN),
    "capitals, in clear": _at(f"HTTP://{HOST}", IN_CLEAR, cluster=""),
    "a blank behind": _at(f"{TLS} ", ODD_HOST, Refused("must be a URL")),
    "a blank before": _at(f" {TLS}", ODD_HOST, Refused("invalid character")),
    "another protocol": _at(f"ftp://{HOST}", ODD_HOST, Refused("unsupported protocol")),
    "a socket": _at("unix:///x", ODD_HOST, Refused("must be a URL")),
    "no port that is": _at("https://127.0.0.1:99999", ODD_HOST, Refused("invalid port")),
    "version 6 without brackets": _at("::1:PORT", ODD_HOST, Refused("invalid port"), ""),
    "one slash too few": _at(f"https:{HOST}", ODD_HOST, Refused("invalid port")),
    "none": _at("", Refused("has no server"), Refused("localhost:8080")),
    "a CA that is gone, in clear": _at(
        PLAIN, Refused("certificate-authority of the cluster 'c' in"), Refused("no such file"),
        "certificate-authority: nope",
    ),
    "a CA that is junk, in clear": _at(PLAIN, IN_CLEAR, cluster="certificate-authority: token"),
    "both CAs": _at(
        TLS, Refused("which of them is meant?"), Refused("both specified"),
        f"{CA}, certificate-authority-data: QUFB",
    ),
    "insecure": _at(TLS, SEEN, cluster="insecure-skip-tls-verify: true"),
    "insecure, with a CA": _at(
        TLS, Refused("insecure-skip-tls-verify"), Refused("insecure flag is not allowed"),
        f"insecure-skip-tls-verify: true, {CA}",
    ),
    "insecure, with a CA, in clear": _at(
        PLAIN, IN_CLEAR, cluster=f"insecure-skip-tls-verify: true, {CA}"
    ),
    "insecure a text": _at(
        TLS, Refused("clusters[c].cluster.insecure-skip-tls-verify must be true or false"),
        Refused("of type bool"), 'insecure-skip-tls-verify: "true"',
    ),
    "insecure a number": _at(
        TLS, Refused("must be true or false"), Refused("of type bool"),
        "insecure-skip-tls-verify: 1",
    ),
    "insecure y": _at(TLS, SEEN, cluster="insecure-skip-tls-verify: y"),
    "another name": _at(
        TLS, bearer("tt", server_name="k.test"), cluster=f"{CA}, tls-server-name: k.test"
    ),
    "another name, a wrong one": _at(
        TLS, Refused("not trusted"), Refused("not other.test"),
        f"{CA}, tls-server-name: other.test",
    ),
    "another name, an address": _at(
        "https://localhost:PORT", SEEN, cluster=f"{CA}, tls-server-name: 127.0.0.1"
    ),
    "another name, insecure": _at(
        TLS, bearer("tt", server_name="other.test"),
        cluster="insecure-skip-tls-verify: true, tls-server-name: other.test",
    ),
    "another name, with a dot": _at(
        TLS, bearer("tt", server_name="k.test"), cluster=f"{CA}, tls-server-name: k.test."
    ),
    "another name, of brackets": _at(
        TLS, Refused("not trusted"), Refused("not ::2"), f"{CA}, tls-server-name: '[::2]'"
    ),
    **{
        f"another name, none that may be: {name}": _at(
            TLS, Refused("tls-server-name is no name"), Refused("Unable to connect"),
            f'{CA}, tls-server-name: "{name}"',
        )
        for name in ("a b", "..", "\\0", "a\\n", "k.test:x", "[")
    },
    "no CA": _at(TLS, Refused("not trusted"), Refused("unknown authority"), ""),
    "an empty CA": _at(
        TLS, Refused("not trusted"), Refused("unknown authority"), 'certificate-authority-data: ""'
    ),
    "a proxy without a scheme": _at(
        TLS, Refused("the proxy in proxy-url of the cluster 'c'"), Refused("could not parse"),
        f'{CA}, proxy-url: "127.0.0.1:1"',
    ),
    "a proxy of another kind": _at(
        TLS, Refused("known are http"), Refused("unsupported scheme"),
        f"{CA}, proxy-url: 'gopher://x'",
    ),
    "a proxy": _at(
        "http://k.test", Sent(tls=False, path="http://k.test/version"),
        cluster=f"proxy-url: 'http://me:pw@{HOST}'",
    ),
    "an empty proxy": _at(TLS, SEEN, cluster=f'{CA}, proxy-url: ""'),
}  # fmt: skip


def _file(content: bytes, outcome: Outcome, kubectl: Outcome | None = None, why: str = "") -> Case:
    text = config(cluster="certificate-authority: x.crt")
    return case(text, outcome, but_kubectl=kubectl, why=why, x_crt=content)


def of_authority(ca: bytes) -> dict[str, Case]:
    """Return the cases in which the CA, *ca* as PEM, is written in one way or another."""
    no_block, broken = Refused("holds no PEM certificate"), Refused("unable to")
    odd = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    lines = ca.splitlines()
    lenient = "what OpenSSL and Windows write is read"
    return {
        "text beyond ASCII around": _file("# Főtanúsítvány\n".encode() + ca, SEEN),
        "text of no encoding around": _file(b"# F\xfc\n" + ca + b"\xe4", SEEN),
        "CRLF": _file(ca.replace(b"\n", b"\r\n"), SEEN),
        "no end of line": _file(ca.rstrip(), SEEN),
        "blanks behind": _file(b"\n".join(line + b"  " for line in lines), SEEN),
        "empty lines": _file(ca.replace(b"\n", b"\n\n"), SEEN),
        "one line": _file(lines[0] + b"\n" + b"".join(lines[1:-1]) + b"\n" + lines[-1], SEEN),
        "several": _file(trustme.CA().cert_pem.bytes() + ca, SEEN),
        "twice": _file(ca + ca, SEEN),
        "a broken one behind": _file(ca + odd, SEEN),
        "a broken one before": _file(odd + ca, SEEN),
        "one that is cut off before": _file(odd[:33] + ca, SEEN),
        "a mark of UTF-8": _file(b"\xef\xbb\xbf" + ca, SEEN, broken, lenient),
        "UTF-16": _file(ca.decode().encode("utf-16"), SEEN, broken, lenient),
        "a broken one": _file(odd, Refused("OpenSSL cannot read any of them"), broken),
        "DER": _file(ssl.PEM_cert_to_DER_cert(ca.decode()), Refused("it is DER, not PEM"), broken),
        "nothing of it": _file(b"junk", no_block, broken),
        "an empty file": _file(b"", no_block, Refused("unknown authority")),
        "a file of another kind": _file(ca.replace(b"CERTIFICATE", b"KEY"), no_block, broken),
    }


def _data(written: str, outcome: Outcome, kubectl: Outcome | None = None) -> Case:
    told = f"certificate-authority-data: {written}"
    text = config(cluster="").replace(
        "{server: 'https://127.0.0.1:PORT'}", f"\n    server: '{TLS}'\n    {told}"
    )
    return case(text, outcome, but_kubectl=kubectl)


def of_base64(ca: bytes) -> dict[str, Case]:
    """Return the cases in which the CA is data, written in one way or another."""
    plain = base64.b64encode(ca).decode()
    rows = [plain[at : at + 64] for at in range(0, len(plain), 64)]
    block = "\n".join(f"      {row}" for row in rows)
    twice = base64.b64encode(base64.encodebytes(ca)).decode()
    head, tail = plain[:64], plain[64:]
    bad = (
        Refused("config: clusters[c].cluster.certificate-authority-data is not base64"),
        Refused("illegal base64 data"),
    )
    no_pem = Refused("holds no PEM certificate"), Refused("unable to parse bytes as PEM block")
    der = base64.b64encode(ssl.PEM_cert_to_DER_cert(ca.decode())).decode()
    return {
        "one line of base64": _data(plain, SEEN),
        "a block of lines": _data(f"|\n{block}", SEEN),
        "CRLF between": _data(f'"{head}\\r\\n{tail}"', SEEN),
        "binary": _data(f"!!binary {twice}", SEEN),
        "lines folded into blanks": _data(f">\n{block}", *bad),
        "a blank between": _data(f'"{head} {tail}"', *bad),
        "a tab between": _data(f'"{head}\\t{tail}"', *bad),
        "binary once": _data(f"!!binary {plain}", *bad),
        "base64 for URLs": _data('"a-_a"', *bad),
        "padding left out": _data('"QUE"', *bad),
        "padding too much": _data('"QUE=="', *bad),
        "padding between": _data('"QUE=QUE="', *bad),
        "junk": _data('"!!!"', *bad),
        "PEM itself": _data("|\n" + "\n".join(f"      {row}" for row in ca.decode().split()), *bad),
        "a number": _data("1234", Refused("must be text"), Refused("cannot unmarshal number")),
        "no PEM": _data(base64.b64encode(b"hello").decode(), *no_pem),
        "DER in base64": _data(der, Refused("it is DER, not PEM"), no_pem[1]),
    }


def of_certificate(certificate: bytes, key: bytes, locked: dict[str, bytes]) -> dict[str, Case]:
    """Return the cases in which the client's certificate and key are written in some way."""
    shown, other = Sent(shown="alice"), trustme.CA().issue_cert("a@b.test").private_key_pem.bytes()

    def pair(crt: bytes, own: bytes, outcome: Outcome, kubectl: Outcome | None = None) -> Case:
        text = config("client-certificate: x.crt, client-key: x.key")
        return case(text, outcome, but_kubectl=kubectl, x_crt=crt, x_key=own)

    no_key, failed = Refused("holds no PEM private key"), Refused("tls: failed to")
    data = {"certificate": certificate, "key": key}
    as_data = ", ".join(
        f"client-{name}-data: {base64.b64encode(value).decode()}" for name, value in data.items()
    )
    der = ssl.PEM_cert_to_DER_cert(certificate.decode())
    return {
        "data": case(config(as_data), shown),
        "comments around both": pair(
            "# Fő\nBag Attributes\n".encode() + certificate, b"# F\xfc\n" + key + b"x", shown
        ),
        "both with CRLF, no end of line": pair(
            certificate.replace(b"\n", b"\r\n").rstrip(),
            key.replace(b"\n", b"\r\n").rstrip(),
            shown,
        ),
        "both in one file": pair(key + certificate, key + certificate, shown),
        "another key in the file of the certificate": pair(other + certificate, key, shown),
        "a key that is another's": pair(
            certificate, other, Refused("the client key does not belong to"),
            Refused("private key does not match"),
        ),
        "a certificate as DER": pair(der, key, Refused("is DER, not PEM"), failed),
        "a certificate that is broken": pair(
            pem.PemBlock("CERTIFICATE", b"junk").pem, key,
            Refused("the client certificate is not understood"), Refused("malformed"),
        ),
        "a key that is broken": pair(
            certificate, pem.PemBlock("PRIVATE KEY", b"junk").pem,
            Refused("the client key is not understood"), failed,
        ),
        "a key of OpenSSH": pair(
            certificate, pem.PemBlock("OPENSSH PRIVATE KEY", b"junk").pem,
            Refused("one of OpenSSH"), failed,
        ),
        "a public key": pair(
            certificate, pem.PemBlock("PUBLIC KEY", b"junk").pem, no_key, Refused("failed to find")
        ),
        "several keys": pair(certificate, key + other, shown),
        "key and certificate swapped": pair(
            key, certificate, Refused("certificate holds no PEM"), Refused("failed to find")
        ),
        "an empty key": pair(certificate, b"", no_key, failed),
        "a key that is junk": pair(certificate, b"x", no_key, failed),
        **{
            f"a locked key, {form}": pair(certificate, own, Refused("has a passphrase"), failed)
            for form, own in locked.items()
        },
        "a locked key, in clear": case(
            config("client-certificate: cli.crt, client-key: x.key", PLAIN, ""), IN_CLEAR,
            x_key=next(iter(locked.values())),
        ),
    }  # fmt: skip
