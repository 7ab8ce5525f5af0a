"""One world for all tests of faults, whose clock stands still."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opsboard.cli import main
from opsboard.commands import doctor_records
from opsboard.demo.options import DemoOptions
from opsboard.demo.serve import create_demo
from tests.fault_injection.stage import SECRETS_AS_SENT, AppHarness, FaultProxy, Settings, served
from tests.patience import PATIENCE


@pytest.fixture(scope="session")
def whole_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppHarness]:
    _, app = create_demo(
        DemoOptions(at=datetime.now(UTC))
    )  # recent, or its monitoring runs are out of sight
    with served(app, tmp_path_factory.mktemp("tls")) as stage:
        yield stage


@pytest.fixture
def stage(whole_stage: AppHarness) -> Iterator[AppHarness]:
    """Return where the world is served; faults that a test injects end with the test."""
    yield whole_stage
    whole_stage.fault_proxy.clear()


@pytest.fixture(autouse=True)
def records_are_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``doctor`` read all records, however busy the machine is."""
    monkeypatch.setattr(doctor_records, "PATIENCE", PATIENCE)


@pytest.fixture
def fault_proxy(stage: AppHarness) -> FaultProxy:
    return stage.fault_proxy


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the program came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run the program with a config; fail where it prints or logs a traceback or a secret."""

    def go(settings: Settings, *words: str) -> Outcome:
        config = settings.write(tmp_path)
        try:
            code = main(["--config", str(config), *words])
        except SystemExit as error:
            code = int(error.code or 0)
        said = capsys.readouterr()
        check_discreet(said.out, said.err, *_logs())
        assert "Traceback" not in said.out + said.err
        return Outcome(code, said.out, said.err)

    return go


def _logs() -> list[str]:
    return [file.read_text("utf-8") for file in Path.home().rglob("*.log")]


def check_discreet(*texts: str) -> None:
    """Fail where one of *texts* contains a secret."""
    for secret in SECRETS_AS_SENT.values():
        assert not any(secret in text for text in texts)


def by_name(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the sources of a status document by their names."""
    return {source["name"]: source for source in document["sources"]}
