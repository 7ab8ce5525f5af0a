"""The files themselves: YAML as client-go has it, encodings, and several files as one."""

import json

from tests.adapters.kubernetes.access.cases import (
    ASKS,
    CA,
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

PLAINLY = config()
NO_YAML, NO_CONTEXT = Refused("is not valid YAML"), Refused("no context in")
LOCAL = Refused("localhost:8080")
"""kubectl goes on to a server on this machine where a file says nothing."""

BASIC = Sent(("authorization: Basic eDo=",))
_JSON = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "c",
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": TLS, "certificate-authority": "ca.crt"}}],
    "users": [{"name": "u", "user": {"token": "tt"}}],
}
JSON = json.dumps(_JSON)

_TEXTS = (
    "2020-01-01", "2020-01-01T00:00:00Z", "2001-1-1", "12:30:45", "190:20:30.15", "=", "<<", "0x",
    "tRUE", "nULL", "_1", "1e", "-", "+", "0o9",
)  # fmt: skip
"""What YAML 1.1 has types for, and client-go none."""

_NO_TEXTS = (
    "12345", "0x1F", "0o17", "0b1", "0123", "089", "1_000", "1e3", "1.5", ".5", "1.", "+1", "-1",
    "685_230.15", "123456789012345678901234567890", "true", "True", "no", "On", "y", "N", "[a]",
    "{a: b}", '!!int "5"', "!!bool y",
)  # fmt: skip


def _token(written: str, outcome: Outcome, kubectl: Outcome | None = None) -> Case:
    return case(config(f"token: {written}"), outcome, but_kubectl=kubectl)


SCALARS = {
    **{f"the text {text}": _token(text, bearer(text)) for text in _TEXTS},
    **{
        f"no text {text}": _token(
            text, Refused("users[u].user.token must be text"), Refused("cannot unmarshal")
        )
        for text in _NO_TEXTS
    },
    "a number in quotes": _token("'12345'", bearer("12345")),
    "a number called text": _token("!!str 123", bearer("123")),
    "a tag that nobody knows": _token("!foo 123", bearer("123")),
    "binary": _token("!!binary dHQ=", SEEN),
    "binary that is none": _token("!!binary '!'", NO_YAML, Refused("invalid base64 data")),
    "a number that is none": _token("!!float abc", NO_YAML, Refused("cannot decode")),
    "infinity": _token(".inf", NO_YAML, Refused("unsupported value")),
    **{
        f"null as {text!r}": case(config(f"token: {text}, username: x"), BASIC)
        for text in ("null", "~", "NULL", "Null", "")
    },
}


def _as(before: str, after: str) -> str:
    assert before in PLAINLY
    return PLAINLY.replace(before, after)


DOCUMENTS = {
    "a mark at the end": case(PLAINLY + "---\n", SEEN),
    "a mark with a blank": case(PLAINLY + "--- \n", SEEN),
    "a mark with a comment": case(PLAINLY + "--- # end\n", SEEN),
    "a second document": case(PLAINLY + "---\nfoo: [\n", SEEN),
    "the same twice": case(PLAINLY + "---\n" + PLAINLY, SEEN),
    "a mark at the beginning": case("---\n" + PLAINLY, SEEN),
    "dots at the end": case(PLAINLY + "...\n", SEEN),
    "junk behind dots": case(PLAINLY + "...\n{[\n", SEEN),
    "a directive": case("%YAML 1.1\n---\n" + PLAINLY, SEEN),
    "an empty first document": case("---\n---\n" + PLAINLY, NO_CONTEXT, but_kubectl=LOCAL),
    "a mark that is indented": case(PLAINLY + "  ---\n", NO_YAML, but_kubectl=Refused("yaml")),
    "JSON": case(JSON, SEEN),
    "JSON with tabs": case(json.dumps(_JSON, indent="\t"), SEEN),
    "JSON and more": case(JSON + "\nfoo", SEEN),
    "JSON with a comma too much": case(JSON[:-1] + ",}", SEEN),
    "JSON with comments": case("// x\n" + JSON, NO_YAML, but_kubectl=Refused("yaml")),
    "tabs before a key": case(_as("  context", "\tcontext"), NO_YAML, but_kubectl=Refused("yaml")),
    "a tab before a value": case(_as("current-context: c", "current-context:\tc"), SEEN),
    "an anchor": case(
        config(users="users: [{name: v, user: &x {token: tt}}, {name: u, user: *x}]"), SEEN
    ),
    "an anchor within itself": case(
        config("token: tt, x: &x [*x]"), NO_YAML, but_kubectl=Refused("contains itself")
    ),
    "an anchor that is nowhere": case(
        config("token: *x"), NO_YAML, but_kubectl=Refused("unknown anchor")
    ),
    "a merge": case(config("<<: {token: tt}"), SEEN),
    "a merge of several": case(config("<<: [{token: tt}, {token: b}]"), SEEN),
    "a merge before": case(config("<<: {token: a}, token: tt"), SEEN),
    "a merge behind": case(config("token: a, <<: {token: tt}"), SEEN),
    "a key twice": case(config("token: a, token: tt"), SEEN),
    "a key twice, in capitals": case(config("token: tt, Token: b"), SEEN),
    "a key in capitals": case(
        config("TOKEN: tt"), Sent(), but_kubectl=ASKS, why="opsboard cannot ask"
    ),
    "lists in capitals": case(
        _as("contexts:", "Contexts:"), NO_CONTEXT, but_kubectl=Refused("context was not found")
    ),
    "keys that nobody knows": case(config("token: tt, foo: [1], token-file: no"), SEEN),
    "an empty file": case("", NO_CONTEXT, but_kubectl=LOCAL),
    "blank lines": case("\n\n", NO_CONTEXT, but_kubectl=LOCAL),
    "a comment": case("# x\n", NO_CONTEXT, but_kubectl=LOCAL),
    "null": case("null", NO_CONTEXT, but_kubectl=LOCAL),
    "a list": case("[]", Refused("is no kubeconfig"), but_kubectl=Refused("json parse error")),
    "a text": case("x", Refused("is no kubeconfig"), but_kubectl=Refused("json parse error")),
}  # fmt: skip

_KINDS = {
    "no kind": ("kind: Config\n", ""),
    "no version": ("apiVersion: v1\n", ""),
    "kind null": ("kind: Config", "kind:"),
    "version empty": ("apiVersion: v1", 'apiVersion: ""'),
    "kind in capitals": ("kind:", "KIND:"),
}
_WRONG_KINDS = {
    "another kind": ("kind: Config", "kind: Pod"),
    "kind in small letters": ("kind: Config", "kind: config"),
    "another version": ("apiVersion: v1", "apiVersion: v2"),
    "another group": ("apiVersion: v1", "apiVersion: client.config/v1"),
}
_TYPES = {
    "a name that is a number": ("name: c\n  context", "name: 1\n  context"),
    "a current context that is a number": ("current-context: c", "current-context: 1"),
    "a current context that is a list": ("current-context: c", "current-context: []"),
    "a namespace that is a number": ("user: u}", "user: u, namespace: 5}"),
    "users as a table": ("users: [{name: u, user: {token: tt}}]", "users: {u: {token: tt}}"),
    "extensions as a number": ("kind: Config", "kind: Config\nextensions: 5"),
    "a version that is a number": ("apiVersion: v1", "apiVersion: 1"),
}
_NAMES = {
    "no current context": ("current-context: c\n", "", "no current context"),
    "an empty current context": ("current-context: c", "current-context: ''", "no current context"),
    "a current context null": ("current-context: c", "current-context:", "no current context"),
    "a cluster null": ("cluster: c,", "cluster: null,", "names no cluster"),
    "a cluster that is nowhere": ("cluster: c,", "cluster: x,", "there is no cluster 'x'"),
    "a context null": ("{cluster: c, user: u}", "null", "names no cluster"),
}
NAMES = {
    **{name: case(_as(*change), SEEN) for name, change in _KINDS.items()},
    **{
        name: case(_as(*change), Refused("is no kubeconfig"), but_kubectl=Refused("no kind"))
        for name, change in _WRONG_KINDS.items()
    },
    **{
        name: case(_as(*change), Refused("must be"), but_kubectl=Refused("cannot unmarshal"))
        for name, change in _TYPES.items()
    },
    **{
        name: case(_as(before, after), Refused(said), but_kubectl=LOCAL)
        for name, (before, after, said) in _NAMES.items()
    },
    "a current context that is nowhere": case(
        _as("current-context: c", "current-context: x"), Refused("there is no context 'x'"),
        but_kubectl=Refused("context was not found"),
    ),
    "a cluster without a name": case(
        _as("- name: c\n  cluster", "- name: ''\n  cluster").replace("cluster: c,", "cluster: '',"),
        SEEN,
    ),
    "a user twice": case(
        config(users="users: [{name: u, user: {token: a}}, {name: u}]"),
        Refused("has two users called 'u'"), but_kubectl=Refused("duplicate name"),
    ),
    "a context twice": case(
        _as("clusters:", "- name: c\nclusters:"), Refused("has two contexts called 'c'"),
        but_kubectl=Refused("duplicate name"),
    ),
    "a fault of a user who is not asked for": case(
        config(users="users: [{name: u, user: {token: tt}}, {name: v, user: {token: 5}}]"), SEEN,
        but_kubectl=Refused("cannot unmarshal number"), why="one context takes down no other",
    ),
}  # fmt: skip

_BYTES = PLAINLY.encode()
CONTROL = Refused("control characters")
ENCODINGS = {
    "a mark of UTF-8": case(b"\xef\xbb\xbf" + _BYTES, SEEN),
    "UTF-16, little end first": case(b"\xff\xfe" + PLAINLY.encode("utf-16-le"), SEEN),
    "UTF-16, big end first": case(b"\xfe\xff" + PLAINLY.encode("utf-16-be"), SEEN),
    "UTF-16 without a mark": case(
        PLAINLY.encode("utf-16-le"), SEEN, but_kubectl=CONTROL, why="it is clear what is meant"
    ),
    "JSON in UTF-16": case(JSON.encode("utf-16"), SEEN),
    "CRLF": case(PLAINLY.replace("\n", "\r\n"), SEEN),
    "CR": case(PLAINLY.replace("\n", "\r"), SEEN),
    "NEL": case(PLAINLY.replace("\n", "\u0085"), SEEN),
    "an emoji": case(PLAINLY + "# \U0001f600\n", SEEN),
    "Latin-1": case(
        _BYTES + b"# \xfc\n", Refused("is not UTF-8 text (line "), but_kubectl=Refused("UTF-8")
    ),
    "a surrogate": case(
        _BYTES + b"# \xed\xa0\x80\n", Refused("is not UTF-8 text"), but_kubectl=Refused("Unicode")
    ),
    **{
        f"the character {char!r}": case(
            f"{PLAINLY}# {char}\n", Refused("config:11 is not valid YAML"), but_kubectl=CONTROL
        )
        for char in "\x00\x07\x1b\x7f\u0080\uffff"
    },
    "a blank that is none": case(
        _as("current-context: c", "current-context:\u00a0c"), NO_YAML, but_kubectl=Refused("yaml")
    ),
}  # fmt: skip

_CONTEXT = "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
_CLUSTER = f"clusters: [{{name: c, cluster: {{server: '{TLS}', {CA}}}}}]\n"
_USER = "users: [{name: u, user: {token: tt}}]\n"
_OTHER = "users: [{name: u, user: {token: other}}]\n"
_WHOLE = _CONTEXT + _CLUSTER + _USER
_ANSWER = '{"apiVersion": "client.authentication.k8s.io/v1beta1", "kind": "ExecCredential", '
_PLUGIN = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./login}"


def _listed(names: str, outcome: Outcome, kubectl: Outcome | None = None, **files: str) -> Case:
    listed = ":".join(
        name if name.startswith("/") or not name else f"FOLDER/{name}" for name in names.split(":")
    )
    return Case(files, outcome, kubectl, listed=listed)


SEVERAL = {
    "three files": _listed("a:b:c", SEEN, a=_CONTEXT, b=_CLUSTER, c=_USER),
    "the first user counts": _listed("a:b", SEEN, a=_CONTEXT + _USER, b=_CLUSTER + _OTHER),
    "a first user without a login": Case(
        {"a": _CONTEXT + "users: [{name: u}]\n", "b": _CLUSTER + _OTHER}, Sent(), ASKS,
        "opsboard cannot ask", "FOLDER/a:FOLDER/b",
    ),
    "the first current context counts": _listed("a:b", SEEN, a=_WHOLE, b="current-context: z\n"),
    "an empty current context does not": _listed("a:b", SEEN, a="current-context: ''", b=_WHOLE),
    "files that are missing": _listed("no:a:neither", SEEN, a=_WHOLE),
    "all are missing": _listed("no:neither", Refused("no kubeconfig in"), LOCAL),
    "empty names": _listed(":a::", SEEN, a=_WHOLE),
    "one twice": _listed("a:a", SEEN, a=_WHOLE),
    "an empty one": _listed("a:b", SEEN, a=_WHOLE, b=""),
    "no file at all": _listed("/dev/null:a", SEEN, a=_WHOLE),
    "a folder": _listed("a:/", Refused("is a folder"), Refused("is a directory"), a=_WHOLE),
    "one that is broken": _listed("a:b", NO_YAML, Refused("yaml"), a=_WHOLE, b="{"),
    "paths are relative to their file": Case(
        {
            "a": _CONTEXT,
            "d/b": _CLUSTER.replace("ca.crt", "../ca.crt"),
            "e/c": "users: [{name: u, user: {tokenFile: t}}]",
            "e/t": "tt\n",
        },
        SEEN,
        listed="FOLDER/a:FOLDER/d/b:e/c",
    ),
    "a plugin is relative to its file": Case(
        {
            "d/a": _CONTEXT + _CLUSTER.replace("ca.crt", "../ca.crt")
            + f"users: [{{name: u, user: {{{_PLUGIN}}}}}]",
            "d/login": f"#!/bin/sh\necho '{_ANSWER}\"status\": {{\"token\": \"tt\"}}}}'\n",
        },
        SEEN,
        listed="d/a",
        tools=("d/login",),
    ),
    "the home folder's": Case(
        {".kube/config": _WHOLE.replace("ca.crt", "../ca.crt")}, SEEN, listed=""
    ),
    "a tilde is a name": _listed(
        "a", Refused("cannot read"), Refused("no such file"), a=_WHOLE.replace("ca.crt", "'~/ca'")
    ),
}  # fmt: skip

FILES = {**SCALARS, **DOCUMENTS, **NAMES, **ENCODINGS, **SEVERAL}
