"""Which files of sources are others by now: those of the login, and those that settings name."""

from pathlib import Path

from opsboard.adapter import SourceSettings
from opsboard.collect.source_files import changed_files, digests_of
from opsboard.config.resolved_source import ResolvedSource
from opsboard.system.secrets import Secret
from tests.collect import NOWHERE, Scripted


class Settings(SourceSettings):
    ca_file: Path | None = None
    token: Secret


def test_files_of_settings_and_secrets_count_and_folders_do_not(tmp_path: Path) -> None:
    ca, token = tmp_path / "ca.pem", tmp_path / "token"
    token.write_text("one")
    settings = Settings.model_validate({"ca_file": str(ca), "token": {"file": str(token)}})
    source = ResolvedSource("ci", Scripted, settings)
    before = digests_of([source], NOWHERE)["ci"]
    assert before[ca] is None
    assert changed_files(before, digests_of([source], NOWHERE)["ci"]) == []
    ca.mkdir()
    assert changed_files(before, digests_of([source], NOWHERE)["ci"]) == []
    ca.rmdir()
    ca.write_text("pem")
    token.write_text("two")
    assert {*changed_files(before, digests_of([source], NOWHERE)["ci"])} == {ca, token}


def test_the_home_of_nobody_hides_no_other_file(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("one")
    settings = Settings.model_validate({"ca_file": "~nobody-here/x", "token": {"file": str(token)}})
    found = digests_of([ResolvedSource("ci", Scripted, settings)], NOWHERE)["ci"]
    assert found[token] is not None
    assert list(found.values()).count(None) == 1
