"""Any text is a config or a :exc:`ConfigError`: no other error, and none that quotes a value."""

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opsboard.config import registry
from opsboard.config.load import Config, load_config
from opsboard.config.problems import ConfigError
from opsboard.config.schema import config_schema

CANARY = "hunter2xyz"
ADAPTERS = ("github", "kubernetes", "mlflow", "registry", "command")


def _keys(told: Any) -> set[str]:
    """Return every key that the schema knows: those of all settings of all adapters."""
    if isinstance(told, dict):
        own = set(told.get("properties", ()))
        return own.union(*map(_keys, told.values()), set())
    return set().union(*map(_keys, told)) if isinstance(told, list) else set()


@cache
def _known_keys() -> list[str]:
    """Return them; in a test, since what adapters declare is forgotten after each module."""
    told = _keys(config_schema(registry.load_all_adapters()[0]))
    return sorted({*told, "sources", "env", "file", "command", "value", "production", "*"})


WORDS = st.deferred(lambda: st.sampled_from(_known_keys())) | st.text(max_size=8)
SCALARS = (
    st.none().map(lambda _: CANARY)
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6).map(lambda t: t + CANARY)
    | st.sampled_from(["", "deny", "prod-*", "22:00", f"https://u:{CANARY}@h", f"ghp_{CANARY * 3}"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
SOURCE = st.tuples(st.sampled_from(ADAPTERS), st.dictionaries(WORDS, VALUES, max_size=4)).map(
    lambda told: {**told[1], "adapter": told[0]}
)
DOCUMENTS = st.tuples(
    st.dictionaries(WORDS, VALUES, max_size=4),
    st.dictionaries(st.sampled_from(["a", "b"]), SOURCE | VALUES, max_size=2) | VALUES,
).map(lambda told: {**told[0], "sources": told[1]})


def _toml(value: Any) -> str:
    """Return *value* as TOML: inline tables, and strings as JSON has them."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _key(value) if isinstance(value, str) else repr(value)


def _key(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _load(text: str) -> Config | ConfigError:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            return load_config(file)
        except ConfigError as error:
            return error


@given(DOCUMENTS)
def test_any_structure_is_a_config_or_told_to_be_none(document: dict[str, Any]) -> None:
    text = "\n".join(f"{_key(key)} = {_toml(value)}" for key, value in document.items())
    found = _load(text)
    told = str(found) if isinstance(found, ConfigError) else "\n".join(map(str, found.problems))
    assert CANARY not in told


@given(
    st.text(st.characters(exclude_categories=()), max_size=80)
    | st.lists(
        st.sampled_from([*"[]{}=\"'\n#.,\\\x00\ud800", "[sources.a]\n", "x = ", '"""', "'''",
                         "[[retrain]]\n", "adapter", "1e999", "99:99", "0x", "[" * 300, "\ufeff"])
        | WORDS,
        max_size=20,
    ).map("".join)
)  # fmt: skip
def test_any_text_is_a_config_or_told_to_be_none(text: str) -> None:
    assert isinstance(_load(text), Config | ConfigError)
