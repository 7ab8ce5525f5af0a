"""README, CONTRIBUTING and CHANGELOG: in the form that readers expect, with no room left out."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
KINDS_OF_CHANGE = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def test_every_room_is_on_the_map_and_every_room_on_the_map_exists() -> None:
    house = CONTRIBUTING.partition("## The house")[2].partition("## Tests")[0]
    named = re.findall(r"^\| `([\w/]+/)` \|", house, re.MULTILINE)
    assert [room for room in named if not (ROOT / room).is_dir()] == []
    packages = {
        f"{path.parent.relative_to(ROOT).as_posix()}/"
        for path in (ROOT / "tui" / "opsboard").glob("*/__init__.py")
    }
    others = {"adapters/opsboard_adapters/", "themes/opsboard_themes/", "tests/", "docs/", "bench/",
              "screenshots/"}  # fmt: skip
    assert sorted(named) == sorted(packages | others)


def test_the_readme_opens_with_what_it_is_a_picture_and_two_commands() -> None:
    opening = README.partition("\n## ")[0]
    assert opening.startswith("# opsboard\n\nOne board in a terminal")
    assert re.search(r"^!\[[^]]+\]\(screenshots/overview\.svg\)$", opening, re.MULTILINE)
    commands = re.findall(r"^    (.+)$", opening, re.MULTILINE)
    assert len(commands) == 2
    assert all(command.startswith("python3 -m venv .venv && ") for command in commands)
    assert commands[0].endswith(".venv/bin/opsboard")
    assert ".venv/bin/pytest" in commands[1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    least = project["requires-python"].removeprefix(">=")
    assert f"Python {least} or newer" in opening


def test_the_changelog_keeps_its_form() -> None:
    releases = re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]
    assert releases[0].startswith("[Unreleased]\n")
    for release in releases:
        sections = re.split(r"^### ", release, flags=re.MULTILINE)[1:]
        names = [section.partition("\n")[0] for section in sections]
        assert names == [name for name in KINDS_OF_CHANGE if name in names], names
        for section in sections:
            items = section.partition("\n")[2]
            assert re.fullmatch(r"\n(- \S.*\n(  \S.*\n)*)+\n?", items), section[:80]


def test_how_checks_hooks_lock_coverage_and_mutations_are_run_is_told() -> None:
    for command in (".ci/run", "pre-commit install", ".ci/lock", "bench.quality coverage",
                    "bench.quality mutation", "ruff check", "lint-imports", "mypy"):  # fmt: skip
        assert command in CONTRIBUTING, command


def test_no_mark_of_a_merge_is_left_in_a_page() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    marks = re.compile(r"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)
    assert [path.name for path in pages if marks.search(path.read_text("utf-8"))] == []
