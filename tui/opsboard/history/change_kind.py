"""What sort of change it is, and how it is told in a few words."""

from enum import StrEnum

from opsboard.frozen import Frozen, frozen_unchecked


class ChangeKind(StrEnum):
    """What sort of change it is: the word in the time line, and its filter ``kind:deploy``."""

    ACT = "act"
    ALERT = "alert"
    ALIAS = "alias"
    APPLY = "apply"
    """Of infrastructure as code."""
    BUILD = "build"
    CHANGE = "change"
    """Of a kind of record that has no word of its own here."""
    CONFIG = "config"
    DEPLOY = "deploy"
    DRIFT = "drift"
    IMAGE = "image"
    SCALE = "scale"
    SWITCH = "switch"
    """Paused, suspended, and back."""
    STATUS = "status"
    VERSION = "version"


@frozen_unchecked
class ChangeSummary(Frozen):
    """*before* and *after* in words; *after* alone where there was none. *alters*: see the module.

    *minor* is what a time line leaves out unless it is asked for everything: progress on the way.
    """

    kind: ChangeKind
    before: str = ""
    after: str = ""
    alters: bool = False
    minor: bool = False

    @property
    def text(self) -> str:
        """Both, with an arrow between."""
        return " → ".join(filter(None, (self.before, self.after)))
