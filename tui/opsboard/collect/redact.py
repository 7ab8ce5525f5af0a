"""The one place where secrets are masked in text before it is shown, logged or kept.

What a source yields passes it where it enters the program: records, health and errors in the
collector; details, raw views and log lines in the engine; plans and their results in
:mod:`opsboard.acting`.
"""

import base64
import json
import shlex
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from operator import is_
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote, quote_plus

from opsboard.adapter import Health, SourceError
from opsboard.text.sanitize import sanitize, sanitize_prose

if TYPE_CHECKING:
    from opsboard.adapter import Description, LogLine, ObjectTree, Plan
    from opsboard.records import Record, Ref

MASK: Final = "***"
MIN_LENGTH: Final = 4
"""A shorter secret is not searched for: it would be part of many ordinary words."""

_CUT: Final = "…"
_LONG_SECRET: Final = 20
_DISTINCTIVE_LENGTH: Final = 8
"""Characters that a secret needs at least to be masked in names, too."""

_HUMAN: Final = ("reason", "message", "title", "description", "url", "cause")
"""Fields of a record that are sentences, and are masked; the others are names and numbers."""
_RULED: Final = (
    "id", "made_at", "action", "executor", "environment", "environments", "start_state",
)  # fmt: skip
"""Fields of a plan that the guard decides by: they hold words of the board's own."""

_CALLED: Final = ("name", "awaits")
_OF_THE_ADAPTER: Final = ("precondition", "payload", "origin", "destination", "target_id")

R = TypeVar("R", bound="Record")


class Redactor:
    """Knows all secrets that sources have registered. Safe to use from several threads."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()
        self._distinctive: tuple[str, ...] = ()

    def register_secret(self, secret: str) -> None:
        """Mask *secret*, in whatever usual form it is written, from now on."""
        for part in _parts_of(secret):
            forms = _forms_of(part)
            self._forms = _longest_first({*self._forms, *forms})
            if _is_distinctive(part):
                self._distinctive = _longest_first({*self._distinctive, *forms})

    def holds_secret(self, text: str) -> bool:
        """Tell whether *text* holds a known secret that cannot be a mere word."""
        return any(form in text for form in self._distinctive)

    def redact(self, text: str) -> str:
        """Return *text* without the secrets that are known, and without what looks like one."""
        from opsboard.masking import mask_text  # noqa: PLC0415 - the first frame does without

        return mask_text(_without(text, self._forms))

    # --- whole objects ---------------------------------------------------------------------------

    def health(self, health: Health) -> Health:
        """Return *health* with its texts redacted."""
        message, hint = self.redact(health.message), self.redact(health.hint)
        if (message, hint) == (health.message, health.hint):
            return health
        return replace(health, message=message, hint=hint)

    def error(self, error: SourceError) -> SourceError:
        """Return *error* itself, its texts redacted."""
        error.message, error.hint = self.redact(error.message), self.redact(error.hint)
        error.args = (error.message,)
        return error

    def record(self, record: R) -> R:
        """Return *record* with its sentences redacted; its names stay."""
        values = {name: text for name in _HUMAN if (text := getattr(record, name, None))}
        together = "\n".join(values.values())
        if self.redact(together) == together:
            return record
        masked: dict[str, Any] = {name: self.redact(text) for name, text in values.items()}
        return replace(record, **masked)

    def structure(self, value: Any) -> Any:
        """Return *value*, of mappings, sequences and models, with each of its texts redacted."""
        from opsboard.masking import mask_structure  # noqa: PLC0415 - as above

        return mask_structure(value, self.redact)

    def detail(self, detail: Any) -> Any:
        """Return *detail*, one of a record, redacted, with the records that its rows stand for."""
        masked = self.structure(detail)
        sections = tuple(map(self._section, masked.sections))
        values = {"record": self.record(detail.record), "sections": sections}
        same = values["record"] is detail.record and all(map(is_, sections, masked.sections))
        return masked if same else masked.model_copy(update=values)

    def description(self, description: "Description") -> "Description":
        """Return *description* with its lines redacted."""
        lines = map(self.log(), description.text.split("\n"))
        return replace(description, text="\n".join(lines), note=self.redact(description.note))

    def tree(self, tree: "ObjectTree") -> "ObjectTree":
        """Return *tree* with its sentences redacted; the names of objects stay."""
        rows = tuple(replace(row, words=self.redact(row.words)) for row in tree.rows)
        return replace(tree, rows=rows, notes=tuple(map(self.redact, tree.notes)))

    def _section(self, section: Any) -> Any:
        """Return *section* with the sentences redacted of the records of its rows."""
        rows = getattr(section, "rows", ())
        masked = tuple(map(self._row, rows))
        same = all(map(is_, rows, masked))
        return section if same else section.model_copy(update={"rows": masked})

    def _row(self, row: Any) -> Any:
        record = row.record and self.record(row.record)
        return row if record is row.record else row.model_copy(update={"record": record})

    def plan(self, plan: "Plan") -> "Plan":
        """Return *plan* as it may be seen and kept. The guard's own words stay as they are.

        What the target is called by only loses a secret that cannot be a mere word: a password
        ``checkout`` must not make all that is called so one and the same. What is the adapter's
        own is masked by its looks alone: what it calls things says nothing.
        """
        from opsboard.masking import mask_structure, mask_texts  # noqa: PLC0415 - as above

        values: dict[str, Any] = {}
        for name, value in plan:
            if name in _CALLED:
                values[name] = _without(value, self._distinctive)
            elif name == "ref":
                values[name] = _called(plan.ref, self._distinctive)
            elif name not in _RULED:
                mask = mask_texts if name in _OF_THE_ADAPTER else mask_structure
                values[name] = mask(value, self.redact)
        changed = {
            name: masked for name, masked in values.items() if masked is not getattr(plan, name)
        }
        return plan.model_copy(update=changed) if changed else plan

    def log(self) -> Callable[[str], str]:
        """Return what redacts the lines of one log, in their order: a key has many of them."""
        return _Log(self.redact)

    def log_lines(self) -> "Callable[[LogLine], LogLine]":
        """Return what redacts the lines of one log, with what is said about each."""
        redact, names = self.log(), lru_cache(self.redact)

        def redacted(line: "LogLine") -> "LogLine":
            text, part, group = redact(line.text), names(line.part), names(line.group)
            if (said := line.annotation) is not None:
                said = said._replace(place=names(said.place), title=names(said.title))
                return line._replace(text=text, part=part, group=group, annotation=said)
            same = (text, part, group) == (line.text, line.part, line.group)
            return line if same else line._replace(text=text, part=part, group=group)

        return redacted


def _called(ref: "Ref", telling: tuple[str, ...]) -> "Ref":
    name = _without(ref.id, telling)
    return ref if name == ref.id else ref._replace(id=name)


def is_unredacted(plan: "Plan") -> bool:
    """Tell whether nothing was masked in what *plan* is carried out and looked for by."""
    parts = (plan.ref.id, plan.executor, plan.values, plan.precondition, plan.payload)
    return MASK not in json.dumps(parts, default=str)


class _Log:
    """Redacts line by line; between the marks of a private key (RFC 7468) nothing is left."""

    LONGEST: Final = 200
    """Lines that a key may have."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._within = 0

    def __call__(self, line: str) -> str:
        if self._within:
            self._within = 0 if "-----END" in line else self._within - 1
            return MASK
        if "PRIVATE KEY" in line and "-----BEGIN" in line and "-----END" not in line:
            self._within = self.LONGEST
        return self._redact(line)


# --- known secrets -------------------------------------------------------------------------------


def _without(text: str, forms: tuple[str, ...]) -> str:
    before = ""
    while before != text:  # a secret may have the mask in it; each turn makes the text shorter
        before = text
        for form in forms:
            if form in text:
                text = text.replace(form, MASK)
    return _without_start(text, forms) if text.endswith(_CUT) else text


def _without_start(text: str, forms: tuple[str, ...]) -> str:
    """Return *text*, which was cut, without what the cut has left of a secret."""
    body = text.removesuffix(_CUT)
    for form in forms:
        for length in range(min(len(form), len(body)), MIN_LENGTH - 1, -1):
            if body.endswith(form[:length]):
                return f"{body[:-length]}{MASK}{_CUT}"
    return text


def _longest_first(forms: set[str]) -> tuple[str, ...]:
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _is_distinctive(secret: str) -> bool:
    """Tell whether *secret* cannot be a mere word, such as things are called by."""
    kinds = (str.isdigit, str.islower, str.isupper)
    mixed = sum(any(kind(char) for char in secret) for kind in kinds) > 1
    return len(secret) >= _LONG_SECRET or (
        len(secret) >= _DISTINCTIVE_LENGTH and (mixed or not secret.isalnum())
    )


def _parts_of(secret: str) -> Iterator[str]:
    """Yield *secret* and, where it has several, its lines: logs and tables show one at a time."""
    yield secret
    lines = secret.splitlines()
    if len(lines) > 1:
        long = (line.strip() for line in lines)
        yield from (
            line for line in long if len(line) > _DISTINCTIVE_LENGTH and "-----" not in line
        )


def _forms_of(secret: str) -> set[str]:
    composed = {unicodedata.normalize(form, secret) for form in ("NFC", "NFD")}
    texts = {secret, *composed, sanitize(secret), sanitize_prose(secret)}
    forms = {form for text in texts for form in (text, *_written(text))}
    forms |= {form for text in composed | {secret} for form in _coded(text)}
    return {form for form in forms if len(form) >= MIN_LENGTH}


def _written(text: str) -> Iterator[str]:
    """Yield *text* as quoted in JSON, Python, a shell, YAML, HTML and addresses."""
    import html  # noqa: PLC0415 - long to import, and no secret is known at the first frame

    for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield escaped
        yield json.dumps(escaped)[1:-1]
    yield repr(text)[1:-1]
    yield text.replace("\\", "\\\\").replace("'", "\\'")
    yield shlex.quote(text).removeprefix("'").removesuffix("'")
    yield text.replace("'", "''")
    yield html.escape(text)
    yield html.escape(text, quote=False)
    raw = _bytes_of(text)
    yield repr(raw)[2:-1]
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield _lower_escapes(quoted)


def _lower_escapes(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join((first, *(part[:2].lower() + part[2:] for part in rest)))


def _coded(text: str) -> Iterator[str]:
    """Yield *text* in Base64, alone and as it stands behind and before other bytes."""
    raw = _bytes_of(text)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode()
        for behind, changed in ((0, 0), (1, 2), (2, 3)):
            coded = encode(b"\0" * behind + raw).decode()
            core = coded[changed : (behind + len(raw)) * 8 // 6]
            yield core if len(core) > MIN_LENGTH else ""
    yield raw.hex()
    yield raw.hex().upper()


def _bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
