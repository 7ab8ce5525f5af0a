"""A fault in what says what is allowed: the board opens, and what it may concern is refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsboard.acting.policy import Policy
from opsboard.adapter import Plan
from opsboard.config.action_rules import PolicyDecision
from opsboard.config.broken_source import BrokenSourceAdapter
from opsboard.config.load import Config, load_config
from opsboard.config.problems import ConfigError
from opsboard.config.rule_tables import known_actions, read_tables
from opsboard.records import Kind, Ref

NOON = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def _load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load_config(file)


def _why(config: Config, *environments: str, action: str = "rollback") -> str:
    """Return why an act is refused, or ``""`` where it is possible."""
    ref = Ref("k8s", Kind.DEPLOYMENT, "web")
    plan = Plan(
        made_at=NOON, action=action, title="t", ref=ref, target="web", name="web",
        environments=environments,
    )  # fmt: skip
    judged = Policy(config.settings).decide([plan], NOON)
    return judged.explanation if judged.decision is PolicyDecision.DENY else ""


def _window(text: str) -> str:
    return f"[[change_windows]]\n{text}\n"


EVERY = ("production", "staging", "unknown", "kunde-a")
FAULTS = [
    # what is written, where it is told, in which environments everything is refused
    ('[policy.staging]\nrollbak = "deny"', "did you mean 'rollback'", ("staging",)),
    ('[policy.staging]\n"rollbak*" = "deny"', "no action 'rollbak*'", ("staging",)),
    ('[policy.staging]\nrollback = "perhaps"', "'allow', 'confirm'", ("staging",)),
    ("[policy.staging]\nrollback = 3", "policy.staging.rollback", ("staging",)),
    ("[policy.staging]\nrollback = { a = 1 }", "policy.staging.rollback", ("staging",)),
    ('[policy]\nstaging = "deny"', "policy.staging", ("staging",)),
    ('[policy."sta*"]\nrollbak = "deny"', "no action", ("staging",)),
    ('[policy."prod-*"]\nrollbak = "deny"', "no action", ("production",)),
    ('[policy."*"]\nrollbak = "deny"', "no action", EVERY),
    ('[policy.unknown]\nrollbak = "deny"', "no action", ("unknown", "kunde-a")),
    ('[policy.""]\nrollback = "deny"', "write 'unknown'", EVERY),
    ('[policy."  "]\nrollback = "deny"', "write 'unknown'", EVERY),
    ('[policy."prod\\u200b"]\nrollback = "deny"', "cannot be seen", EVERY),
    ('[policy."prod\\u0000"]\nrollback = "deny"', "cannot be seen", EVERY),
    ('[policy."[prod"]\nrollback = "deny"', "never closed", EVERY),
    ('[policy.staging]\n"" = "deny"', "an empty name", ("staging",)),
    ('[policy.uat]\nrollback = "deny"', "is called 'staging' here", ("staging",)),
    ('policy = "deny"', "must be tables", EVERY),
    ("policy = []", "must be tables", EVERY),
    ('protected = ["produc\\u00adtion"]', "cannot be seen", EVERY),
    ('protected = [""]', "an empty name", EVERY),
    ('protected = ["!staging"]', "'!' means nothing here", EVERY),
    ('protected = ["production,staging"]', "each name by itself", EVERY),
    ('protected = ["{production,staging}"]', "each name by itself", EVERY),
    ('protected = ["prod|stag"]', "each name by itself", EVERY),
    ('protected = ["^prod.*$"]', "'^' means nothing here", EVERY),
    ('[policy."production, staging"]\nrollback = "deny"', "each name by itself", EVERY),
    ('[policy.staging]\n"!rollback" = "deny"', "'!' means nothing here", ("staging",)),
    ('[environments]\nproduction = ["!dev"]', "'!' means nothing here", EVERY),
    (_window('environments = "!staging"'), "'!' means nothing here", EVERY),
    ("protected = [3]", "protected", EVERY),
    ("protected = true", "protected", EVERY),
    ('protected = ["prod"]', "is called 'production' here", EVERY),
    ('[environments]\n"" = "x"', "an empty name", EVERY),
    ('[environments]\n"prod*" = "x"', "no pattern", EVERY),
    ("[environments]\nproduction = 3", "environments.production", EVERY),
    ('environments = ["production"]', "must be a table", EVERY),
    (_window('environments = "staging"\nstart = 9'), "write it as text", ("staging",)),
    (_window('environments = "sta*"\nstart = 9.5'), "write it as text", ("staging",)),
    (_window('environments = "staging"\nstart = "09:00Z"'), "as time_zone", ("staging",)),
    (_window('environments = "staging"\nend = "09:00+02:00"'), "as time_zone", ("staging",)),
    (
        _window('environments = "staging"\nend = "25:00"'),
        'a time of day: write "00:00" to "23:59"',
        ("staging",),
    ),
    (_window('environments = "staging"\nend = 2026-01-15T09:00:00Z'), "time", ("staging",)),
    (_window('environments = "staging"\nend = true'), "time of day", ("staging",)),
    (_window('environments = "staging"\ndays = []'), "must not be empty", ("staging",)),
    (_window('environments = "staging"\ndays = "monday"'), "is not a day", ("staging",)),
    (_window('environments = "staging"\nactions = []'), "must not be empty", ("staging",)),
    (_window('environments = "staging"\nactions = "rollbak"'), "no action", ("staging",)),
    (_window('environments = "staging"\ntime_zone = "Berlin"'), "not a time zone", ("staging",)),
    (_window('environments = "staging"\ntime_zone = "Europe"'), "not a time zone", ("staging",)),
    (_window('environments = "staging"\nnight = true'), "unknown key", ("staging",)),
    (_window('enviroments = "staging"'), "did you mean 'environments'", EVERY),
    (_window("environments = []"), "must not be empty", EVERY),
    (_window("environments = [3]"), "environments", EVERY),
    (_window("start = 9"), "write it as text", EVERY),
    ('[change_windows]\nenvironments = "staging"', "write [[change_windows]]", EVERY),
    ('change_windows = ["staging"]', "change_windows", EVERY),
]


@pytest.mark.parametrize(("text", "told", "refused"), FAULTS)
def test_a_fault_is_told_and_refuses_what_it_may_concern(
    tmp_path: Path, text: str, told: str, refused: tuple[str, ...]
) -> None:
    config = _load(tmp_path, text + '\n[sources.here]\nadapter = "command"\n')
    assert config.problems
    assert any(told in str(problem) for problem in config.problems)
    assert all(problem.line for problem in config.problems)
    for environment in refused:
        why = _why(config, environment)
        assert "config.toml:" in why
        assert "the config has an error" in why
        assert _why(config, "development", environment) == why, "with another one, too"
    for environment in {"production", "staging", "development"} - {*refused}:
        if refused != EVERY:
            assert _why(config, environment) == ""
    if refused == EVERY:
        assert "the config has an error" in _why(config), "of what touches nothing, too"


def test_a_fault_in_one_of_several_windows_is_told_at_its_line(tmp_path: Path) -> None:
    good, bad = 'environments = "staging"\nstart = "09:00"\n', "start = 9\n"
    text = f"[[change_windows]]\n{good}[ui]\n[[change_windows]]\n{bad}[[change_windows]]\n{bad}"
    config = _load(tmp_path, text)
    assert [(one.line, one.key) for one in config.problems] == [
        (6, "change_windows.1.start"),
        (8, "change_windows.2.start"),
    ]


def test_it_stands_on_the_board_as_a_source_that_cannot_be_used(tmp_path: Path) -> None:
    config = _load(
        tmp_path, 'protected = [3]\n[policy.staging]\nx = "deny"\n[sources.config]\nadapter = "x"\n'
    )
    shown = config.sources[-1]
    assert (shown.name, shown.adapter) == ("config'", BrokenSourceAdapter)
    assert "config.toml:1: protected" in shown.settings.message  # type: ignore[attr-defined]
    assert "and 1 more" in shown.settings.message  # type: ignore[attr-defined]


GOOD = """
protected = ["Production", "prod-*", "kunde-a", "*"]
[environments]
uat = []
"Kunde-B" = "kunde-b*"
[policy.Production]
"*" = "deny"
Rollback = "typed"
"re*" = "confirm"
retrain = "deny"
[policy.unknown]
delete = "deny"
[policy.uat]
scale = "allow"
[policy.lab]
scale = "allow"
[[change_windows]]
environments = ["prod-*", "Staging"]
days = ["Mon", "TUE"]
start = 09:00:00
end = "17:00"
[sources.here]
adapter = "command"
environment = "QA"
"""


def test_what_is_right_has_no_fault(tmp_path: Path) -> None:
    config = _load(tmp_path, GOOD)
    assert (config.problems, config.settings.rule_errors) == ((), ())
    assert config.settings.change_windows[0].days == ("mon", "tue")
    assert [source.name for source in config.sources] == ["here"]


def test_a_sources_own_name_is_no_word_for_another(tmp_path: Path) -> None:
    source = '[sources.here]\nadapter = "command"\nenvironment = "QA"\n'
    assert _load(tmp_path, f"protected = ['qa']\n{source}").problems == ()
    assert _load(tmp_path, "protected = ['qa']\n").problems


@pytest.mark.parametrize("name", ["", " ", "prod-*", "a\\u200bb"])
def test_a_sources_environment_is_a_name(tmp_path: Path, name: str) -> None:
    source = f'[sources.here]\nadapter = "command"\nenvironment = "{name}"\n'
    config = _load(tmp_path, source)
    assert config.sources[0].adapter is BrokenSourceAdapter
    assert "environment" in str(config.problems[0])


def test_other_settings_are_as_strict_as_ever(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="read_only"):
        _load(tmp_path, 'read_only = "perhaps"\nprotected = [3]\n')


def test_the_actions_are_those_of_the_adapters() -> None:
    assert {"rollback", "retrain", "rerun", "delete", "approve", "scale"} <= known_actions()
    assert "rollbak" not in known_actions()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["environments", "protected", "policy", "change_windows"])


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(document=st.dictionaries(KEYS, JSON))
def test_whatever_is_written_there_is_read_or_is_a_fault(document: dict[str, object]) -> None:
    read = read_tables(document)
    for key in document.keys() - read.values.keys():
        assert any(fault.fault.path[0] == key for fault in read.faults)
