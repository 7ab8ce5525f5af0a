"""Keys under the names that earlier versions had for them are read, and a hint says the new one."""

import tomllib
from argparse import Namespace
from pathlib import Path

import jsonschema
import pytest

from opsboard.cli import main
from opsboard.config import registry
from opsboard.config.earlier_names import EARLIER, with_present_names
from opsboard.config.load import load_config
from opsboard.config.problems import ConfigError
from opsboard.config.schema import config_schema

CONFIG = """\
[[retrain]]
models = ["*"]
source = "ci"

[[retrain]]
models = ["a", "b"]
source = "ci"
{keys}
"""


def _file(folder: Path, keys: str) -> Path:
    file = folder / "config.toml"
    file.write_text(CONFIG.format(keys=keys))
    file.chmod(0o600)
    return file


def test_an_earlier_name_is_read_as_the_present_one(tmp_path: Path) -> None:
    config = load_config(_file(tmp_path, "patience = 60"))
    assert config.settings.retrain[1].timeout == 60
    assert config.problems == ()
    (hint,) = config.hints
    assert (hint.line, hint.key) == (8, "retrain.1.patience")
    assert str(hint).endswith("is called timeout now; write timeout instead")
    assert config.settings.hints == (str(hint),)


def test_the_present_name_needs_no_hint(tmp_path: Path) -> None:
    config = load_config(_file(tmp_path, "timeout = 60"))
    assert (config.settings.retrain[1].timeout, config.hints) == (60, ())


def test_both_names_at_once_are_an_error_that_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config.toml:8: retrain\.1\.patience: is the earlier"):
        load_config(_file(tmp_path, "patience = 60\ntimeout = 90"))


def test_what_is_wrong_with_the_value_is_told_where_it_is_written(tmp_path: Path) -> None:
    told = r"config.toml:8: retrain\.1\.patience: must be more than 0"
    with pytest.raises(ConfigError, match=told):
        load_config(_file(tmp_path, "patience = 0"))


def test_only_the_key_at_that_place_is_renamed() -> None:
    document = {"patience": 1, "sources": {"x": {"patience": 2, "retrain": [{"patience": 3}]}}}
    assert with_present_names(document) == (document, [])


def test_ids_of_actions_are_keys_like_any_other() -> None:
    document = {"ui": {"keys": {"record.near": "d", "board.zoom": "z"}}}
    renamed, (found,) = with_present_names(document, {"ui.keys.record.near": "record.open"})
    assert renamed == {"ui": {"keys": {"record.open": "d", "board.zoom": "z"}}}
    assert found.message == "is called record.open now"


@pytest.mark.parametrize("earlier", EARLIER)
def test_every_earlier_name_leads_to_a_key_that_there_is(earlier: str) -> None:
    schema = config_schema({})
    node = schema
    for part in earlier.split(".")[:-1]:
        node = node["properties"][part.removesuffix("[]")]
        node = node.get("items", node)
        node = schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    old = node["properties"][earlier.rpartition(".")[2]]
    new = node["properties"][EARLIER[earlier]]
    assert old["deprecated"]
    assert old["type"] == new["type"]


def test_an_editor_takes_both_names() -> None:
    schema = config_schema(registry.load_all_adapters()[0])
    for key in ("patience", "timeout"):
        document = tomllib.loads(CONFIG.format(keys=f"{key} = 60"))
        jsonschema.validate(document, schema)


def test_config_path_and_doctor_give_the_hint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(_file(tmp_path, "patience = 60"))
    assert main(["config", "path", "--config", file]) == 0
    out, err = capsys.readouterr()
    assert out == f"{file}\n"
    assert f"{file}:8: retrain.1.patience: is called timeout now" in err
    main(["doctor", "--config", file])
    assert "is called timeout now" in capsys.readouterr().err


def test_a_config_with_a_fault_still_has_a_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("nonsense")
    assert main(["config", "path", "--config", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}\n"


def test_the_board_is_told_once_the_config_is_read(tmp_path: Path) -> None:
    from opsboard.commands.launch import BoardLaunch, config_hints
    from opsboard.commands.setup import LoadedConfig
    from opsboard.startup.snapshot import StartupSettings

    config = load_config(_file(tmp_path, "patience = 60"))
    told = StartupSettings("", config.settings.ui, {}, False)
    read: list[Namespace] = []
    launch = BoardLaunch((), "here", told, lambda: LoadedConfig(config, None) if read else None)
    assert config_hints(launch) == ()
    read.append(Namespace())
    assert config_hints(launch) == (str(config.hints[0]),)
