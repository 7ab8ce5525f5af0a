"""Makes a story of a seed: opens a company, plants a cause, and lets time pass."""

from datetime import UTC, datetime, timedelta
from typing import Final

from opsboard.demo.world.rng import SeededRandom
from opsboard.demo.world.stories.background import schedule_background
from opsboard.demo.world.stories.company_operations import StoryOperations
from opsboard.demo.world.stories.distractors import schedule_distractors
from opsboard.demo.world.stories.estate import found_company
from opsboard.demo.world.stories.families import FAMILIES
from opsboard.demo.world.stories.gaps import plan_gaps
from opsboard.demo.world.stories.model import DISTRACTORS, Story
from opsboard.demo.world.stories.opening import populate
from opsboard.demo.world.stories.plot import StoryPlot
from opsboard.demo.world.stories.stage import StoryStage

_EPOCH: Final = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
_ATTEMPTS: Final = 50


def story(seed: int) -> Story:
    """Return the story of *seed*; the families take turns."""
    names = sorted(FAMILIES)
    family = names[seed % len(names)]
    for attempt in range(_ATTEMPTS):
        made = _attempt(seed, family, SeededRandom(f"story-{seed}-{attempt}"))
        if made is not None:
            return made
    raise AssertionError(f"seed {seed} makes no story")  # pragma: no cover


def _attempt(seed: int, family: str, rng: SeededRandom) -> Story | None:
    """Return a story, or ``None`` where chance has left too little of it."""
    began_at = _EPOCH + timedelta(minutes=rng.randint(0, 200 * 24 * 60))
    stage = StoryStage(rng, found_company(rng), began_at)
    operations = StoryOperations(stage)
    populate(stage, operations)
    stage.open()
    cause_at = began_at + timedelta(seconds=rng.uniform(2_700, 14_400))
    plot = StoryPlot(stage, operations, cause_at)
    FAMILIES[family](plot)
    if plot.red_planned is None:
        return None
    until = plot.red_planned + timedelta(minutes=rng.uniform(2, 30))
    schedule_distractors(plot, plot.red_planned)
    schedule_background(plot, until)
    plan_gaps(plot, plot.red_planned)
    stage.queue.run_until(until)
    if plot.symptom is None or plot.red_at is None or not plot.told:
        return None
    counted = frozenset(key for key in plot.distractors if key.at < plot.red_at) - {*plot.told}
    if len(counted) < DISTRACTORS:
        return None
    return Story(
        seed=seed,
        family=family,
        summary=plot.summary,
        began_at=began_at,
        initial=stage.initial,
        events=stage.seen(),
        gaps=tuple(stage.gaps),
        symptom=plot.symptom,
        red_at=plot.red_at,
        cause=plot.told[0],
        witnesses=frozenset(plot.told[1:]),
        distractors=counted,
        distance=plot.distance,
        joins=frozenset(stage.joins),
    )
