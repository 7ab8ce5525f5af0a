"""The words between the tables of ``config.md``."""

INTRODUCTION = """\
Nothing has to be configured: without a file, opsboard shows what it finds (`opsboard init`
writes that down as a file, each key with its meaning). The file is TOML. It is the one named by
`--config`, or by `OPSBOARD_CONFIG`, or `~/.config/opsboard/config.toml`; `opsboard config path`
prints which. `opsboard doctor` tests every source in it, and `opsboard config schema` prints its
JSON Schema for editors. What is wrong with it is told with file, line, key and fix. A fault in
one source leaves the others alone.

```toml
[sources.github]
adapter = "github"
organisations = ["acme"]

[sources.clusters]
adapter = "kubernetes"
contexts = ["prod-eu", "staging-eu"]

[sources.models]
adapter = "mlflow"
tracking_uri = "https://mlflow.example.com"
```
"""

ENVIRONMENTS = """\
The environment of a record is told from the names of its cluster, namespace, branch or alias.
Usual words (`prod`, `live`, `stage`, `uat`, `dev`, `qa`, ...) are known as whole words of a name;
your own patterns, with `*` and `?`, come first. Shown is what the first telling name says; an act
is judged by all of them: a namespace called `staging` in a cluster called `prod-eu` is of both.

The name of an environment means the same everywhere here, in any case and in any width of its
letters (`Production` is `production`), and where names are wanted, patterns with `*`, `?` and
`[abc]` will do; only a source's `environment` is a name. `unknown` is what nobody knows: where no
name tells anything, and any name that is neither `production`, `staging`, `development` or `test`
nor written out in `[environments]`, `protected`, `[policy]` or `[[change_windows]]`.
`lab = []` in `[environments]` makes `lab` known; `prod-eu = []` does not make it any other than
`production`, too.
"""

POLICY = """\
Every action is planned first, then judged: `deny` is never done, `typed` asks for the name of the
target and a reason, `confirm` for one key, and `allow` is done at once unless the plan has a
warning. Where the policy says nothing, an action in a `protected` environment is `typed`, and so is
one in an environment that nobody knows, whatever is protected; any other is `confirm`.
`read_only` denies everything.

An act is judged in every environment that it touches, and the strictest ruling counts: the
target's, that of the cluster or source which carries it out, each one that a run deploys to. What
is known to touch none is judged by `"*"` alone. No label of a source takes back what a name or a
record says.

Of several tables that mean an environment, its exact name goes before patterns, and patterns go
before `"*"`; a table that says nothing of the action is passed over. In a table, the same holds for
the action. Among equals the strictest counts. A `deny` for `"*"`, on either side, is taken back by
an exact name only, and what is said of the environment `"*"` never makes a protected or unknown
one softer than `typed`. Clusters called `prod-eu` are shown as `production`: so a pattern such as
`prod-*` makes stricter what is done in `production`, where no table has that very name, and never
softer.

| for `rollback` in `production` | says |
| --- | --- |
| `[policy.production]` `rollback = "confirm"`, `"*" = "deny"` | `confirm` |
| `[policy.production]` `"roll*" = "confirm"`, `"*" = "deny"` | `deny` |
| `[policy.production]` `"*" = "confirm"`; `[policy."*"]` `rollback = "deny"` | `confirm` |
| `[policy."prod*"]` `"*" = "confirm"`; `[policy."*"]` `rollback = "deny"` | `deny` |
| `[policy."prod*"]` `"*" = "confirm"`; `[policy."*"]` `"*" = "typed"` | `confirm` |

A fault in `[environments]`, `protected`, `[policy]` or `[[change_windows]]` leaves the board as it
is: it is told as the source `config`, and until it is fixed the guard refuses all that it may
concern. A fault in `[policy.staging]` or in a window for it concerns `staging`, any other
everything. A fault is, too, what can never match: an action that no adapter has, or `prod` for what
is called `production` here, and names such as `!production`, `prod|live` or `prod, live`: patterns
have `*`, `?` and `[abc]`, and nothing else. A name that nothing is called by as yet is a warning of
`opsboard doctor`.

```toml
protected = ["production", "staging"]

[policy.production]
delete = "deny"

[policy.development]
"*" = "allow"

[[change_windows]]
environments = ["production"]
days = ["mon", "tue", "wed", "thu"]
start = "09:00"
end = "16:00"
time_zone = "Europe/Berlin"
```
"""

WINDOWS = """\
A window is open from its start on, up to but without its end, by the clock on the wall of its
`time_zone`, on the days on which it opens. One that does not end after it starts ends on the next
day: `22:00` to `04:00` on `fri` ends on Saturday, and `00:00` to `00:00` is a whole day. In spring,
what would open in the hour that is skipped opens after it; in autumn, the hour that comes twice is
open both times. Times are text (`"09:00"`) or TOML's own (`09:00:00`), without an offset.
"""

RETRAINING = """\
How a model is trained anew is told here, or by the tags of the model itself. The first entry whose
pattern fits is used; its source runs the training, and the run is followed to the new version.

```toml
[[retrain]]
models = ["fraud-*"]
source = "github"
recipe = { repository = "acme/fraud", workflow = "train.yml", ref = "main" }
inputs = { epochs = "20" }

[[retrain]]
models = "churn-*"
source = "here"
recipe = { command = "python train.py --model {model} --epochs {epochs}", cwd = "~/churn" }
inputs = { epochs = "10" }

[sources.here]
adapter = "command"
```

A key under an earlier name (`patience` for `timeout`) is still read; `opsboard doctor`, `opsboard
config path` and the board say in which line it stands and what it is called now.

A model's own tags say the same as `opsboard.retrain.source`, `opsboard.retrain.KEY` for each key of
the recipe, and `opsboard.retrain.input.NAME` for each input. Since whoever may tag a model could
have anything run, tags never name a command.
"""

RECIPE = """\
It trains models; this is what a `recipe` in [`[[retrain]]`](#retraining) can tell it:
"""

SOURCES = """\
## Sources

Each source is a table `[sources.NAME]`; the name is yours, and stands on the board. `adapter`
says what kind of system it is: one of those below, or one that you
[installed or wrote](adapters.md), with settings of its own.
"""

SECRETS = """\
## Secrets

A secret is named rather than written down: exactly one of these. It is asked for when the source
connects, never shown, and taken out of every error and log line.

```toml
[sources.github]
adapter = "github"
repositories = ["acme/web"]
token = { command = ["gh", "auth", "token"] }
```

A bare string (`token = "..."`) works too; then the file itself is a secret. Keep it at mode 0600,
as `opsboard init` makes it; `opsboard doctor` warns where others may read a file with a secret.

The file says which commands to run. So it is refused where anybody else may write to it: it and
all folders above it have to belong to you or to root, and be writable for nobody else (a group of
your own with nobody else in it is fine, and so is a folder with the sticky bit). A kubeconfig with
an exec plugin is held to the same.

What looks like a secret is masked as `***` wherever it would be seen or kept, whether a source has
resolved it or not: by its name (`DB_PASSWORD`, `--api-key`, `OPENAI_KEY`) and by its looks (tokens
of known kinds, private keys, logins in addresses, cookies, `Bearer ...`).

A secret is one line, or PEM: a file or an output of two lines, with a control character or in no
known encoding is refused, and not quoted. Spaces, line ends, NULs and byte order marks around it
are no part of it. This file, files with secrets, kubeconfigs, certificates and what programs print
may be UTF-8, with a byte order mark or without, or UTF-16 as PowerShell's `>` writes it.
"""

PROXIES = """\
## Proxies

Proxies are those of the environment, by the rules of Go, and so of kubectl and gh: `HTTPS_PROXY`
for https and `HTTP_PROXY` for http, in capitals before small letters; `http://`, `https://`,
`socks5://`, or `host:port` alone, with `user:password@` if need be. `localhost` and loopback
addresses are never reached through one, nor is what `NO_PROXY` lists, with commas in between: `*`;
`example.com` and what is below it; `.example.com` or `*.example.com`, below it only; an address
or a network (`10.0.0.0/8`, `fd00::/8`); each but `*` and networks with a port if need be
(`example.com:8443`, `[fd00::1]:6443`). What is not understood there is passed over. `ALL_PROXY` is
not looked at. The `proxy-url` of a cluster in a kubeconfig counts more than all of these. An error
names the proxy that a request went through, and what it is named by.

## Redirects

A redirect is followed, with the login and all else that was sent, on the same server: scheme, host
and port, or from http to https of the same host at their usual ports. A login never goes to another
server, subdomains and ports included, and nothing from https back to http; only a log of GitHub's
is fetched from the storage host that it names, without the token. What changes something is not
sent on, but for a renamed repository: where GitHub says that nothing was done and where the same is
to be sent to (307, 308), it is, on the same server.
"""

KUBECONFIGS = """\
## Kubeconfigs

A kubeconfig is read as kubectl reads it: the same files, merged in the same way, with the same
types; what kubectl refuses is refused, in a sentence that names the file and the key. Only what a
context uses is looked at, so a fault in one takes down no other.

- **Logins**: `token`, `tokenFile` (read again each minute, and before `token`), `username` and
  `password`, client certificates, exec plugins. Of `auth-provider` only `oidc` is left, as with
  kubectl; its `id-token` is used as long as it lasts, and not renewed here. `gcp`, `azure` and
  all others are refused by name. A plugin that asks on the terminal (`interactiveMode: Always`)
  is refused, as is a client key with a passphrase: nobody is there to be asked.
- **Renewal**: where a login is refused (401), the kubeconfig and the files with the certificate
  are looked at again, and what was renewed there is used.
- **Impersonation**: `as`, `as-uid`, `as-groups` and `as-user-extra`, with any login.
- **Plain HTTP**: no login is sent to a server at `http://`, as with kubectl; impersonation is.
  Other than with kubectl, that is told: on the board, in `opsboard status` and by `opsboard
  doctor`. It is told as well where there is no login at all for a server at `https://`: kubectl
  asks for one there.
- **Servers**: without a scheme, a host is asked at `https://` where the cluster has a CA or
  `insecure-skip-tls-verify`, or the user a certificate, else at `http://`. A path in the URL is
  kept. `tls-server-name`, `disable-compression` and `proxy-url` (`http`, `https`, `socks5`)
  count, the server's name behind proxies too. A proxy over TLS is trusted as the cluster is.
- **Certificates**: PEM, with any text around it; base64 with or without line breaks. DER is
  refused, as is a CA beside `insecure-skip-tls-verify`.
"""

TROUBLES = (
    (
        "asked without a login: ... is plain HTTP",
        "write `https://` in the `server`; behind `kubectl proxy`, leave out the user",
    ),
    (
        "asked without a login: the user ... has no login",
        "a key is misspelt (`token`, not `Token`), or the context names no user",
    ),
    (
        "... must be text: put it into quotes",
        '`token: "12345"`; numbers, `yes` and `null` are no text in YAML',
    ),
    (
        "... is not base64",
        "write it anew (`base64 -w0 FILE`), or name the file by the key without `-data`",
    ),
    ("the client key has a passphrase", "`openssl pkey -in client.key -out plain.key`"),
    ("the id-token ... expired", "log in again, with any kubectl command"),
)

VARIABLES = (
    ("`OPSBOARD_CONFIG`", "the config file, unless `--config` names one"),
    ("`NO_COLOR`", "if set, the monochrome theme"),
    ("`GH_TOKEN`, `GITHUB_TOKEN`", "login for github.com"),
    (
        "`GH_ENTERPRISE_TOKEN`, `GITHUB_ENTERPRISE_TOKEN`",
        "login for the Enterprise host that `GH_HOST` names",
    ),
    ("`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`", "[proxies](#proxies)"),
    ("`SSL_CERT_FILE`, `SSL_CERT_DIR`", "authorities to trust, where no `ca_file` is named"),
    ("`KUBECONFIG`", "kubeconfig files, as for kubectl"),
    ("`MLFLOW_TRACKING_URI`", "the MLflow server that is found"),
    ("`MLFLOW_TRACKING_USERNAME`, `_PASSWORD`, `_TOKEN`", "the login for that server"),
    (
        "`XDG_CONFIG_HOME`, `XDG_STATE_HOME`, `XDG_CACHE_HOME`",
        "in place of `~/.config`, `~/.local/state`, `~/.cache`",
    ),
)

FILES = (
    ("`~/.config/opsboard/config.toml`", "this file"),
    (
        "`~/.config/opsboard/themes/NAME.toml`",
        "your own themes, written like [the built-in ones](../themes/opsboard_themes)",
    ),
    (
        "`~/.cache/opsboard/board-1.db`",
        "the last known board of each source and login, for the next start; for 14 days",
    ),
    (
        "`~/.local/state/opsboard/notices-1.db`",
        "what was acknowledged or snoozed; for 90 days",
    ),
    ("`~/.local/state/opsboard/opsboard.log`", "what went wrong inside, without secrets"),
    (
        "`~/.local/state/opsboard/audit.jsonl`, `audit.N.jsonl`, `audit.head`",
        "[the audit trail](acting.md#the-audit-trail), which is to be kept",
    ),
    ("`~/.local/state/opsboard/locks/PLAN.lock`", "the acts that are under way"),
)

FOLDERS = """\
All are readable by you alone. All but the audit trail, and the locks while the program runs, can be
deleted at any time. Where one of them cannot be written (a full disk, a read-only home), the board
says so and goes on without; without an audit trail there is no act.
"""

MODELS = """\
A row of a model is all of one version: the one that serves, or where none does, the latest. What
serves is told by the first of `leading_aliases` that is set, else by the stage `Production`; the
environment by the aliases of that version, then its stage, then the name of the model, never by an
alias of another version. Its metrics are those of the version: on MLflow 3 of the logged model
(`models:/m-...`), and of the run only what it measured of that model, or of none in particular
where it made no other. Runs that are deleted, themselves or with their experiment, are shown, and
said to be deleted; what they measured of drift does not count.

The registry is read first: all rows, what serves, and where. Runs follow in slices, those of what
serves before all others; the title of the pane says how many are to come, and what came is kept.
Until it has been looked whether a model drifts, it is `unknown` ("drift not read"), not `ok`; what
the registry itself calls failed or pending is told at once. `opsboard status` waits for all that
serves.
"""
