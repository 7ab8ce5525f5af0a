"""A raw object for the eye holds no secret, wherever in it one stands."""

import json

from opsboard_adapters.kubernetes.actions.pod_template import differences
from opsboard_adapters.kubernetes.objects import masked
from opsboard_adapters.kubernetes.structs import LAST_APPLIED_ANNOTATION

SECRET = "hunter2-hunter2"
APPLIED = json.dumps({"spec": {"env": [{"name": "URL", "value": SECRET}]}})
CONTAINER = {
    "name": "auth",
    "image": "registry.example/auth:1.4.2",
    "env": [
        {"name": "OPENAI_KEY", "value": SECRET},
        {"name": "TOKENS", "value": SECRET},
        {"name": "author", "value": "kim"},
        {"name": "DB", "value": f"postgres://u:{SECRET}@db/x"},
        {"name": "FROM", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ],
    "command": ["mysqld", "--password", SECRET],
    "args": ["sh", "-c", f"curl -H 'Authorization: Bearer {SECRET}1' https://x"],
}
OBJECT = {
    "kind": "Deployment",
    "metadata": {"name": "auth", "annotations": {LAST_APPLIED_ANNOTATION: APPLIED, "note": "kept"}},
    "spec": {
        "template": {
            "metadata": {"annotations": {LAST_APPLIED_ANNOTATION: APPLIED}},
            "spec": {
                "automountServiceAccountToken": True,
                "containers": [CONTAINER],
                "volumes": [{"name": "v", "secret": {"secretName": "db"}}],
            },
        }
    },
}


def test_no_secret_is_in_it_and_all_else_is() -> None:
    shown = masked(OBJECT)
    assert SECRET not in json.dumps(shown)
    assert shown["metadata"] == {"name": "auth", "annotations": {"note": "kept"}}
    spec = shown["spec"]["template"]["spec"]
    container = spec["containers"][0]
    assert container["image"] == "registry.example/auth:1.4.2"
    assert container["env"][2:] == [
        {"name": "author", "value": "kim"},
        {"name": "DB", "value": "postgres://***@db/x"},
        {"name": "FROM", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ]
    assert container["command"] == ["mysqld", "--password", "***"]
    assert spec["automountServiceAccountToken"] is True
    assert spec["volumes"] == [{"name": "v", "secret": {"secretName": "db"}}]


def test_of_a_secret_no_value_is_shown() -> None:
    told = {"kind": "Secret", "data": {"plain": "aHVudGVyMg=="}, "stringData": {"x": SECRET}}
    shown = masked({"items": [told]})
    assert shown == {
        "items": [{"kind": "Secret", "data": {"plain": "***"}, "stringData": {"x": "***"}}]
    }


def test_a_difference_does_not_tell_what_was_applied_last() -> None:
    template = OBJECT["spec"]["template"]  # type: ignore[index]
    other = {**template, "metadata": {"annotations": {LAST_APPLIED_ANNOTATION: APPLIED + " "}}}
    found = differences(template, other)
    assert [one.name for one in found] == [LAST_APPLIED_ANNOTATION]
    assert SECRET not in repr(found)
    assert SECRET not in repr(differences({"metadata": {}, "spec": {}}, template))
