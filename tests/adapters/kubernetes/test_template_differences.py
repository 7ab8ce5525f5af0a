"""What differs between two pod templates is told in full, and without a secret."""

from typing import Any

import pytest

from opsboard_adapters.kubernetes.actions.pod_template import (
    differences,
    masked_words,
    template_digest,
)
from tests.adapters.kubernetes.workload_setup import template

CANARY = "hunter2"


def _template(**container: Any) -> dict[str, Any]:
    made = {"name": "main", "image": "example:1", **container}
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [made]}}


def _told(before: Any, after: Any) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    found = differences(before, after)
    return {(one.group, one.name): (one.before, one.after) for one in found}


def test_a_release_is_told_by_group() -> None:
    assert _told(template(1), template(2)) == {
        ("images", "main"): ("registry.example/web:1", "registry.example/web:2"),
        ("env", "main LOG_LEVEL"): ("info", "debug"),
        ("env", "main DB_PASSWORD"): (None, "from secret db key password"),
        ("command", "main args"): ("--level=1", "--level=2"),
        ("resources", "main limits memory"): ("64Mi", "128Mi"),
        ("probes", "main readiness httpGet path"): (None, "/ready"),
        ("probes", "main readiness httpGet port"): (None, "8080"),
        ("labels", "only-1"): ("yes", None),
        ("labels", "only-2"): (None, "yes"),
        ("annotations", "example/note"): (None, "two"),
    }


def test_a_container_and_a_volume_that_come_are_told() -> None:
    told = _told(template(1), template(3))
    assert told["images", "proxy"] == (None, "registry.example/proxy:3")
    assert told["config", "config configMap name"] == (None, "web")


def test_what_differs_is_never_nothing() -> None:
    env = [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}]
    before, after = _template(env=env), _template(env=env[::-1])
    assert template_digest(before) != template_digest(after)
    assert _told(before, after) == {("pod", "order of items"): ("", "changed")}


def test_what_a_server_fills_in_is_no_difference() -> None:
    before, after = _template(), _template(resources={}, env=[])
    after["metadata"] |= {"creationTimestamp": None}
    after["metadata"]["labels"] = {"app": "web", "pod-template-hash": "abc"}
    assert template_digest(before) == template_digest(after)
    assert not differences(before, after)


def _env(name: str, value: str) -> dict[str, Any]:
    return _template(env=[{"name": name, "value": value}])


SECRETS = {
    "variable": (_env("API_TOKEN", "one"), _env("API_TOKEN", CANARY)),
    "new variable": (_template(), _env("DB_PASSWORD", CANARY)),
    "variable that reads like a reference": (_env("A_KEY", "x"), _env("A_KEY", f"from {CANARY}")),
    "password in a URL": (
        _env("DATABASE_URL", "postgres://me:x@db/shop"),
        _env("DATABASE_URL", f"postgres://me:{CANARY}@db/shop2"),
    ),
    "argument": (_template(args=["--token=x"]), _template(args=[f"--token={CANARY}"])),
    "argument of its own": (
        _template(args=["--password", "x"]),
        _template(args=["--password", CANARY]),
    ),
    "shell": (
        _template(command=["sh", "-c", "run"]),
        _template(command=["sh", "-c", f"export TOKEN={CANARY}; run"]),
    ),
    "header in a shell": (
        _template(command=["sh", "-c", "run"]),
        _template(command=["sh", "-c", f"curl -H 'Authorization: Bearer {CANARY}' x"]),
    ),
    "probe": (
        _template(livenessProbe={"exec": {"command": ["ping", "--auth=x"]}}),
        _template(livenessProbe={"exec": {"command": ["ping", f"--auth={CANARY}"]}}),
    ),
    "header of a probe": (
        _template(),
        _template(
            livenessProbe={"httpGet": {"httpHeaders": [{"name": "Authorization", "value": CANARY}]}}
        ),
    ),
}


@pytest.mark.parametrize(("before", "after"), SECRETS.values(), ids=SECRETS)
def test_a_secret_is_not_shown(before: dict[str, Any], after: dict[str, Any]) -> None:
    for found in (differences(before, after), differences(after, before)):
        assert found, "that it changes is told"
        assert not any(CANARY in repr(one) for one in found)


def test_an_annotation_that_may_hold_a_secret_is_not_shown() -> None:
    after = _template()
    after["metadata"]["annotations"] = {"example/api-key": CANARY}
    (found,) = differences(_template(), after)
    assert (found.name, found.after) == ("example/api-key", "(not shown)")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["serve", "--port=80"], "serve --port=80"),
        (["serve", "--auth-mode", "oidc"], "serve --auth-mode oidc"),
        (["serve", "-v", "--key=/etc/x"], "serve -v --key=/etc/x"),
        (["serve", "-v", "--api-key=x", "--token", "y"], "serve -v --api-key=*** --token ***"),
    ],
)
def test_commands_stay_readable(words: list[str], shown: str) -> None:
    assert masked_words(words) == shown
