"""``keys.md``: every action of the screens, from the registry of the program."""

from collections.abc import Mapping
from typing import Final

from docs.markdown import NOTE, blocks, code, table
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import key_label
from opsboard.ui.actions.registry import textual_key
from opsboard.ui.actions.ui_action import BindingScope, UiAction

HEADINGS: Final[Mapping[BindingScope, tuple[str, str]]] = {
    BindingScope.APP: ("Everywhere", ""),
    BindingScope.BOARD: ("On the board", ""),
    BindingScope.PANE: ("In a pane", "The language of `/` is in [filter.md](filter.md)."),
    BindingScope.RECORD: (
        "On a record",
        "In a pane, and in a detail view wherever a row is a record.",
    ),
    BindingScope.ACT: (
        "Acting on a record",
        "As above, and on marked rows together. Each opens a plan, and never does more than that.",
    ),
    BindingScope.MOVE: ("Movement", "In every list and text."),
    BindingScope.DETAIL: ("In a detail view", ""),
    BindingScope.STEPPED: (
        "On the page of a service or model",
        "On a board as of a time (`:at`); see [history.md](history.md).",
    ),
    BindingScope.TIMELINE: ("In a time line", "See [history.md](history.md)."),
    BindingScope.BEFORE_RED: ("On what changed before something went red", ""),
    BindingScope.DELIVERY: ("On the delivery figures", "See [delivery.md](delivery.md)."),
    BindingScope.REPORT: ("On a page to paste", ""),
    BindingScope.LOG: ("In a log", ""),
    BindingScope.RAW: ("In the raw record", ""),
    BindingScope.PLAN: (
        "On a plan",
        "What would be done. `Enter` alone never does it; `r` makes a new plan.",
    ),
    BindingScope.CONFIRM: ("When asked to confirm", ""),
    BindingScope.FORM: ("In a form", "The inputs of an action, before it is planned."),
    BindingScope.SCREEN: ("On every screen but the board", ""),
    BindingScope.PROMPT: ("At a prompt", "Where a filter or a command is typed."),
    BindingScope.CHOICE: ("In a list to choose from", ""),
}

INTRODUCTION = """\
`?` shows the keys of where you are, with your own changes, and says why something is not possible
now. `:` takes the commands, and completes them with `Tab`; `^P` (that is
Ctrl and P) opens a palette of everything.
"""

SCOPE = """\
## Narrowing the board, and any other resource

`:ns shop` narrows all panes to what is in a namespace, `:ns shop,infra` to several, `:ctx
prod-eu` to a cluster; `:ns all` and `:ctx all` show everything again. Without a name, they ask.
The scope is told in the top line and kept over restarts, for each config file. What it hides is
counted: each title says `+3 outside`, and the top line how many open alerts are. An alert or a
service is where the records are that it is about. What is in no namespace is not narrowed by one:
builds, models, deployments of a CI server, nodes.

A name after the word of a pane, as in `:pods shop`, is a namespace if the board knows one of that
name and the pane shows what is in namespaces; otherwise it is a filter, as after `/`.

Any other word is looked for among what the servers can list: of a Kubernetes cluster all of its
resources and custom resources, by plural, singular, kind, short name or full name (`:nodes`,
`:svc`, `:ing`, `:secrets`, `:pvc`, `:hpa`, `:rollouts.argoproj.io`; `:services.core` where the
plain word is a pane's). It opens as the table of `kubectl get`, in the columns of the server,
wide ones where there is room, for all clusters together, and is watched until it is closed. `Tab`
completes these words once the sources have said what they list; `r` asks them again. Of a Secret,
its name, type and number of entries are shown, and never a value.

Of an MLflow server there are `:experiments`, `:training-runs` (`:runs` are the builds), `:prompts`,
`:prompt-versions`, `:traces` and `:logged-models`. Behind the word, MLflow's own search language is
asked of the server (`:training-runs metrics.loss < 0.3`); `/` narrows what it has returned. `Space`
marks runs, or versions of prompts, and `v` compares them; `Enter` opens a run with its metrics,
children and artifacts. `:resources` lists all such words. Of the states of Terraform there are the
panes `:workspaces` and `:infrastructure` ([terraform.md](terraform.md)).
"""

OWN_KEYS = """\
## Your own keys

Each action has an id. In the config file, it can be given another key, or several; the usual
ones of that action are then free:

```toml
[ui.keys]
"log.wrap" = "W"
"pane.filter" = ["/", "ctrl+s"]
```

A key is written as the character it types, or as its name: `enter`, `escape`, `space`, `tab`,
`shift+tab`, `up`, `pageup`, `home`, `f1`, `ctrl+p`. tmux and many terminals do not tell other
combinations apart: keep to these. An unknown id, or a key that another action of
the same place has, is reported at the start with both ids.
"""


def page() -> str:
    """Return the page."""
    sections = (_section(place, *heading) for place, heading in HEADINGS.items())
    return blocks("# Keys and commands", NOTE, INTRODUCTION, *sections, SCOPE, OWN_KEYS)


def _section(place: BindingScope, title: str, words: str) -> str:
    rows = [_row(action) for action in ACTIONS.at(place)]
    return blocks(f"## {title}", words, table(("key", "command", "does", "id"), rows))


def _row(action: UiAction) -> tuple[str, str, str, str]:
    keys = " ".join(code(key_label(textual_key(key))) for key in action.keys)
    takes = f" {action.takes.upper()}" if action.takes else ""
    commands = " ".join(code(f":{word}{takes}") for word in action.commands)
    return keys, commands, action.help, code(action.id)
