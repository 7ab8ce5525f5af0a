"""An example of every key, as TOML. A test loads each, and fails where one is missing."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel

from opsboard.adapter import SourceSettings
from opsboard.config.action_rules import ChangeWindow, RetrainRule, StartCheckRule
from opsboard.config.board_rules import LineageSettings, ServiceRule, ViewColumn, ViewRule
from opsboard.config.settings import AuditSettings, HistorySettings, Settings, UiSettings
from opsboard.system.secrets import SecretSource
from opsboard_adapters.github.settings import GitHubSettings
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.mlflow import DriftRule, MLflowSettings
from opsboard_adapters.registry import RegistrySettings
from opsboard_adapters.terraform import TerraformSettings

Examples = Mapping[type[BaseModel], Mapping[str, str]]

EXAMPLES: Final[Examples] = {
    Settings: {
        "environments": '{ production = ["prod-*", "*-live"], staging = "stage-*" }',
        "protected": '["production", "staging"]',
        "read_only": "true",
        "policy": '{ production = { rollback = "typed", "*" = "deny" } }',
        "change_windows": '[{ environments = "production", end = "16:00" }]',
        "retrain": '[{ models = "*", source = "ci", recipe = { workflow = "train.yml" } }]',
        "start_checks": '[{ name = "schema", command = ["check-schema", "{name}"] }]',
        "services": '[{ name = "checkout", workloads = ["shop/checkout*"] }]',
        "views": '[{ name = "mine", pane = "builds", filter = "by:dana", sort = "-age" }]',
        "lineage": '{ same_server = { "http://mlflow:5000" = "https://mlflow.acme.example" } }',
        "audit": '{ head_file = "/mnt/shared/opsboard/{user}@{host}.head" }',
        "history": '{ keep = "30d" }',
        "ui": '{ theme = "light" }',
    },
    ChangeWindow: {
        "environments": '["staging"]',
        "days": '["mon", "wed"]',
        "start": '"08:30"',
        "end": '"16:00"',
        "time_zone": '"Europe/Berlin"',
        "actions": '["rollback", "scale"]',
    },
    RetrainRule: {
        "models": '["fraud-*"]',
        "source": '"github"',
        "recipe": '{ repository = "acme/fraud", workflow = "train.yml" }',
        "inputs": '{ epochs = "20" }',
        "timeout": "14400",
    },
    StartCheckRule: {
        "name": '"schema"',
        "command": '["/usr/local/bin/check-schema", "--to={destination}", "{name}"]',
        "targets": '["checkout*"]',
        "environments": '"production"',
        "timeout": "8",
    },
    ServiceRule: {
        "name": '"checkout"',
        "repository": '"github.com/acme/checkout"',
        "branch": '"trunk"',
        "workloads": '["shop/checkout", "shop/checkout-*"]',
        "image": '"registry.acme.example/shop/checkout"',
        "model": '"fraud-detector"',
    },
    ViewRule: {
        "name": '"mine"',
        "title": '"My builds"',
        "listing": '"training-runs"',
        "search": '"metrics.rmse < 0.5"',
        "pane": '"builds"',
        "filter": '"by:dana !status:ok"',
        "columns": '["repository", { name = "title", width = 40 }, { field = "finished_at" }]',
        "sort": '"-age"',
        "alias": '["my"]',
        "number": "6",
    },
    ViewColumn: {
        "name": '"age"',
        "field": '"inputs.pull-request"',
        "title": '"pull request"',
        "width": "20",
    },
    LineageSettings: {
        "same_server": '{ "http://mlflow.ml.svc:5000" = "https://mlflow.acme.example" }',
    },
    AuditSettings: {
        "head_file": '"/mnt/shared/opsboard/{user}@{host}.head"',
        "required": "true",
    },
    HistorySettings: {
        "enabled": "false",
        "keep": '"30d"',
        "max_size": '"200MB"',
        "thin_after": '"7d"',
    },
    UiSettings: {
        "theme": '"contrast"',
        "ascii": "true",
        "mouse": "false",
        "first_frame": "false",
        "keys": '{ "log.wrap" = "W", "pane.filter" = ["/", "ctrl+s"] }',
    },
    SourceSettings: {
        "enabled": "false",
        "environment": '"production"',
        "read_only": "true",
        "timeout": "60",
        "answer_timeout": "120",
        "max_page_mib": "64",
        "max_object_mib": "16",
        "max_log_mib": "256",
        "max_pages": "1000",
    },
    GitHubSettings: {
        "repositories": '["acme/web", "acme/api"]',
        "organisations": '["acme"]',
        "host": '"github.example.com"',
        "api_url": '"https://github.example.com/api/v3"',
        "token": '{ env = "ACME_TOKEN" }',
        "ca_file": '"/etc/ssl/acme-ca.pem"',
        "runs_per_repository": "100",
        "repositories_per_organisation": "300",
        "deployments": "false",
        "commits": "false",
        "poll_active": "5",
        "poll_idle": "300",
        "budget_share": "0.2",
        "max_parallel": "4",
    },
    KubernetesSettings: {
        "contexts": '["prod-eu", "staging-eu"]',
        "kubeconfig": '"~/.kube/acme"',
        "in_cluster": "true",
        "namespaces": '["shop", "payments"]',
        "model_env": '["SCORER_MODEL_URI"]',
        "config_changes": '"hash"',
        "debug_image": '"busybox:1.37"',
    },
    MLflowSettings: {
        "tracking_uri": '"https://mlflow.example.com"',
        "registry_uri": '"https://registry.example.com"',
        "username": '"ops"',
        "password": '{ file = "/run/secrets/mlflow" }',
        "token": '{ env = "MLFLOW_TOKEN" }',
        "login_from_environment": "true",
        "ca_file": '"/etc/ssl/acme-ca.pem"',
        "insecure": "true",
        "poll_interval": "60",
        "max_parallel": "2",
        "leading_aliases": '["live", "champion"]',
        "metrics": '["auc", "rmse*"]',
        "higher_is_better": '["coverage*"]',
        "lower_is_better": '["cost_per_*"]',
        "versions_with_metrics": "10",
        "drift": '["churn_shift", { pattern = "psi*", threshold = 0.2 }]',
        "drift_by_name": "false",
        "model_tags": '["model"]',
        "version_tags": '["version"]',
        "monitoring_days": "7",
    },
    RegistrySettings: {
        "url": '"https://registry.example.com"',
        "registry_name": '"registry.example.com:5000"',
        "repositories": '["shop/cart", "payments/*"]',
        "max_repositories": "300",
        "tags": '["*", "!pr-*"]',
        "tags_per_repository": "10",
        "username": '"ops"',
        "password": '{ file = "/run/secrets/registry" }',
        "identity_token": '{ env = "REGISTRY_TOKEN" }',
        "docker_login": "false",
        "ca_file": '"/etc/ssl/acme-ca.pem"',
        "insecure": "true",
        "provenance": "false",
        "poll_interval": "300",
        "max_parallel": "2",
        "cache_mib": "256",
    },
    TerraformSettings: {
        "path": '"~/infra"',
        "address": '"https://gitlab.example.com/api/v4/projects/7/terraform/state/prod"',
        "lock_address": '"https://gitlab.example.com/api/v4/projects/7/terraform/state/prod/lock"',
        "username": '"ops"',
        "password": '{ file = "/run/secrets/gitlab" }',
        "ca_file": '"/etc/ssl/acme-ca.pem"',
        "insecure": "true",
        "bucket": '"acme-states"',
        "key": '"shop/terraform.tfstate"',
        "workspace_key_prefix": '"workspaces"',
        "region": '"eu-west-1"',
        "endpoint_url": '"https://minio.example.com"',
        "profile": '"ops"',
        "access_key_id": '"AKIDEXAMPLE"',
        "secret_access_key": '{ env = "AWS_SECRET_ACCESS_KEY" }',
        "secret_suffix": '"shop"',
        "namespace": '"terraform"',
        "kubeconfig": '"~/.kube/prod"',
        "context": '"prod"',
        "workspace": '"prod"',
        "depth": "1",
        "workspaces": '["prod", "!sandbox-*"]',
        "plan": '"/var/lib/ci/plans/{workspace}.json"',
        "cluster": '"https://10.0.0.1:6443"',
        "lock_warning": "30",
        "max_resources": "500",
        "max_workspaces": "50",
        "poll_interval": "60",
    },
    SecretSource: {
        "value": '"not-a-real-token"',
        "env": '"GITHUB_TOKEN"',
        "file": '"/run/secrets/token"',
        "command": '["gh", "auth", "token"]',
    },
    DriftRule: {
        "pattern": '"*psi*"',
        "threshold": "0.2",
        "direction": '"below"',
        "warn_at": "0.5",
    },
}
"""The keys that all sources have stand at :class:`SourceSettings`, and are not repeated."""

NEEDED: Final[Mapping[type[BaseModel], str]] = {
    GitHubSettings: 'repositories = ["acme/web"]',
    MLflowSettings: 'tracking_uri = "https://mlflow.example.com"',
    RegistrySettings: 'url = "ghcr.io"',
    TerraformSettings: 'path = "/srv/infra"',
    DriftRule: 'pattern = "drift*"',
    ServiceRule: 'name = "cart"',
    ViewRule: 'name = "mine"\npane = "pods"',
    RetrainRule: 'models = "fraud"\nsource = "github"',
    StartCheckRule: 'name = "schema"\ncommand = ["check-schema"]',
}
"""What a table needs beside the key of an example."""

INSTEAD: Final = frozenset({"address", "bucket", "secret_suffix", "listing", "search"})
"""Keys that stand in place of what their table needs."""

COMPANIONS: Final[Mapping[str, str]] = {
    "access_key_id": 'secret_access_key = { file = "/run/secrets/key" }',
    "secret_access_key": 'access_key_id = "AKIDEXAMPLE"',
    "listing": 'name = "mine"',
    "search": 'name = "mine"\nlisting = "training-runs"',
    "password": 'username = "ops"',
    "username": 'password = { file = "/run/secrets/password" }',
}
"""What a key is of no use without."""
