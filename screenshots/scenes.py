"""What is photographed: for each scene, a size, a theme, and the keys that lead there."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scene:
    """*keys* are pressed one after another; *shows* stands on the screen when it is ready."""

    name: str
    keys: tuple[str, ...]
    shows: str
    size: tuple[int, int] = (120, 36)
    theme: str = "dark"


_STUCK = ("2", "2", *"/imagepull", "enter")
_CRASHING = ("2", "2", *"/crashloop")
_MODEL = ("3", "3", "home")

SCENES: Final = (
    Scene("overview", (), "4 Alerts"),
    Scene("overview-80x24", (), "4 Alerts", size=(80, 24)),
    Scene("overview-light", (), "4 Alerts", theme="light"),
    Scene("plan", (*_CRASHING, "enter", "B"), "nothing was found"),
    Scene("plan-80x24", (*_CRASHING, "enter", "B"), "nothing was found", size=(80, 24)),
    Scene("deployment", (*_STUCK, "enter"), "Revisions"),
    Scene("deployment-80x24", (*_STUCK, "enter"), "Conditions", size=(80, 24)),
    Scene("model", (*_MODEL, "enter"), "Served by"),
    Scene("filter", ("1", "1", *"/status:failed"), "status:failed"),
    Scene("infrastructure", (":", *"infrastructure", "enter"), "aws_eks_cluster.main"),
    Scene("help", ("question_mark",), "Show only rows that match"),
)
