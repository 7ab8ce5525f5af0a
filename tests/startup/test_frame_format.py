"""A frame is texts, styles and times; what is painted of it can be nothing else."""

import io
from datetime import UTC, datetime, timedelta

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.kinds.ages import age, age_text
from opsboard.startup.frame_format import (
    FRAME_AGE,
    RECORD,
    SECTION,
    TABLE_AGE,
    UNIT,
    AgeSlot,
    StoredFrame,
)

STYLES = ("1", "2", "3")
NOW = 1_800_000_000.0


def frame(text: str = "web", style: str = "1;31", slots: tuple[AgeSlot, ...] = ()) -> StoredFrame:
    return StoredFrame(8, 2, [[(style, text.ljust(8))], [("", " " * 8)]], slots)


def shown(painted: str, width: int = 8, height: int = 2) -> list[str]:
    screen = pyte.Screen(width, height)
    pyte.Stream(screen).feed(painted)
    return list(screen.display)


def test_a_frame_is_painted_as_it_was_kept() -> None:
    again = StoredFrame.unpacked(frame().packed())
    assert shown(again.painted(NOW)) == ["web     ", "        "]
    assert "\x1b[0;1;31mweb" in again.painted(NOW)


def test_ages_are_those_of_the_moment_of_painting() -> None:
    slots = (
        AgeSlot(0, 4, 4, NOW, STYLES),
        AgeSlot(1, 0, 6, NOW, STYLES, kind=FRAME_AGE, right=False),
    )
    again = StoredFrame.unpacked(frame(slots=slots).packed())
    assert shown(again.painted(NOW + 125)) == ["web 2m5s", "2m      "]
    assert shown(again.painted(NOW + 7_900)) == ["web   2h", "2h11m   "], "cut is another time"
    assert shown(again.painted(NOW - 5))[0] == "web   0s"


@given(st.integers(0, 10**7), st.integers(1, 6), st.sampled_from(["", "≥"]))
def test_no_age_is_cut_to_another(seconds: int, width: int, prefix: str) -> None:
    slot = AgeSlot(0, 0, width, NOW, STYLES, prefix=prefix)
    shown_age = shown(slot.painted(NOW + seconds), width, 1)[0].strip()
    assert shown_age == "?" or (shown_age.startswith(prefix) and shown_age[-1] in "smhd")


def test_what_may_be_longer_says_so() -> None:
    slot = AgeSlot(0, 3, 5, NOW, STYLES, prefix="≥")
    again = StoredFrame.unpacked(frame(slots=(slot,)).packed())
    assert shown(again.painted(NOW + 125))[0] == "web≥2m5s"
    assert shown(again.painted(NOW + 7_900))[0] == "web  ≥2h"
    with pytest.raises(ValueError, match=r"."):
        frame(slots=(AgeSlot(0, 0, 3, NOW, STYLES, prefix="\x1b"),)).packed()


@pytest.mark.parametrize(("span", "style"), [(0, "1"), (3_600, "2"), (30 * 86_400, "3")])
def test_an_age_has_the_style_of_its_heat(span: float, style: str) -> None:
    assert f"\x1b[0;{style}m" in AgeSlot(0, 0, 4, NOW, STYLES).painted(NOW + span)


@given(st.integers(0, 4_000_000))
def test_ages_read_as_on_the_board(seconds: int) -> None:
    then = datetime.fromtimestamp(NOW, UTC)
    now = then + timedelta(seconds=seconds)
    for kind, text in ((TABLE_AGE, age(then, now)), (FRAME_AGE, age_text(then, now))):
        slot = AgeSlot(0, 0, 8, NOW, STYLES, kind=kind, right=False)
        assert slot.painted(NOW + seconds).endswith(f"m{text.ljust(8)}")


@given(st.text(max_size=8))
def test_no_text_can_command_a_terminal(text: str) -> None:
    packed = SECTION.join(("1x1", UNIT.join(("0", text)), ""))
    try:
        again = StoredFrame.unpacked(packed)
    except ValueError:
        assert not text.isprintable()
    else:
        assert again.rows[0][0][1] == text
        assert text.isprintable()


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "x",
        SECTION.join(("1x2", UNIT.join(("0", "a")), "")),
        SECTION.join(("axb", UNIT.join(("0", "a")), "")),
        SECTION.join(("1x1", UNIT.join(("0", "\x1b[2J")), "")),
        SECTION.join(("1x1", UNIT.join(("0", "\u202e")), "")),
        SECTION.join(("1x1", UNIT.join(("0\x1b", "a")), "")),
        SECTION.join(("1x1", UNIT.join(("0mA", "a")), "")),
        SECTION.join(("1x1", "0", "")),
        SECTION.join(("1x1", UNIT.join(("0", "a")), "x")),
        SECTION.join(("1x1", UNIT.join(("0", "a")), AgeSlot(0, 0, 2, NOW, STYLES).packed())),
        SECTION.join(("1x1", UNIT.join(("0", "a")), AgeSlot(1, 0, 1, NOW, STYLES).packed())),
        SECTION.join(("1x1", UNIT.join(("0", "a")), AgeSlot(0, -1, 1, NOW, STYLES).packed())),
        SECTION.join(
            ("1x1", UNIT.join(("0", "a")), AgeSlot(0, 0, 1, NOW, ("0", "m\x1b", "")).packed())
        ),
    ],
)
def test_anything_else_is_no_frame(packed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        StoredFrame.unpacked(packed)


@pytest.mark.parametrize("text", ["\x1b]0;x\x07", f"a{UNIT}b", f"a{RECORD}b", "\x9b2J", "\u200d"])
def test_what_could_not_be_read_back_is_not_kept(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        frame(text).packed()


def test_a_frame_never_wraps_nor_scrolls() -> None:
    screen = pyte.Screen(8, 2)
    screen.set_mode(7, private=True)
    stream = pyte.Stream(screen)
    stream.feed(frame("x" * 8).painted(NOW))
    assert not any(char in frame().painted(NOW) for char in "\r\n")
    assert io.StringIO("\n".join(screen.display)).read() == "xxxxxxxx\n        "
