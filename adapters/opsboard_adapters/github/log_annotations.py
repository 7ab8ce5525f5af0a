"""The annotations of a job: what its steps want somebody to look at, and where in the sources.

A step writes ``::error file=app.js,line=3,title=Lint::Missing semicolon``. GitHub's runner leaves
``##[error]Missing semicolon`` of that in the log, and tells the place to the job's check run; other
runners leave the command as it is. So the place comes from the one or from the other, and the two
are brought together by level and first line.

https://docs.github.com/en/rest/checks/runs#list-check-run-annotations
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from opsboard.adapter import AnnotationLevel, Forbidden, LogAnnotation, LogLine, NotFound
from opsboard_adapters.github.api import PAGE_SIZE, GitHubApi
from opsboard_adapters.github.models import GitHubAnnotation
from opsboard_adapters.http.decoding import decode_array, decode_each
from opsboard_adapters.listing.completeness import SkippedRecords

_LEVELS: Final[Mapping[str, AnnotationLevel]] = {
    "failure": AnnotationLevel.ERROR,
    "warning": AnnotationLevel.WARNING,
    "notice": AnnotationLevel.NOTICE,
}
_COMMANDS: Final = frozenset(AnnotationLevel)
_WITHOUT_PLACE: Final = ".github"
"""The path that the runner names where a step named none; the line is one of the step's log."""
_ESCAPED: Final = (("%2C", ","), ("%3A", ":"), ("%0D", ""), ("%0A", " "), ("%25", "%"))
_LEFT: Final = "Annotations that no line here is"


def command_annotation(word: str, properties: str) -> LogAnnotation | None:
    """Return the annotation that the command *word* with its *properties* makes; ``None`` for a
    command that makes none."""
    if word not in _COMMANDS:
        return None
    named = dict[str, str]()
    for pair in properties.split(","):
        name, _, value = pair.partition("=")
        for escaped, char in _ESCAPED:
            value = value.replace(escaped, char)
        named[name.strip().lower()] = value.strip()
    place = ":".join(filter(None, map(named.get, ("file", "line", "col"))))
    return LogAnnotation(AnnotationLevel(word), place, named.get("title", ""))


async def read_annotations(
    api: GitHubApi, repository: str, job: int | str, skips: SkippedRecords
) -> Sequence[GitHubAnnotation]:
    """Return the annotations of *job*, whose check run has the same id; none where they are hidden.

    GitHub keeps at most 50 of a job, so that there is one page.
    """
    path = f"repos/{repository}/check-runs/{job}/annotations"
    try:
        answer = await api.get_cached(path, {"per_page": PAGE_SIZE})
    except (Forbidden, NotFound):
        return ()
    items = await decode_array(answer)
    return await decode_each(items, GitHubAnnotation, skips, lambda _, number: f"entry {number}")


def annotated(
    lines: Sequence[LogLine], found: Sequence[GitHubAnnotation], head: LogLine
) -> Iterator[LogLine]:
    """Yield *lines* with their places by *found*; behind them, below *head*, what is left of it."""
    waiting = defaultdict[str, deque[GitHubAnnotation]](deque)
    for one in found:
        if one.annotation_level in _LEVELS:
            waiting[_text(one)].append(one)
    for line in lines:
        if (own := line.annotation) is None:
            yield line
            continue
        same = waiting.get(line.text)
        told = _annotation(own.level, same.popleft()) if same else own
        place, title = own.place or told.place, own.title or told.title
        yield line._replace(annotation=LogAnnotation(own.level, place, title))
    left = [(text, one) for text, ones in waiting.items() for one in ones]
    if left:
        yield head._replace(text=_LEFT, title=True, head=True, failed=False)
    for text, one in left:
        level = _LEVELS[one.annotation_level or ""]
        yield LogLine(
            text,
            part=head.part,
            group=head.group,
            error=level is AnnotationLevel.ERROR,
            depth=head.depth + 1,
            annotation=_annotation(level, one),
        )


def _annotation(level: AnnotationLevel, one: GitHubAnnotation) -> LogAnnotation:
    parts = (one.path or "", str(one.start_line or ""), str(one.start_column or ""))
    place = "" if one.path in {None, "", _WITHOUT_PLACE} else ":".join(filter(None, parts))
    return LogAnnotation(level, place, one.title or "")


def _text(one: GitHubAnnotation) -> str:
    """Return the line of the log that would have become *one*: of its message only the first."""
    first = (one.message or "").strip().partition("\n")[0].strip()
    return LogLine(f"{_LEVELS[one.annotation_level or '']}: {first}").text
