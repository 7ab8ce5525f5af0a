"""Command lines that ``--help`` and the manual page show, without the program's name."""

from collections.abc import Mapping, Sequence
from typing import Final

EXAMPLES: Final[Mapping[str, Sequence[str]]] = {
    "status": (
        "status --pane deployments --filter 'env:production !status:ok'",
        "status --json | jq .exit_code",
        "status --watch --filter status:failed",
    ),
    "get": (
        "get pods --filter 'ns:shop status:failed'",
        "get nodes",
        "get deployments shop/checkout -o yaml",
    ),
    "act": (
        "act rollback shop/checkout --environment production --plan",
        "act retrain fraud-detector --set epochs=20 --reason 'drift' --yes",
    ),
    "audit": ("audit --last 10", "audit verify"),
    "audit verify": ("audit verify --head 120:9f3c0d...",),
    "audit settle": ("audit settle 4f2c1ab",),
    "at": ("at 14:02 --pane deployments", "at -2h --filter status:failed"),
    "timeline": (
        "timeline shop/checkout --since 2d",
        "timeline --filter 'kind:deploy env:production'",
    ),
    "delivery": (
        "delivery checkout --window 90d",
        "delivery --env production --csv > delivery.csv",
    ),
    "where": ("where 4f2c1ab",),
    "handover": ("handover --since 8h",),
    "history": ("history", "history forget --source k8s --before 2026-01-01"),
    "history info": ("history info",),
    "history forget": ("history forget --before 2026-01-01 --yes",),
    "logs": (
        "logs shop/checkout --follow --grep 'level>=warn'",
        "logs checkout -c app --since 15m --previous",
    ),
    "watch": ("watch --record",),
    "doctor": ("doctor", "doctor github"),
    "init": ("init --print",),
    "config": ("config path", "config schema > schema.json"),
    "config schema": ("config schema > schema.json",),
    "config path": ("config path",),
    "completion": ("completion fish > ~/.config/fish/completions/opsboard.fish",),
    "demo": ("demo", "demo --scale pods=10000 --churn 0.01"),
}
