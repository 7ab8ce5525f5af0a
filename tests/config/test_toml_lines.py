"""Lines of keys."""

import pytest

from opsboard.config.toml_lines import line_of

TEXT = """\
read_only = true
ui.theme = "dark"

[environments]          # patterns
"prod eu" = ["x"]

[sources.ci]
token = { env = "A",
  extra = 1 }

[[rules]]
name = "one"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("read_only",), 1),
        (("ui", "theme"), 2),
        (("environments",), 4),
        (("environments", "prod eu"), 5),
        (("sources", "ci"), 7),
        (("sources", "ci", "token", "env"), 8),
        (("sources", "ci", "absent"), 7),
        (("rules", "name"), 12),
        (("nowhere",), None),
    ],
)
def test_line_of(path: tuple[str, ...], line: int | None) -> None:
    assert line_of(TEXT, path) == line
