"""Whatever the secret and wherever it stands: no text that is shown holds it, nothing breaks."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Detail, Difference, Fact, Facts, Finding, Plan, Severity
from opsboard.collect.redact import MIN_LENGTH, Redactor
from opsboard.masking import mask_text, sounds_secret
from opsboard.records import Kind, Ref
from tests.board import deployment

ANY = st.characters(exclude_categories=())
SECRETS = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=MIN_LENGTH, max_size=40)
    | st.text("abcdefghij0123456789", min_size=MIN_LENGTH, max_size=12)
    | st.sampled_from(
        ["model", "true", "null", "2026", "1234", "name", "value", "kube", "rollback"]
    )
    | st.text("*\"'\\%&+/=<>:;,{}[] äß", min_size=MIN_LENGTH, max_size=12)
)
WRITTEN: Final[tuple[Callable[[str], str], ...]] = (
    str,
    lambda text: quote(text, safe=""),
    quote,
    quote_plus,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: repr(text)[1:-1],
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
)
TEXTS = st.text(ANY, max_size=20)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS


@st.composite
def _structures(draw: st.DrawFn, secret: str) -> Any:
    """Return a structure in which *secret* stands in some of the texts."""
    written = draw(st.sampled_from(WRITTEN))(secret)
    texts = st.tuples(TEXTS, TEXTS).map(lambda around: f"{around[0]}{written}{around[1]}")
    return draw(
        st.recursive(
            LEAVES | texts,
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.text("abcdef", max_size=6), inner, max_size=4)
            ),
            max_leaves=12,
        )
    )


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for held in value.values():
            yield from _leaves(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from _leaves(held)
    else:
        yield value


def _shape(value: Any) -> Any:
    """Return *value* with each text in it as nothing: its keys and kinds."""
    if isinstance(value, dict):
        return {key: _shape(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_shape(held) for held in value]
    return "" if isinstance(value, str) else value


@given(st.data(), SECRETS)
def test_no_leaf_holds_a_known_secret(data: st.DataObject, secret: str) -> None:
    structure = data.draw(_structures(secret))
    redactor = Redactor()
    redactor.register_secret(secret)
    masked = redactor.structure(structure)
    assert _shape(masked) == _shape(structure)
    forms = {one for how in WRITTEN if len(one := how(secret)) >= MIN_LENGTH}
    for leaf in _leaves(masked):
        if isinstance(leaf, str):
            assert not any(form in leaf for form in forms)
    assert redactor.structure(masked) == masked


@given(SECRETS, st.sampled_from(WRITTEN), TEXTS, TEXTS)
def test_no_plan_shows_a_known_secret(
    secret: str, how: Callable[[str], str], before: str, after: str
) -> None:
    said = f"{before}{how(secret)}{after}"
    plan = Plan(
        made_at=datetime(2026, 1, 15, tzinfo=UTC),
        action="rollback",
        title=said,
        ref=Ref("k8s", Kind.DEPLOYMENT, "web"),
        target=said,
        name="web",
        environment="production",
        before=said,
        after=said,
        changes=(Difference(group="env", name="A", before=said, after=said),),
        facts=(Fact(label=said, value=said),),
        findings=(Finding(severity=Severity.NOTE, text=said),),
        values={"to": said},
        precondition={"model": said},
        payload={"model": said, "flag": True, "number": 2026, "deep": [{"a": said}, None]},
    )
    redactor = Redactor()
    redactor.register_secret(secret)
    shown = redactor.plan(plan)
    told = shown.model_dump(mode="json")
    for name in ("id", "made_at", "action", "ref", "name", "environment", "environments"):
        told.pop(name, None)
    assert Plan.model_validate(shown.model_dump()) == shown
    assert _shape(shown.payload) == _shape(plan.payload)
    kept = {"env", "A", "note", "unknown"}
    assert not any(
        secret in leaf for leaf in _leaves(told) if isinstance(leaf, str) if leaf not in kept
    )


@given(SECRETS, TEXTS, TEXTS)
def test_no_detail_shows_a_known_secret(secret: str, before: str, after: str) -> None:
    said = f"{before}{secret}{after}"
    detail = Detail(
        record=deployment(message=said),
        sections=(Facts(title=said, facts=(Fact(label="said", value=said),)),),
    )
    redactor = Redactor()
    redactor.register_secret(secret)
    shown = redactor.detail(detail)
    assert secret not in shown.record.message
    facts = shown.sections[0].facts[0]
    assert not any(secret in text for text in (shown.sections[0].title, facts.value))
    assert shown.record.ref == detail.record.ref


SEEN = st.lists(
    st.sampled_from(
        ["password=", "password: ", '"token": "', "--api-key ", "-p ", "curl -u ", "mysql -p",
         "Bearer ", "Basic ", "://", "a:b@", "Cookie: ", "-----BEGIN PRIVATE KEY-----", "-----END",
         "***", "name: X_KEY value: ", "<password>", "</password>", *"{}=:\"'\\\n ,;&x",
         "eyJabcdefgh.abcd.efgh", "ghp_0123456789abcdef", "see", "$A", "|\n ", "authorization"]
    )
    | st.text(ANY, max_size=6),
    max_size=16,
).map("".join)  # fmt: skip


@given(SEEN)
def test_masking_never_breaks_and_comes_to_rest(text: str) -> None:
    masked = mask_text(text)
    again = mask_text(masked)
    assert mask_text(again) == again


@given(SEEN, st.text("bcdfghjkmnpqrstvwz", min_size=6, max_size=20).map(lambda text: f"q7z9{text}"))
def test_what_is_said_to_be_a_secret_is_masked_whatever_stands_around_it(
    text: str, secret: str
) -> None:
    for said in (f'"api_key": "{secret}"', f"DB_PASSWORD={secret}", f"postgres://u:{secret}@h/x"):
        assert secret not in mask_text(f"{text}\n{said}\n{text}")


@given(st.text(ANY, max_size=60))
def test_every_name_is_judged(name: str) -> None:
    assert sounds_secret(name) in {True, False}
    assert sounds_secret(f"db_{name}_password")
    assert sounds_secret(f"db_password_{name}") in {True, False}
