"""How big the world is."""

from dataclasses import dataclass, replace
from typing import Final

from opsboard.text.suggestions import did_you_mean_or_list

_COUNTED: Final = ("pods", "builds", "models")


@dataclass(frozen=True, slots=True)
class DemoScale:
    """At least so many of each; 0 leaves the company as it is. For load, not for looks.

    *churn* is the share of pods that change each second.
    """

    pods: int = 0
    builds: int = 0
    models: int = 0
    churn: float = 0.0

    @classmethod
    def parse(cls, text: str, churn: float = 0.0) -> "DemoScale":
        """Read ``pods=10000,builds=5000``. Raises :exc:`ValueError` that says what is wrong."""
        scale = cls(churn=churn)
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = part.partition("=")
            scale = replace(scale, **{_known(name.strip()): _number(name, value.strip())})
        return scale


def _known(name: str) -> str:
    if name not in _COUNTED:
        raise ValueError(f"there is no {name!r} to scale; {did_you_mean_or_list(name, _COUNTED)}")
    return name


def _number(name: str, value: str) -> int:
    if not value.isdecimal():
        raise ValueError(f"{name}={value} is no whole number")
    return int(value)
