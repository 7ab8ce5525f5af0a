"""A config file that others may write to is refused before anything that it says is run."""

from pathlib import Path

import pytest

from opsboard import cli
from opsboard.config.load import load_config
from opsboard.config.problems import ConfigError
from opsboard.system.exit_codes import ExitCode

TEXT = """
[sources.ci]
adapter = "github"
repositories = ["org/repo"]
token = {{ command = ["touch", "{touched}"] }}
"""


@pytest.fixture
def touched(tmp_path: Path) -> Path:
    return tmp_path / "touched"


@pytest.fixture
def config(tmp_path: Path, touched: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o700)
    file = folder / "config.toml"
    file.write_text(TEXT.format(touched=touched))
    file.chmod(0o600)
    return file


def test_one_that_others_may_write_to_is_refused(config: Path, touched: Path) -> None:
    assert load_config(config).sources
    config.chmod(0o666)
    with pytest.raises(ConfigError, match="everybody may write to") as raised:
        load_config(config)
    assert f"chmod go-w {config}" in str(raised.value)
    assert not touched.exists()


def test_one_in_a_folder_that_others_may_write_to_is_refused(config: Path) -> None:
    config.parent.chmod(0o777)
    with pytest.raises(ConfigError, match="everybody may write to"):
        load_config(config)


@pytest.mark.parametrize("command", ["doctor", "status"])
def test_the_command_line_says_so_and_runs_nothing(
    config: Path, touched: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config.chmod(0o602)
    assert cli.main(["--config", str(config), command]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert "which commands to run" in told
    assert f"chmod go-w {config}" in told
    assert not touched.exists()


def test_doctor_warns_of_secrets_that_others_may_read(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = tmp_path / "token"
    token.write_text("hunter2-hunter2")
    token.chmod(0o644)
    config.write_text(
        f"""
        [sources.one]
        adapter = "github"
        api_url = "http://127.0.0.1:9"
        repositories = ["org/repo"]
        token = {{ file = "{token}" }}
        [sources.two]
        adapter = "github"
        api_url = "http://127.0.0.1:9"
        repositories = ["org/repo"]
        token = "hunter2-hunter3"
        """
    )
    config.chmod(0o644)
    cli.main(["--config", str(config), "doctor"])
    told = capsys.readouterr().err
    assert f"others may read {token}, which holds a secret" in told
    assert f"others may read {config}, which holds a secret" in told
    assert "hunter2" not in told
    token.chmod(0o600)
    config.chmod(0o600)
    cli.main(["--config", str(config), "doctor"])
    assert "others may read" not in capsys.readouterr().err
