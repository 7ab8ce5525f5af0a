"""What somebody has changed in the document of an object, and what they may not."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Misconfigured, PreconditionFailed
from opsboard.masking import MASK
from opsboard_adapters.kubernetes.actions.edited_document import (
    as_sent,
    changes_in,
    difference,
    digest,
    document_of,
)

SECRET = "hunter2-hunter2"
ITEM: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "uid": "u1",
        "resourceVersion": "7",
        "generation": 3,
        "managedFields": [{"manager": "kubectl"}],
        "annotations": {"a/b": "c"},
    },
    "spec": {
        "replicas": 2,
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "app",
                        "image": "registry.example/app:1",
                        "env": [
                            {"name": "DB_PASSWORD", "value": SECRET},
                            {"name": "MODE", "value": "fast"},
                        ],
                    }
                ]
            }
        },
    },
    "status": {"replicas": 2},
}


def edited(old: str, new: str) -> str:
    document = document_of(ITEM)
    assert old in document
    return document.replace(old, new, 1)


def sent(document: str) -> list[dict[str, Any]]:
    return [as_sent(one, ITEM) for one in changes_in(document, ITEM)]


def test_what_is_left_as_it_was_is_no_change_and_shows_no_secret() -> None:
    document = document_of(ITEM)
    assert SECRET not in document
    assert MASK in document
    assert "managedFields" not in document
    assert "status:" not in document
    assert sent(document) == []


def test_fields_are_changed_added_and_removed() -> None:
    found = sent(edited("replicas: 2", "replicas: 3"))
    assert found == [{"op": "replace", "path": "/spec/replicas", "value": 3}]
    assert sent(edited("a/b: c", "a/b: d"))[0]["path"] == "/metadata/annotations/a~1b"
    assert sent(edited("  replicas: 2\n", "  paused: true\n")) == [
        {"op": "remove", "path": "/spec/replicas"},
        {"op": "add", "path": "/spec/paused", "value": True},
    ]
    image = sent(edited("app:1", "app:2"))
    assert image[0]["path"] == "/spec/template/spec/containers/0/image"


def test_a_list_keeps_its_hidden_elements_and_they_are_not_in_the_plan() -> None:
    document = edited("MODE", "MODE\n          value: fast\n        - name: MORE")
    [operation] = changes_in(document, ITEM)
    assert SECRET not in json.dumps(operation)
    told = difference(operation, ITEM)
    assert SECRET not in f"{told.before}{told.after}"
    env = as_sent(operation, ITEM)["value"]
    assert env[0] == {"name": "DB_PASSWORD", "value": SECRET}
    assert [one["name"] for one in env] == ["DB_PASSWORD", "MODE", "MORE"]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (MASK, "another", "hidden|looks like a secret"),
        ("name: MODE\n          value: fast", "name: API_TOKEN\n          value: abc", "secret"),
        ("name: web", "name: other", r"metadata\.name cannot be changed"),
        ("kind: Deployment", "kind: Secret", "kind cannot be changed"),
        ("replicas: 2", "replicas: [2", "no YAML in line"),
        ("replicas: 2", "at: 2026-01-01", "JSON has not"),
        ("replicas: 2", "at: .nan", "JSON has not"),
        ("replicas: 2", "at: 2026-13-45", "a value that is none"),
        ("replicas: 2", "at: 0x_", "a value that is none"),
        ("replicas: 2", f"at: {'[' * 3_000}", "nested too deeply"),
        ("replicas: 2", "opsboard.dev/same: 0", "stands for something else"),
        ("a/b: c", f"a/b: {MASK!r}", "hidden value, which cannot be moved"),
        ("a/b: c", f"a/b: c\n    a/c: {MASK!r}", "hidden value, which cannot be moved"),
        ("name: DB_PASSWORD", "name: DB_PASSWORD_2", "neither as it was nor new"),
        ("annotations:", "ownerReferences: []\n  annotations:", "ownerReferences cannot be"),
        ("annotations:", "uid: u2\n  annotations:", "uid cannot be"),
        ("spec:", "status: {}\nspec:", "status cannot be"),
        ("spec:", "metadata: 1\nspec:", "'metadata' is there twice"),
    ],
)
def test_what_it_must_not_set_is_refused(old: str, new: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=why):
        changes_in(edited(old, new), ITEM)


@pytest.mark.parametrize("text", ["just a word", "- a list", "[]", "# nothing"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured, match="no object"):
        changes_in(text, ITEM)


def test_what_others_have_changed_meanwhile_is_no_ground_for_an_edit() -> None:
    other = {**ITEM, "spec": {**ITEM["spec"], "replicas": 5}}
    with pytest.raises(PreconditionFailed, match="somebody else"):
        changes_in(edited("replicas: 2", "replicas: 3"), other)
    told = {**ITEM, "metadata": {**ITEM["metadata"], "resourceVersion": "8"}, "status": {}}
    assert digest(told) == digest(ITEM), "a status is no change of what is edited"


def test_a_document_that_does_not_say_what_it_was_made_of_is_none() -> None:
    head, _, rest = edited("replicas: 2", "replicas: 3").partition("\n")
    assert sent(f"# mine\n\n{head}\n{rest}")
    with pytest.raises(PreconditionFailed, match="what it was made of"):
        changes_in(rest, ITEM)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("replicas: 2", "replicas: 2\n  replicas: 9", 2),
        ("a/b: c", "a/b: c\n    'a/b': d", 2),
        ("a/b: c", "1: c\n    '1': d", 2),
        ("kind: Deployment", "kind: Deployment\nkind: Secret", 2),
    ],
)
def test_a_key_that_is_there_twice_is_told_with_its_line(old: str, new: str, line: int) -> None:
    document = edited(old, new)
    at = document[: document.index(new)].count("\n") + line
    with pytest.raises(Misconfigured, match=rf"in line {at}: the key '.*' is there twice"):
        changes_in(document, ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n---\nb: 2\n",
        "\ta: 1\n",
        "&a [*a]",
        "a: &a {b: *a}",
        "{" * 5_000,
        "a: !!python/name:os",
    ],
)
def test_what_no_editor_should_leave_is_refused_in_words(text: str) -> None:
    with pytest.raises((Misconfigured, PreconditionFailed)) as told:
        changes_in(document_of(ITEM).partition("apiVersion")[0] + text, ITEM)
    assert str(told.value).isprintable()


def test_all_of_the_metadata_cannot_be_replaced() -> None:
    document = document_of(ITEM)
    begin, end = document.index("metadata:\n"), document.index("spec:\n")
    with pytest.raises(Misconfigured, match="metadata cannot be"):
        changes_in(f"{document[:begin]}metadata: 1\n{document[end:]}", ITEM)


def test_aliases_that_stand_for_more_than_anybody_reads_are_refused() -> None:
    rows = [f"x{at}: &x{at} [{', '.join([f'*x{at - 1}'] * 9)}]" for at in range(1, 12)]
    with pytest.raises(Misconfigured, match="too long"):
        changes_in("\n".join([document_of(ITEM), "x0: &x0 [x]", *rows]), ITEM)


HIDDEN: dict[str, Any] = {
    "kind": "Pod",
    "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
    "spec": [
        {"name": "A_PASSWORD", "value": "first-first-1"},
        {"name": "B_PASSWORD", "value": "second-second-2"},
        {"name": "C", "value": "c"},
    ],
    "args": ["--token=first-first-1", "--token=second-second-2", "x"],
}
"""What hides the same in several places; ``spec`` are variables of a container."""


def _of_hidden(key: str, value: Any) -> list[dict[str, Any]]:
    loaded = yaml.safe_load(document_of(HIDDEN))
    head = document_of(HIDDEN).partition("kind:")[0]
    changed = head + yaml.safe_dump({**loaded, key: value})
    return [as_sent(one, HIDDEN) for one in changes_in(changed, HIDDEN)]


NEW = {"name": "E", "value": "e"}


@pytest.mark.parametrize(
    "order",
    [[1, 0, 2], [1, 2], [1, 2, NEW], [1, NEW, 2], [2, 1, 0], [NEW, 0, 1, 2], [0, NEW, 1]],
    ids=str,
)
def test_a_hidden_value_stays_with_its_name_wherever_that_is_moved(order: list[Any]) -> None:
    shown = yaml.safe_load(document_of(HIDDEN))["spec"]
    wanted = [one if isinstance(one, dict) else HIDDEN["spec"][one] for one in order]
    moved = [one if isinstance(one, dict) else shown[one] for one in order]
    assert _of_hidden("spec", moved) == [{"op": "replace", "path": "/spec", "value": wanted}]


def test_of_hidden_values_that_look_alike_none_takes_the_place_of_another() -> None:
    masked = f"--token={MASK}"
    [operation] = _of_hidden("args", ["y", masked, masked])
    assert operation["value"] == ["y", *HIDDEN["args"][:2]]
    for fewer in (["x", masked], [masked]):
        with pytest.raises(Misconfigured, match="which of them goes is not clear"):
            _of_hidden("args", fewer)
    with pytest.raises(Misconfigured, match="cannot be moved"):
        _of_hidden("args", [masked, masked, masked])


@pytest.mark.parametrize("emptied", [{}, None, {"annotations": None}, {"annotations": {}}])
def test_what_nobody_saw_is_not_taken_out(emptied: Any) -> None:
    assert _of_hidden("metadata", emptied) == []


VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.sampled_from(["a", "b/c", "~d"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y/z", "~"]), inner, max_size=3)
    ),
    max_leaves=8,
)


def apply(operation: dict[str, Any], item: Any) -> None:
    """Apply one operation as RFC 6902 says."""
    *way, last = [
        part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]
    ]
    for part in way:
        item = item[int(part)] if isinstance(item, list) else item[part]
    if operation["op"] == "remove":
        del item[last]
    elif isinstance(item, list):
        item[int(last)] = operation["value"]
    else:
        item[last] = operation["value"]


@given(VALUES, VALUES)
def test_the_patch_makes_the_one_of_the_other(before: Any, after: Any) -> None:
    item: dict[str, Any] = {"kind": "Thing", "spec": {"some": before}}
    document = document_of(item).partition("kind:")[0] + yaml.safe_dump(
        {"kind": "Thing", "metadata": {}, "spec": {"some": after}}
    )
    there: dict[str, Any] = json.loads(json.dumps({**item, "metadata": {}}))
    for one in changes_in(document, item):
        apply(as_sent(one, item), there)
    assert there["spec"] == {"some": after}


def test_the_document_says_at_its_top_what_its_first_line_is_for() -> None:
    first, second, *_ = document_of(ITEM).splitlines()
    assert first == f"# Made of state {digest(ITEM)}"
    assert second.startswith("# (keep this line")
    assert all(len(line) < 80 for line in document_of(ITEM).splitlines() if line[0] == "#")
    without = document_of(ITEM).removeprefix(f"{first}\n")
    with pytest.raises(PreconditionFailed, match="'# Made of state' at its top is gone"):
        changes_in(without, ITEM)
