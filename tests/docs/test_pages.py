"""The reference pages say what the program does: no key is missing, and every example works."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from docs.__main__ import PAGES
from docs.config import BUILT_IN
from docs.examples import COMPANIONS, EXAMPLES, INSTEAD, NEEDED
from docs.filters import EXAMPLES as FILTERS
from docs.filters import IN_LOGS, Example
from docs.keys import HEADINGS
from pydantic import BaseModel

from opsboard.adapter import GROUP, SourceSettings
from opsboard.config.action_rules import ChangeWindow, RetrainRule, StartCheckRule
from opsboard.config.board_rules import LineageSettings, ServiceRule, ViewColumn, ViewRule
from opsboard.config.load import load_config
from opsboard.config.settings import AuditSettings, HistorySettings, Settings, UiSettings
from opsboard.system.secrets import SecretSource
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.keymap import build_keymap
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.views.filter import parse
from opsboard.views.log_filter import parse_log_filter
from opsboard.views.panes import pane_named, panes
from opsboard_adapters.mlflow import DriftRule

ROOT = Path(__file__).parents[2]
ADAPTERS: Mapping[type[BaseModel], str] = {adapter.settings: adapter.name for adapter in BUILT_IN}
FENCED = re.compile(r"```toml\n(.*?)```", re.DOTALL)


TABLES: Mapping[type[BaseModel], str] = {
    AuditSettings: "[audit]",
    UiSettings: "[ui]",
    HistorySettings: "[history]",
    ChangeWindow: "[[change_windows]]",
    RetrainRule: "[[retrain]]",
    StartCheckRule: "[[start_checks]]",
    ServiceRule: "[[services]]",
    ViewRule: "[[views]]",
    LineageSettings: "[lineage]",
}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_stale(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name](), (
        f"docs/{name} is stale: run `python -m docs`, and look at what has changed"
    )


def test_every_action_and_place_is_on_the_page() -> None:
    assert set(HEADINGS) == set(BindingScope)
    page = PAGES["keys.md"]()
    assert [action.id for action in ACTIONS if f"`{action.id}`" not in page] == []


def test_every_built_in_adapter_has_its_section() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(project["entry-points"][GROUP]) == set(ADAPTERS.values())


@pytest.mark.parametrize("model", EXAMPLES, ids=lambda model: model.__name__)
def test_every_key_has_its_example_and_no_other_has(model: type[BaseModel]) -> None:
    keys = set(model.model_fields)
    if model in ADAPTERS:
        keys -= set(SourceSettings.model_fields)
    assert set(EXAMPLES[model]) == keys
    assert all(field.description for field in model.model_fields.values())


def _document(model: type[BaseModel], key: str) -> str:
    """Return a whole config file in which the example of *key* stands where it belongs."""
    lines = [COMPANIONS.get(key, ""), f"{key} = {EXAMPLES[model][key]}"]
    needed = [] if key in INSTEAD else NEEDED.get(model, "").splitlines()
    lines += [line for line in needed if not line.startswith(f"{key} =")]
    if model is Settings:
        return "\n".join(lines)
    if model in TABLES:
        return "\n".join([TABLES[model], *lines])
    inline = ", ".join(filter(None, lines))
    if model is SecretSource:
        return _source("github", f'repositories = ["acme/web"]\ntoken = {{ {inline} }}')
    if model is ViewColumn:
        whole = inline if key in {"name", "field"} else f'name = "branch", {inline}'
        return f'[[views]]\nname = "v"\npane = "builds"\ncolumns = [{{ {whole} }}]'
    if model is DriftRule:
        return _source("mlflow", f'tracking_uri = "http://ml.test"\ndrift = [{{ {inline} }}]')
    adapter = ADAPTERS.get(model)
    return _source(adapter or "kubernetes", "\n".join(lines))


def _source(adapter: str, lines: str) -> str:
    return f'[sources.example]\nadapter = "{adapter}"\n{lines}'


@pytest.mark.parametrize(
    ("model", "key"),
    [(model, key) for model, keys in EXAMPLES.items() for key in keys],
    ids=lambda part: part if isinstance(part, str) else part.__name__,
)
def test_every_example_is_understood_and_makes_a_difference(
    tmp_path: Path, model: type[BaseModel], key: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(_document(model, key))
    config = load_config(file)
    assert not config.problems
    read: BaseModel = config.settings
    if model in TABLES:
        held = getattr(config.settings, TABLES[model].strip("[]"))
        read = held[0] if isinstance(held, tuple) else held
    elif model is ViewColumn:
        read = config.settings.views[0].columns[0]
    elif model is not Settings:
        read = config.sources[0].settings
    if model is SecretSource:
        read = config.sources[0].settings.token  # type: ignore[attr-defined]
    if model is DriftRule:
        read = config.sources[0].settings.drift[0]  # type: ignore[attr-defined]
    assert getattr(read, key) != model.model_fields[key].get_default(call_default_factory=True)


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{name}" for name in PAGES)])
def test_every_config_in_the_pages_is_understood(tmp_path: Path, page: str) -> None:
    for block in FENCED.findall((ROOT / page).read_text(encoding="utf-8")):
        tomllib.loads(block)
        file = tmp_path / "config.toml"
        file.write_text(block)
        config = load_config(file)
        assert not config.problems
        build_keymap(config.settings.ui.keys)


@pytest.mark.parametrize("example", FILTERS, ids=lambda example: example.text)
def test_every_filter_is_understood(example: Example) -> None:
    if not example.pane:
        assert parse_log_filter(example.text)
    for pane in [pane_named(example.pane)] if example.pane else panes():
        assert parse(example.text, pane)


@pytest.mark.parametrize("example", IN_LOGS, ids=lambda example: example.text)
def test_every_filter_of_logs_is_understood(example: Example) -> None:
    assert parse_log_filter(example.text)


LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    """Return what leads to the headings of *page*, as GitHub makes it of them."""
    found = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


@pytest.mark.parametrize(
    "page",
    sorted(
        path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
    ),
)
def test_every_link_leads_somewhere(page: str) -> None:
    broken = []
    for file, anchor in LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        target = (ROOT / page).parent / file if file else ROOT / page
        is_page = target.suffix == ".md"
        if not target.exists() or (anchor and is_page and anchor not in _anchors(target)):
            broken.append((file, anchor))
    assert broken == []
