"""The text between the tables of ``config.md``."""

INTRODUCTION = """\
Nothing has to be configured: without a file, opsboard shows what it finds (`opsboard init`
writes that down as a file, each key with its meaning). The file is TOML. It is the one named by
`--config`, or by `OPSBOARD_CONFIG`, or `~/.config/opsboard/config.toml`; `opsboard config path`
prints which. `opsboard doctor` tests every source in it, and `opsboard config schema` prints its
JSON Schema for editors. An error in it is reported with file, line,
key and fix. An error in one source leaves the others alone. To try one out
without servers of your own, change a copy of the one that `opsboard demo --serve` prints
([the demo](../README.md#the-demo)).

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
The environment of a record follows from the names of its cluster, namespace, branch or alias.
Usual words (`prod`, `live`, `stage`, `uat`, `dev`, `qa`, ...) are recognised as whole words of a
name; your own patterns, with `*` and `?`, come first. The board shows the environment of the first
name that has one; an action is judged by all of them: a namespace called `staging` in a cluster
called `prod-eu` is in both.

The name of an environment means the same everywhere here, in any case and in any width of its
letters (`Production` is `production`), and wherever a name is expected, a pattern with `*`, `?` and
`[abc]` is allowed too; only a source's `environment` has to be a name. The environment is `unknown`
where no name says anything, and for any name that is neither `production`, `staging`, `development`
or `test` nor written out in `[environments]`, `protected`, `[policy]` or `[[change_windows]]`. `lab
= []` in `[environments]` makes `lab` known; `prod-eu = []` does not: `prod-eu` is also in
`production`.
"""

POLICY = """\
Every action is planned first, then judged: `deny` forbids it, `typed` asks for the name of the
target and a reason, `confirm` asks for one key, and `allow` carries it out at once unless the plan
has a warning. Where the policy says nothing, an action in a `protected` environment is `typed`, and
so is one in an unknown environment, whatever is protected; any other is `confirm`.
`read_only` denies everything.

An action is judged in every environment that it touches, and the strictest rule counts: the
environment of the target, of the cluster or source that carries it out, and each one that a run
deploys to. An action that is known to touch none is judged by `"*"` alone. The `environment` of a
source adds to what names and records say, and takes nothing back.

Of several tables that match an environment, its exact name goes before patterns, and patterns go
before `"*"`; a table that does not mention the action is skipped. Within a table, the same holds
for the action. Among equals the strictest counts. A `deny` for `"*"`, of environments or actions,
is overruled by an exact name only, and a rule for the environment `"*"` never makes a protected or
unknown one softer than `typed`. Clusters called `prod-eu` are shown as `production`: so a pattern
such as `prod-*` can make the rules of `production` stricter, where no table has that exact name,
and never softer.

| for `rollback` in `production` | rule |
| --- | --- |
| `[policy.production]` `rollback = "confirm"`, `"*" = "deny"` | `confirm` |
| `[policy.production]` `"roll*" = "confirm"`, `"*" = "deny"` | `deny` |
| `[policy.production]` `"*" = "confirm"`; `[policy."*"]` `rollback = "deny"` | `confirm` |
| `[policy."prod*"]` `"*" = "confirm"`; `[policy."*"]` `rollback = "deny"` | `deny` |
| `[policy."prod*"]` `"*" = "confirm"`; `[policy."*"]` `"*" = "typed"` | `confirm` |

An error in `[environments]`, `protected`, `[policy]` or `[[change_windows]]` does not stop the
board: it is shown as an alert of the source `config`, and until it is fixed the guard refuses
everything that it may concern. An error in `[policy.staging]` or in a window for it concerns
`staging`, any other error everything. A rule that can never match is an error too: an action that
no adapter has, `prod` for what is called `production` here, or names such as `!production`,
`prod|live` or `prod, live` (patterns have `*`, `?` and `[abc]`, and nothing else). `opsboard
doctor` warns of a name that nothing has so far.

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

RELOADING = """\
While the board runs, the file is looked at every two seconds, and read again once it has changed
and has been written whole; `:reload` reads it at once. It is taken whole or not at all: with
anything wrong in it, the board says what, where and how to mend it, and what was read before counts
on. Otherwise it says what has changed:

- `views`, `ui.theme`, `ui.ascii`, `ui.keys`, `services`, `lineage`, `retrain` and `start_checks`
  count at once.
- `sources`: what is new or changed is connected, what is gone leaves the board, and the others go
  on undisturbed. While an action is under way, this waits for its end. A plan of before, by a
  source that is another one now, is refused: plan it again.
- Files that a source was connected by (a kubeconfig, a token, certificates) are looked at where
  somebody types `:reload`: sources whose files have changed are connected again, and are named.
- `policy`, `protected`, `change_windows` and `read_only`, also that of a source, count at once
  where they allow less, and after a restart where they allow more.
- `environments`, the `environment` of a source, `audit`, `history` and `ui.mouse` count after a
  restart. A source with another `environment` stays all as it was until then, so that no server is
  taken for one of another environment. Nor does it help to take a source out for a while.

The last two have one reason: a plan that somebody has read must not need less than it said,
because a file was written meanwhile, by a colleague or by a tool. Until the board ends, the rules
that it was started with and those that the file has now count together, and of both the stricter
one; where the former do, the plan says so.
"""

VIEWS = """\
A saved view is a table of one's own: a pane, what of it, in which columns and order. `:NAME`, an
`alias` or `:view NAME` opens it alone on the screen, `:view` asks which one, and the key in
`number` opens it at once. It is counted for itself: records that do not pass its `filter` are none
of it. `/` narrows it further, `:ns` and `!` work as in every pane. With `listing` in place of
`pane`, it is a view of what servers list by that word (`:training-runs`, `:nodes`, any custom
resource); its `search` is sent to a server that filters by itself, in the server's own language.

```toml
[[views]]
name = "mine"
title = "My builds"
pane = "builds"
filter = "by:dana !status:ok"
columns = [
  "repository", "state", { name = "title", width = 40 }, { field = "finished_at", title = "ended" },
]
sort = "-age"
alias = "my"
number = 6

[[views]]
name = "team-pods"
pane = "pods"
filter = "ns:payments"
columns = ["name", "reason", "restarts", "node"]

[[views]]
name = "old-images"
pane = "deployments"
filter = "env:production"
columns = ["name", "labels.team", { field = "images" }, { field = "deployed_at" }]
sort = "deployed_at"

[[views]]
name = "good-runs"
listing = "training-runs"
search = "metrics.rmse < 0.5 and attributes.status = 'FINISHED'"
columns = ["name", "rmse", { name = "learning_rate", title = "lr" }, "started"]
sort = "rmse"
```

A column is one of the pane, or else any field of its records as [records.md](records.md) and
`opsboard status --json` name it. Of a field with several parts, one can be had: `labels.team` is
the value of that label, `inputs.commit` or `inputs.pull-request` what a record states that it is
made of. The status is there in any case, and so is the column that the view is sorted by. Columns
that are named first are left out last where there is no room. Columns of a listing are named by
what stands above them, in any case; which there are is known only once the server has answered, and
a name that it does not have is said below the table. What is wrong with a view (a pane,
column, filter or word that does not exist, or that is another's) is said on the board with its
line, and the other views are there all the same.
"""

WINDOWS = """\
A window is open from `start` until just before `end`, local time of its `time_zone`, on the days on
which it opens. A window whose end is not after its start ends on the next day: `22:00` to `04:00`
on `fri` ends on Saturday, and `00:00` to `00:00` is a whole day. In spring, a window that would
open in the skipped hour opens after it; in autumn, the repeated hour is open both times. Times are
text (`"09:00"`) or TOML's own (`09:00:00`), without an offset.
"""

START_CHECKS = """\
Before a rollback is carried out, it is [asked whether it would
start](acting.md#will-it-start). What only you know how to ask, a command tells: is the database's
schema one that the old version knows?

```toml
[[start_checks]]
name = "database schema"
command = ["/usr/local/bin/check-schema", "--to={destination}", "{name}"]
targets = ["checkout*"]
environments = ["production"]
```

It must only read: it runs each time such a plan is looked at, as the user of the board, in the
folder and with the environment that the board was started in, without a terminal, and is killed
after `timeout` seconds. What it leaves behind in the background when it ends by itself goes on. The
plan is its standard input, as JSON (as `opsboard act --plan --json` prints it, without what belongs
to the adapter). It answers as the plugins of Nagios do:

| exit code | the plan says |
| --- | --- |
| 0 | a note |
| 1 | a warning |
| 2 | a blocker: carried out only by somebody who types that they want it |
| any other, or none in time | that it could not be told |

Its first line of output is what is told; a `|` and what follows are left out. No shell is involved:
each word of `command` stays one word, and a value that would make one an option is refused.
"""

RETRAINING = """\
How a model is retrained is configured here, or by the tags of the model itself. The first entry
whose pattern matches is used; its source runs the training, and the run is followed to the new
version.

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
config path` and the board say in which line it is and what it is called now.

What is not in `inputs` starts from what the version that serves was trained with: the parameters,
the data set (`dataset`, `training_data`, ...) and the entry point of its run, where an input has
the same name, whatever its case and hyphens. The form says it, the plan says what differs. Which
model and environment are meant is never taken from a run, nor what a shell could take for more.

A model's own tags say the same as `opsboard.retrain.source`, `opsboard.retrain.KEY` for each key of
the recipe, and `opsboard.retrain.input.NAME` for each input. Tags never name a
command, since anybody who may tag a model could then run anything. They give plain values only, and
only for what the training asks for itself; what is left out is told in the form and the plan.
"""

RECIPE = """\
It can train models. These are the keys of a `recipe` in [`[[retrain]]`](#retraining-retrain):
"""

SOURCES = """\
## Sources

Each source is a table `[sources.NAME]`; you choose the name, and the board shows it. `adapter`
says what kind of system it is: one of those below, or one that you
[installed or wrote](adapters.md), with settings of its own.
"""

SECRETS = """\
## Secrets

A secret is best not written into the file but read from one of these, exactly one. It is read when
the source connects, never shown, and masked in every error and log line.

```toml
[sources.github]
adapter = "github"
repositories = ["acme/web"]
token = { command = ["gh", "auth", "token"] }
```

A bare string (`token = "..."`) works too; then the file itself is a secret. Keep it at mode 0600,
as `opsboard init` makes it; `opsboard doctor` warns where others may read a file with a secret.

The file can name commands to run. So it is refused where anybody else may write to it: the file and
all folders above it have to belong to you or to root, and be writable by nobody else (a group with
only you in it is fine, and so is a folder with the sticky bit). The same holds for a kubeconfig
with an exec plugin.

What looks like a secret is masked as `***` wherever it would be shown or stored, whether it was
configured or not: by its name (`DB_PASSWORD`, `--api-key`, `OPENAI_KEY`) and by its form (tokens
of known kinds, private keys, logins in addresses, cookies, `Bearer ...`).

A secret is one line, or PEM: a file or output of several lines, with a control character or in an
unknown encoding is refused, without quoting it. Spaces, line ends, NULs and byte order marks around
it are removed. This file, files with secrets, kubeconfigs, certificates and what programs print
may be UTF-8, with a byte order mark or without, or UTF-16 as PowerShell's `>` writes it.
"""

REGISTRIES = """\
## Registries

A registry is whatever speaks the OCI distribution API: Docker Hub, `ghcr.io`, GitLab, Harbor, Quay,
the clouds' own, `registry:2`. An image is one row, by the digest that its tags lead to. One that
has lost its tags is kept while the registry holds it: something may still run it. What runs in a
cluster of the board, and has no row yet, is looked for in the watched repositories by its digest.

- **Least rights**: to pull (`repository:NAME:pull`). Only patterns, and a source without
  `repositories`, also list the catalog (`registry:catalog:*`), which Docker Hub, `ghcr.io` and the
  clouds do not allow: name the repositories there. Nothing is ever pushed or deleted.
- **Login**: `username` and `password` (an access token is a password), or `identity_token`, else
  what `docker login` has kept: the registry's own credential helper (`credHelpers`), the common one
  (`credsStore`), then `auths`, from `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`. A
  helper such as `docker-credential-ecr-login` gets 30 seconds and no terminal, and is run again
  once what it printed is refused. Without a login, what is public is seen. The pull secrets of a
  cluster (`imagePullSecrets`) are never read.
- **Where a login goes**: to the registry, and to the token service that it names, over https. A
  registry at plain http, which is this machine or was allowed by `insecure`, may only name a token
  service on its own host. `opsboard doctor` warns of `insecure`.
- **The commit** of an image is what its label or annotation `org.opencontainers.image.revision`
  says, where that is a full SHA, alone or as `branch/SHA` or `branch@sha1:SHA`. A short SHA,
  `-dirty` and a missing label are none; the row says so, and what mends it. Where the text is also
  on the image that this one is built on (by `org.opencontainers.image.base.digest`, or since the
  layers of the other are the first of its own), it is inherited, and a guess. So is all that
  contradicts itself. Compared are images of watched repositories, and base images that are named
  in this registry: add the others that your images are built on.
- **Provenance** (SLSA v0.2 and v1) is read from attestations in the index, from referrers, by the
  API or by their tag, and from cosign's `.att` tags. It counts where a subject of it is a digest of
  the image. No signature is verified, so it is always called unverified.
- **Requests**: a digest is read once and kept. Tags are asked for their digest at each poll; those
  that look as if they are pushed once (`v1.2.3`, a SHA) each 15 minutes. Registries do not tell
  when a tag was pushed, so that images have to be read to know which are the newest: of a
  repository with very many tags, ten times `tags_per_repository` are looked at. Where a registry
  tells an allowance (`RateLimit-Remaining`, as Docker Hub does), polling leaves the last tenth.
"""

PROXIES = """\
## Proxies

Proxies are taken from the environment by the rules of Go, which kubectl and gh follow too:
`HTTPS_PROXY` for https and `HTTP_PROXY` for http, in capitals before small letters; `http://`,
`https://`, `socks5://`, or `host:port` alone, with `user:password@` if needed. `localhost` and
loopback addresses are never reached through a proxy, nor are the entries of `NO_PROXY`, separated
by commas: `*`; `example.com` with its subdomains; `.example.com` or `*.example.com`, its subdomains
only; an address or a network (`10.0.0.0/8`, `fd00::/8`); all but `*` and networks with a port if
needed (`example.com:8443`, `[fd00::1]:6443`). Entries that cannot be parsed are ignored, and so is
`ALL_PROXY`. The `proxy-url` of a cluster in a kubeconfig overrides all of these. An error names the
proxy that a request went through, and where that was configured.

## Redirects

A redirect is followed, with login and headers, on the same server only: same scheme, host and port,
or from http to https of the same host at their default ports. A login is never sent to another
server, which another port or a subdomain is too, and nothing is sent from https back to http. Only
logs of GitHub and the content of registries are fetched from the storage host that they name,
without the login; what a registry redirects is checked against its digest. A request that
changes something is not redirected, with one exception: a renamed repository, where GitHub says
that nothing was done and where to send the same request (307, 308), on the same server.
"""

KUBECONFIGS = """\
## Kubeconfigs

A kubeconfig is read as kubectl reads it: the same files, merged in the same way, with the same
types; what kubectl refuses is refused, in a sentence that names the file and the key. Only what a
context uses is looked at, so a fault in one takes down no other.

- **Logins**: `token`, `tokenFile` (read again each minute, and before `token`), `username` and
  `password`, client certificates, exec plugins. Of `auth-provider` only `oidc` is supported, as in
  kubectl; its `id-token` is used until it expires, and not renewed here. `gcp`, `azure` and all
  others are refused by name. A plugin that asks at the terminal (`interactiveMode: Always`) is
  refused, as is a client key with a passphrase, since nobody can be asked.
- **Renewal**: where a login is refused (401), the kubeconfig and the certificate files are read
  again, and a renewed login is used.
- **Impersonation**: `as`, `as-uid`, `as-groups` and `as-user-extra`, with any login.
- **Plain HTTP**: no login is sent to a server at `http://`, as with kubectl; impersonation is.
  Unlike kubectl, opsboard says so: on the board, in `opsboard status` and in `opsboard doctor`. It
  also says so where there is no login at all for a server at `https://`; kubectl asks for one
  there.
- **Servers**: without a scheme, a host is asked at `https://` where the cluster has a CA or
  `insecure-skip-tls-verify`, or the user a certificate, else at `http://`. A path in the URL is
  kept. `tls-server-name`, `disable-compression` and `proxy-url` (`http`, `https`, `socks5`)
  apply, `tls-server-name` also behind a proxy. A proxy over TLS is verified as the cluster is.
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
        '`token: "12345"`; numbers, `yes` and `null` are not text in YAML',
    ),
    (
        "... is not base64",
        "encode it again (`base64 -w0 FILE`), or name the file by the key without `-data`",
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
    (
        "`SSL_CERT_FILE`, `SSL_CERT_DIR`",
        "certificate authorities to trust, where no `ca_file` is configured",
    ),
    ("`KUBECONFIG`", "kubeconfig files, as for kubectl"),
    ("`DOCKER_CONFIG`", "the folder of docker's `config.json`, for the login of registries"),
    ("`MLFLOW_TRACKING_URI`", "the MLflow server that discovery finds"),
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
        "`~/.cache/opsboard/first-frame/*.frame`",
        (
            "the overview as it was last seen (never a form, a plan, a log or a preview), for the "
            "last eight sizes of terminal and command lines, painted before the program is loaded; "
            "for a day. `first_frame = false` in `[ui]` turns it off, and deletes them"
        ),
    ),
    (
        "`~/.cache/opsboard/registry-content-1.db`",
        "manifests and configs of images by their digests, which never change; up to `cache_mib`",
    ),
    (
        "`~/.local/state/opsboard/terraform/attributes.key`",
        "random bytes, by which it is told that an attribute has changed; no value is kept",
    ),
    (
        "`~/.local/state/opsboard/kubernetes/config-hash.key`",
        (
            'the same of entries of ConfigMaps and Secrets, where `config_changes = "hash"` '
            "([kubernetes.md](kubernetes.md))"
        ),
    ),
    (
        "`~/.local/state/opsboard/history-1.db`",
        "[the history](history.md); for as long, and as large, as `[history]` says",
    ),
    ("`~/.local/state/opsboard/scope.json`", "what `:ns` and `:ctx` have chosen, for each board"),
    (
        "`~/.local/state/opsboard/commands/PLAN.*`",
        "commands that train: their output and exit code ([acting.md](acting.md))",
    ),
    (
        "`~/.local/state/opsboard/notices-1.db`",
        "acknowledged and snoozed alerts; for 90 days",
    ),
    ("`~/.local/state/opsboard/opsboard.log`", "errors of the program itself, without secrets"),
    (
        "`~/.local/state/opsboard/audit.jsonl`, `audit.N.jsonl`, `audit.head`",
        "[the audit trail](acting.md#the-audit-trail); keep it",
    ),
    ("`~/.local/state/opsboard/locks/PLAN.lock`", "the actions in progress"),
)

FOLDERS = """\
All are readable by you alone. All but the audit trail, and the locks and the files of commands
while those run, can be deleted at any time. Where one of them cannot be written (a full disk, a
read-only home), the board says so and goes on without it; without an audit trail, actions are
refused.
"""

MODELS = """\
A row of a model shows one version: the one that serves, or the latest if none does. The version
that serves is the one with the first of `leading_aliases` that is set, else the one in the stage
`Production`. The environment follows from the aliases of that version, then from its stage, then
from the name of the model, never from an alias of another version. The metrics are those of the
version: on MLflow 3 of its logged model (`models:/m-...`), and of its run only what was measured of
that model, or of no particular model if the run logged no other. Deleted runs, and runs of deleted
experiments, are shown as deleted; their measurements of drift do not count.

The registry is read first: all rows, and which versions serve where. Runs follow in batches, those
of serving versions first; the title of the pane says how many are still to come. Until the drift of
a model has been read, it is `unknown` ("drift not read"), not `ok`; what the registry itself calls
failed or pending is shown at once. `opsboard status` waits for all versions that serve.

A version is joined with others by what MLflow says of it: the commit in the tag
`mlflow.source.git.commit` of its run (with `mlflow.source.git.repoURL`, where that is set; a short
SHA, or one of changed files, joins nothing), the run itself, on another server where the version
has a `run_link`, the data sets that the run used, the logged model, and the version that it was
copied from. Aliases are as they are now. Drift is of a version as far as its run says: by its
number, that is declared; by an alias or by no version at all, it is of what serves now; what was
measured before there was the version is only a guess. The same name on two servers is two models.

The history begins with what MLflow remembers: when versions were registered, and the drift that was
measured of them by number. An alias has no past in MLflow: where it pointed is known from what was
seen, and from nothing else. Whose history it is, servers with logins say since 3.x, and confirm
before; behind a proxy that asks for the login, it is that of this very login.
"""
