"""Reading a config file: what is right is used, what is wrong is said with its place."""

import os
from pathlib import Path

import pytest

from opsboard.config.broken_source import BrokenSourceAdapter
from opsboard.config.load import Config, load_config
from opsboard.config.problems import ConfigError
from opsboard.system import background
from tests.patience import PATIENCE


def _load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file)


def test_sources_and_settings(tmp_path: Path) -> None:
    config = _load(
        tmp_path,
        """
        protected = "production"
        [environments]
        production = ["*-live"]
        [ui]
        theme = "light"
        [ui.keys]
        quit = "Q"
        [sources.ci]
        adapter = "github"
        repositories = ["acme/shop"]
        """,
    )
    assert config.settings.protected == ("production",)
    assert config.settings.environments == {"production": ("*-live",)}
    assert config.settings.ui.keys == {"quit": ("Q",)}
    assert [(source.name, source.adapter.name) for source in config.sources] == [("ci", "github")]
    assert config.problems == ()


def test_syntax_error_names_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, "read_only = true\n[ui\n")
    (problem,) = caught.value.problems
    assert problem.file.name == "config.toml"
    assert problem.line == 2
    assert "TOML" in problem.message


def test_typo_in_a_setting_names_line_and_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, "# a comment\n\n[ui]\ntheem = 'dark'\n")
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (4, "ui.theem")
    assert "'theme'" in problem.hint


def test_misspelt_top_level_table_is_pointed_to_sources(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'sources'"):
        _load(tmp_path, "[source.ci]\nadapter = 'github'\n")


def test_typo_in_one_source_leaves_the_others(tmp_path: Path) -> None:
    config = _load(
        tmp_path,
        """\
[sources.good]
adapter = "github"
repositories = ["acme/shop"]
[sources."bad one"]
adapter = "github"
reposotories = ["acme/shop"]
""",
    )
    good, bad = config.sources
    assert good.adapter.name == "github"
    assert bad.adapter is BrokenSourceAdapter
    (problem,) = config.problems
    assert (problem.line, problem.key) == (6, "sources.bad one.reposotories")
    assert "'repositories'" in problem.hint


def test_a_source_whose_name_is_no_text_is_told_in_clean_words(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    names = ("a", "a\\u001b[31m", "\\u001b]0;title\\u0007", "\\u202eb", "c\\nd")
    tables = (
        f'[sources."{name}"]\nadapter = "mlflow"\ntracking_uri = "http://m"\n' for name in names
    )
    path.write_text("".join(tables))
    config = load_config(path)
    assert len({source.name for source in config.sources}) == len(names)
    assert all(source.name.isprintable() for source in config.sources)
    assert [problem.line for problem in config.problems] == [4, 7, 10, 13]
    assert all("no text of one line" in str(one) for one in config.problems)
    assert all(str(one).isprintable() for one in config.problems)


def test_a_key_is_told_in_clean_words(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('"\\u001b[31mred" = 1\n')
    with pytest.raises(ConfigError, match="red: unknown key") as told:
        load_config(path)
    assert str(told.value).isprintable()


def test_tables_of_a_source_are_written_with_all_of_their_names(tmp_path: Path) -> None:
    config = _load(tmp_path, "[sources.m]\nadapter = 'mlflow'\ndrift = 'x'\n")
    said = "sources.m.drift: must be a list of tables; write [[sources.m.drift]]"
    assert any(str(problem).endswith(said) for problem in config.problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[services]\nname = 'a'", "services: must be a list of tables; write [[services]]"),
        ("[retrain]\nmodel = 'a'", "retrain: must be a list of tables; write [[retrain]]"),
        ("[[services]]\nnmae = 'a'", "services.0.nmae: unknown key; did you mean 'name'"),
        ("[[services]]\nname = ''", "services.0.name: must not be empty"),
        ("[[services]]\nname = 'a'\nworkloads = [5]", "workloads.0: must be text, in quotes"),
        ("[[services]]\nname = 'a'\nworkloads = 5", "services.0.workloads: must be a list"),
        ("[[services]]\nname = 'a'\n[[services]]\nname = 'A '", "two are called 'A '"),
        ("[[services]]\nname = 'a'\nrepository = 'checkout'", "write github.com/OWNER/NAME"),
        ("[history]\nenabled = 'perhaps'", "history.enabled: must be true or false"),
        ("ui = 4", "ui: must be a table of keys"),
        ("[[retrain]]\nmodels = '*'\nsource = 'a'\ntimeout = 0", "timeout: must be more than 0"),
        ("[[views]]\nname = 'a'\npane = 'pods'\nnumber = 12", "number: must be at most 9"),
        (f"[[views]]\nname = 'a'\ntitle = '{41 * 'x'}'", "title: must have at most 40 characters"),
        ("[[views]]\nname = 'a'\npane = 'pods'\ncolumns = 'x'", "columns: must be a list: [ ]"),
        ("[[views]]\nname = 'a'\ncolumns = [{ nmae = 'x' }]", "unknown key; did you mean 'name'?"),
        ("[history]\nkeep = 2026-01-01", "history.keep: is no length of time: write '90d'"),
        ("[lineage]\nsame_server = 'a'", "lineage.same_server: must be a table of keys"),
    ],
)
def test_what_a_value_must_be_is_said_in_the_words_of_toml(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, f"{text}\n")
    assert said in str(caught.value)
    assert caught.value.problems[0].line is not None


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('adapter = "gihtub"', "did you mean 'github'"),
        ("enabled = true", "names no adapter"),
        ('adapter = "github"\nrepositories = 3', "repositories"),
    ],
)
def test_unusable_sources_say_why(tmp_path: Path, table: str, message: str) -> None:
    config = _load(tmp_path, f"[sources.it]\n{table}\n")
    assert config.sources[0].adapter is BrokenSourceAdapter
    assert message in str(config.problems[0])


def test_a_wrong_value_is_not_quoted(tmp_path: Path) -> None:
    config = _load(
        tmp_path,
        """\
[sources.it]
adapter = "github"
repositories = ["a/b"]
token = { value = "hunter2", env = "X" }
""",
    )
    assert config.problems
    assert "hunter2" not in str(config.problems[0])


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_config(tmp_path / "absent.toml")


def test_binary_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-16"):
        load_config(file)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
def test_a_file_of_windows(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "config.toml"
    text = '# Zo\u00eb\u2028\n[sources.ci]\nadapter = "github"\nrepositories = ["a/b"]\n'
    file.write_bytes(text.encode())
    plain = load_config(file)
    file.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert load_config(file) == plain
    file.write_bytes((text + "branhc = 1\n").replace("\n", "\r\n").encode(encoding))
    (problem,) = load_config(file).problems
    assert (problem.line, problem.key) == (5, "sources.ci.branhc")


async def test_an_unusable_source_reports_itself(tmp_path: Path) -> None:
    config = _load(tmp_path, "[sources.it]\nadapter = 'nope'\n")
    source = config.sources[0]
    async with source.adapter.connect(source.settings, None) as connected:  # type: ignore[arg-type]
        checks = [check async for check in connected.checks()]
    assert "config.toml:2" in checks[0].message


def test_a_fifo_is_read_and_not_waited_for_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo, 0o600)
    writer = background.run_in_thread(
        lambda: fifo.write_text("read_only = true\n", encoding="utf-8")
    )
    assert load_config(fifo).settings.read_only
    assert writer.result(PATIENCE)
    monkeypatch.setattr("opsboard.config.load.READ_TIMEOUT", 0.01)
    with pytest.raises(ConfigError, match="nobody writes to it within"):
        load_config(fifo)
    with fifo.open("wb", buffering=0):  # lets go of the thread that still waits
        pass
