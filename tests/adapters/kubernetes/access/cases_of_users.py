"""Who asks: logins, whom they act as, and what is left out over plain HTTP."""

import base64

from tests.adapters.kubernetes.access.cases import (
    ASKS,
    CA,
    IN_CLEAR,
    NOBODY,
    PLAIN,
    SEEN,
    TLS,
    Case,
    Refused,
    Sent,
    bearer,
    case,
    config,
)

FULL = "as: bob, as-uid: '7', as-groups: [devs, ops], as-user-extra: {scopes: [view, edit]}"
BOB = (
    "impersonate-extra-scopes: edit",
    "impersonate-extra-scopes: view",
    "impersonate-group: devs",
    "impersonate-group: ops",
    "impersonate-uid: 7",
    "impersonate-user: bob",
)
CERTIFICATE = "client-certificate: cli.crt, client-key: cli.key"
BETA = "apiVersion: client.authentication.k8s.io/v1beta1"
PLUGIN = f"exec: {{{BETA}, command: /bin/false}}"
V1 = "apiVersion: client.authentication.k8s.io/v1"
JWT = "eyJhbGciOiJSUzI1NiJ9.{}.c2ln"
LASTING = JWT.format("eyJleHAiOjQwMDAwMDAwMDB9")
OVER = JWT.format("eyJleHAiOjEwMDB9")


def _basic(pair: str) -> str:
    return f"authorization: Basic {base64.b64encode(pair.encode()).decode()}"


def _oidc(token: str) -> str:
    issuer = "idp-issuer-url: 'https://127.0.0.1:1/', client-id: x"
    return f"auth-provider: {{name: oidc, config: {{id-token: '{token}', {issuer}}}}}"


def _as(words: str, *headers: str) -> Case:
    told = ("authorization: Bearer tt", *headers)
    return case(config(f"token: tt, as: bob, {words}"), Sent((*told, "impersonate-user: bob")))


IMPERSONATION = {
    "a token with a blank behind": case(config("token: 'tt '"), bearer("tt")),
    "a token with a tab behind": case(config('token: "tt\\t"'), bearer("tt")),
    "all of it, with a token": case(
        config(f"token: tt, {FULL}"), Sent(("authorization: Bearer tt", *BOB))
    ),
    "all of it, with a password": case(
        config(f"username: u1, password: p1, {FULL}"), Sent((_basic("u1:p1"), *BOB))
    ),
    "all of it, with a certificate": case(
        config(f"{CERTIFICATE}, {FULL}"), Sent(BOB, shown="alice")
    ),
    "all of it, with an ID token": case(
        config(f"{_oidc(LASTING)}, {FULL}"), Sent((f"authorization: Bearer {LASTING}", *BOB))
    ),
    "all of it, in clear": case(
        config(f"token: tt, {FULL}", PLAIN, ""), Sent(BOB, tls=False)
    ),
    "without a login": case(
        config("as: bob"), Sent(("impersonate-user: bob",)),
        but_kubectl=ASKS, why="nobody to ask"
    ),
    "keys that no header may be called": _as(
        "as-user-extra: {Acme.com/Proj_x: [a], 'ü%a b': [z]}",
        "impersonate-extra-%c3%bc%25a%20b: z",
        "impersonate-extra-acme.com%2fproj_x: a",
    ),
    "an empty key": _as('as-user-extra: {"": [x]}', "impersonate-extra-: x"),
    "keys that are no text": _as(
        "as-user-extra: {1: [x], true: [z]}", "impersonate-extra-1: x", "impersonate-extra-true: z"
    ),
    "a key that is null": case(
        config("token: tt, as: bob, as-user-extra: {null: [x]}"), Refused("not valid YAML"),
        but_kubectl=Refused("map key"),
    ),
    "values that are null": _as(
        "as-groups: [null, x], as-user-extra: {a: null, b: [z]}",
        "impersonate-extra-b: z", "impersonate-group: ", "impersonate-group: x",
    ),
    "a name beyond ASCII": case(
        config("token: tt, as: 'jürgen'"),
        Sent(("authorization: Bearer tt", "impersonate-user: jürgen")),
    ),
    "blanks around a name": case(
        config('token: tt, as: " a "'), Sent(("authorization: Bearer tt", "impersonate-user: a"))
    ),
    "a name of two lines": case(
        config('token: tt, as: "a\\nb"'), Refused("no HTTP header"), but_kubectl=Refused("header")
    ),
    "nothing of it": case(
        config("token: tt, as: null, as-uid: '', as-groups: [], as-user-extra: {}"), SEEN
    ),
    "groups alone": case(
        config("token: tt, as-groups: [a]"), Refused("has as-groups, and does not say whom"),
        but_kubectl=Refused("without impersonating a user"),
    ),
    "a uid alone": case(
        config("token: tt, as-uid: a"), Refused("has as-uid"), but_kubectl=Refused("without")
    ),
    "extra alone, in clear": case(
        config("token: tt, as-user-extra: {a: [b]}", PLAIN, ""), Refused("has as-user-extra"),
        but_kubectl=Refused("without impersonating a user"),
    ),
    "a group that is a number": case(
        config("token: tt, as: bob, as-groups: [1]"),
        Refused("config: users[u].user.as-groups[0] must be text"),
        but_kubectl=Refused("as-groups of type string"),
    ),
    "an extra that is no list": case(
        config("token: tt, as: bob, as-user-extra: {a: b}"),
        Refused("as-user-extra.a must be a list"), but_kubectl=Refused("of type []string"),
    ),
}  # fmt: skip

LOGINS = {
    "a token": case(config(), SEEN),
    "a token file": case(config("tokenFile: token"), bearer("from-file")),
    "a token file before a token": case(config("token: tt, tokenFile: token"), bearer("from-file")),
    "a token where its file is gone": case(config("token: tt, tokenFile: nope"), SEEN),
    "a token file that is gone": case(
        config("tokenFile: nope"), Refused("cannot read the token file"),
        but_kubectl=Refused("no such file"),
    ),
    "a token file that is empty": case(
        config("tokenFile: t"), Refused("is empty"), but_kubectl=Refused("Authorization"), t="\n"
    ),
    "a token of two lines": case(
        config('token: "tt\\nx"'), Refused("no HTTP header"), but_kubectl=Refused("header")
    ),
    "a password": case(config("username: u1, password: 'p:ä'"), Sent((_basic("u1:p:ä"),))),
    "a username alone": case(config("username: u1"), Sent((_basic("u1:"),))),
    "a password alone": case(
        config("password: p1"), Refused("a password and no username"), but_kubectl=ASKS
    ),
    "a password and a token": case(
        config("username: u1, password: p1, token: tt"), Refused("only one way to log in"),
        but_kubectl=Refused("more than one authentication method"),
    ),
    "a password and a token file": case(
        config("username: u1, password: p1, tokenFile: token"), Refused("only one way to log in"),
        but_kubectl=Refused("not both"),
    ),
    "a certificate": case(config(CERTIFICATE), Sent(shown="alice")),
    "a certificate and a token": case(
        config(f"token: tt, {CERTIFICATE}"), bearer("tt", shown="alice")
    ),
    "a certificate and a password": case(
        config(f"username: u1, {CERTIFICATE}"), Sent((_basic("u1:"),), shown="alice")
    ),
    "a certificate without a key": case(
        config("client-certificate: cli.crt"), Refused("no key to it"),
        but_kubectl=Refused("client-key must be specified"),
    ),
    "a key without a certificate": case(config("client-key: cli.key, token: tt"), SEEN),
    "a certificate twice": case(
        config(f"{CERTIFICATE}, client-certificate-data: QUFB"), Refused("which of them is meant?"),
        but_kubectl=Refused("both specified"),
    ),
    "a key twice": case(
        config(f"{CERTIFICATE}, client-key-data: QUFB"), Refused("which of them is meant?"),
        but_kubectl=Refused("both specified"),
    ),
    "a certificate that is gone, in clear": case(
        config("client-certificate: nope, client-key: cli.key", PLAIN, ""),
        Refused("client-certificate of the user 'u' in"), but_kubectl=Refused("no such file"),
    ),
    "a plugin after a token": case(config(f"token: tt, {PLUGIN}"), SEEN),
    "a plugin after a certificate": case(config(f"{CERTIFICATE}, {PLUGIN}"), Sent(shown="alice")),
    "a plugin that fails": case(config(PLUGIN), Refused("exit code 1")),
    "a plugin of v1 that does not say whether it asks": case(
        config(f"exec: {{{V1}, command: /bin/false}}"), Refused("no interactiveMode"),
        but_kubectl=Refused("interactiveMode must be specified"),
    ),
    "a plugin that always asks": case(
        config(f"exec: {{{V1}, command: /bin/false, interactiveMode: Always}}"),
        Refused("needs a terminal"), but_kubectl=Refused("not a terminal"),
    ),
    "a plugin of an old version": case(
        config("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: /bin/false}"),
        Refused("speaks client.authentication.k8s.io/v1alpha1"), but_kubectl=Refused("v1alpha1"),
    ),
    "a plugin of nothing": case(
        config("exec: {}"), Refused("without command"), but_kubectl=Refused("command must be")
    ),
    "a plugin with an unnamed variable": case(
        config(f"exec: {{{BETA}, command: /bin/false, env: [{{value: A}}]}}"),
        Refused("env without a name"), but_kubectl=Refused("name must be specified"),
    ),
    "a plugin and an auth-provider": case(
        config(f"{PLUGIN}, auth-provider: {{name: oidc}}"), Refused("exec and auth-provider"),
        but_kubectl=Refused("in combination with"),
    ),
    "an ID token": case(config(_oidc(LASTING)), bearer(LASTING)),
    "an ID token that is over": case(
        config(_oidc(OVER)), Refused("expired at 1970-01-01"),
        but_kubectl=Refused("No valid id-token"),
    ),
    "an ID token that is none": case(
        config(_oidc("abc")), Refused("is no JWT"), but_kubectl=Refused("not a valid JWT")
    ),
    "an ID token after a token": case(config(f"token: tt, {_oidc(LASTING)}"), SEEN),
    "an ID token after a password": case(
        config(f"username: uu, {_oidc(LASTING)}"), Sent((_basic("uu:"),))
    ),
    "an ID token and a certificate": case(
        config(f"{CERTIFICATE}, {_oidc(LASTING)}"), bearer(LASTING, shown="alice")
    ),
    "oidc without an issuer": case(
        config("auth-provider: {name: oidc, config: {id-token: x}}"),
        Refused("lacks idp-issuer-url"), but_kubectl=Refused("Must provide idp-issuer-url"),
    ),
    "gcp": case(
        config("auth-provider: {name: gcp, config: {access-token: x}}"),
        Refused("auth-provider 'gcp', which kubectl no longer has"),
        but_kubectl=Refused("gcp auth plugin has been removed"),
    ),
    "azure beside a token": case(
        config("token: tt, auth-provider: {name: azure}"),
        Refused("auth-provider 'azure', which kubectl no longer has"),
        but_kubectl=Refused("azure auth plugin has been removed"),
    ),
    "a provider that nobody knows": case(
        config("auth-provider: {name: openstack}"), Refused("auth-provider 'openstack'"),
        but_kubectl=Refused("no Auth Provider found"),
    ),
    "a provider without a name": case(
        config("auth-provider: {config: {}}"), Refused("auth-provider ''"),
        but_kubectl=Refused("no Auth Provider found"),
    ),
    "a provider that is null": case(config("token: tt, auth-provider: null"), SEEN),
    "a login in the URL": case(
        config(server=TLS.replace("//", "//me:p%20w@")), Sent((_basic("me:p w"),))
    ),
    "a login in the URL, and a certificate": case(
        config(CERTIFICATE, server=TLS.replace("//", "//me:pw@")),
        Sent((_basic("me:pw"),), shown="alice"),
    ),
}  # fmt: skip

IN_CLEAR_TEXT = {
    "a token in clear": case(config(server=PLAIN, cluster=""), IN_CLEAR),
    "a token in clear, beside a CA": case(config(server=PLAIN, cluster=CA), IN_CLEAR),
    "a password in clear": case(config("username: a, password: b", PLAIN, ""), IN_CLEAR),
    "a password alone, in clear": case(config("password: b", PLAIN, ""), IN_CLEAR),
    "a certificate in clear": case(config(CERTIFICATE, PLAIN, ""), IN_CLEAR),
    "a plugin in clear is not run": case(config(PLUGIN, PLAIN, ""), IN_CLEAR),
    "an ID token in clear": case(config(_oidc(LASTING), PLAIN, ""), IN_CLEAR),
    "gcp in clear": case(config("auth-provider: {name: gcp}", PLAIN, ""), IN_CLEAR),
    "a token file that is gone, in clear": case(config("tokenFile: nope", PLAIN, ""), IN_CLEAR),
    "a login in the URL, in clear": case(
        config(server=PLAIN.replace("//", "//me:pw@"), cluster=""), IN_CLEAR,
        but_kubectl=Sent((_basic("me:pw"),), tls=False), why="no login is sent in clear",
    ),
}  # fmt: skip

_EMPTY = {
    "user null": {"context": "cluster: c, user: null"},
    "user empty": {"context": 'cluster: c, user: ""'},
    "user left out": {"context": "cluster: c"},
    "the user's entry null": {"users": "users: [{name: u, user: null}]"},
    "the user's entry left out": {"users": "users: [{name: u}]"},
    "a user without keys": {"user": ""},
}
_MISSING = {
    "a user that is nowhere": {"context": "cluster: c, user: nobody"},
    "users null": {"users": "users: null"},
    "users of null": {"users": "users: [null]"},
    "no users": {"users": ""},
}

NO_USER = {
    **{
        f"{name}, in clear": case(config(server=PLAIN, cluster="", **parts), IN_CLEAR)
        for name, parts in {**_EMPTY, **_MISSING}.items()
    },
    **{
        name: case(config(**parts), NOBODY, but_kubectl=ASKS, why="nobody to ask")
        for name, parts in _EMPTY.items()
    },
    **{
        name: case(config(**parts), Refused("is not there"), but_kubectl=ASKS)
        for name, parts in _MISSING.items()
    },
    "a user without a name": case(
        config(context='cluster: c, user: ""', users="users: [{user: {token: x}}]"), bearer("x")
    ),
}

USERS = {**IMPERSONATION, **LOGINS, **IN_CLEAR_TEXT, **NO_USER}
