"""The words between the tables of ``config.md``."""

INTRODUCTION = """\
Nothing has to be configured: without a file, opsboard shows what it finds (`opsboard init`
writes that down as a file, each key with its meaning). The file is TOML. It is the one named by
`--config`, or by `OPSBOARD_CONFIG`, or `~/.config/opsboard/config.toml`; `opsboard config path`
prints which. `opsboard doctor` tests every source in it, and `opsboard config schema` prints its
JSON Schema for editors. What is wrong with it is told with file, line, key and mend. A fault in
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
your own patterns, with `*` and `?`, come first. `protected` and `read_only` hold for actions:
this version has none yet that changes anything, so there is nothing that they forbid today.
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
as `opsboard init` makes it.
"""

VARIABLES = (
    ("`OPSBOARD_CONFIG`", "the config file, unless `--config` names one"),
    ("`NO_COLOR`", "if set, the monochrome theme"),
    ("`GH_TOKEN`, `GITHUB_TOKEN`", "login for github.com"),
    (
        "`GH_ENTERPRISE_TOKEN`, `GITHUB_ENTERPRISE_TOKEN`",
        "login for the Enterprise host that `GH_HOST` names",
    ),
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
)

FOLDERS = """\
All are readable by you alone, and can be deleted at any time. Where one of them cannot be written
(a full disk, a read-only home), the board says so and goes on without.
"""
