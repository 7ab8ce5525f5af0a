r"""Editing what people write about a model, a version of it or a run: tags, and the description.

MLflow has no compare-and-set here either: what is there is read right before it is changed, and
again after. An edit leaves no mark. What nobody saw the outcome of is told from what is there now.

An input is one line: a line break in a value is written ``\n`` and a backslash ``\\``, as plans
write them (:mod:`opsboard.text.escaping`).
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opsboard.adapter import (
    Difference,
    Finding,
    Form,
    Input,
    Misconfigured,
    Progress,
    Receipt,
    ReconcileOutcome,
    ReconcileResult,
    Request,
    Unsupported,
    Verdict,
)
from opsboard.adapter.actions import (
    Action,
    Draft,
    PermissionAnswer,
    PlanContext,
    ReadContext,
    SendContext,
)
from opsboard.adapter.actions.findings import warning
from opsboard.environments.names import UNKNOWN
from opsboard.masking import sounds_secret
from opsboard.text.escaping import MAX_ESCAPED, escaped, unescaped
from opsboard_adapters.mlflow.actions.comparison import is_users_tag
from opsboard_adapters.mlflow.actions.edited_object import (
    EditedObject,
    Noted,
    description_of,
    edited_object,
    tags_of,
)
from opsboard_adapters.mlflow.actions.snapshot import ModelReader
from opsboard_adapters.mlflow.actions.specs import DESCRIPTION, OBSERVED_FOR, TAG

LONGEST_KEY: Final = 250
"""Characters of the key of a tag that MLflow takes."""
LONGEST_TEXT: Final = 20_000
"""Characters of a value that a form is filled in with."""
WORDS: Final = 120
"""Characters of a value that are among the words for it."""
IN_A_LINE: Final = 500
"""Characters of a value that are told in one line; a longer one has its hash beside them."""
NAMED: Final = 12
"""Tags that the form names."""
_STEERING: Final = "opsboard."
_MARKS: Final = ("opsboard.plan.", "opsboard.previous.")
_NOTHING: Final = "nothing"
_ESCAPES: Final = r"\n is a line break, \\ a backslash"


@dataclass(frozen=True, slots=True)
class RegistryEdit:
    """What is written: *after* in the place of *before*; ``None`` is what is not there.

    Of *model*, of its *version*, or of *run*; the tag *key*, or where that is empty, the
    description.
    """

    model: str
    version: str
    key: str
    before: str | None
    after: str | None
    run: str = ""

    @property
    def edited(self) -> EditedObject:
        return EditedObject(self.model, self.version, self.run)

    @property
    def owner(self) -> str:
        return self.edited.title

    @property
    def what(self) -> str:
        return f"tag {self.key}" if self.key else "description"

    def now(self, found: Noted) -> str | None:
        """Return what *found* has in that place."""
        return tags_of(found).get(self.key) if self.key else description_of(found) or None

    @classmethod
    def of(
        cls, edited: EditedObject, key: str, before: str | None, after: str | None
    ) -> "RegistryEdit":
        return cls(edited.model, edited.version, key, before, after, edited.run)


class RegistryEditing(Action[ModelReader, RegistryEdit]):
    """Writes one value into the registry, and no other."""

    payload = RegistryEdit

    # --- planning --------------------------------------------------------------------------------

    @abstractmethod
    async def edit(
        self, ctx: ReadContext[ModelReader], request: Request, values: Mapping[str, str]
    ) -> RegistryEdit:
        """Return what *values* ask to be written."""

    @abstractmethod
    def undo(self, edit: RegistryEdit) -> Mapping[str, str]:
        """Return the values that write again what was there before *edit*."""

    async def draft(
        self, ctx: ReadContext[ModelReader], request: Request, values: Mapping[str, str]
    ) -> Draft[RegistryEdit]:
        edit = await self.edit(ctx, request, values)
        if edit.before == edit.after:
            raise Unsupported(
                f"the {edit.what} of {edit.owner} is {_shown(edit.before)} already",
                "write something else",
            )
        environments = await edit.edited.environments(ctx)
        name = await edit.edited.name(ctx)
        called = f" ({name})" if edit.run and name != edit.run else ""
        group = "tags" if edit.key else "text"
        change = Difference(group=group, name=edit.what, before=edit.before, after=edit.after)
        return Draft(
            payload=edit,
            title=f"{self.spec.title}: {edit.owner}",
            target=f"{edit.owner[0].upper()}{edit.owner[1:]}{called} in {request.ref.source}",
            name=name,
            environment=environments[0] if environments[0] != UNKNOWN else "",
            environments=environments,
            before=_words(edit.before),
            after=_words(edit.after),
            origin=(f"{edit.what}: {_shown(edit.before)}",),
            destination=(f"{edit.what}: {_shown(edit.after)}",),
            undo=self.undo(edit) if len(edit.before or "") <= MAX_ESCAPED else {},
            changes=(change,),
            findings=tuple(_findings(edit)),
            timeout=OBSERVED_FOR,
        )

    async def precondition(
        self, ctx: ReadContext[ModelReader], payload: RegistryEdit
    ) -> Mapping[str, str]:
        """Return what is there now."""
        return {payload.what: _shown(payload.now(await payload.edited.read(ctx)))}

    async def permission(
        self, ctx: ReadContext[ModelReader], payload: RegistryEdit
    ) -> PermissionAnswer:
        return await payload.edited.permission(ctx)

    # --- carrying out ----------------------------------------------------------------------------

    async def send(self, ctx: SendContext[ModelReader], payload: RegistryEdit) -> Receipt:
        edited = payload.edited
        method, path, body = edited.change(payload.key, payload.after)
        await edited.api(ctx.client).change(method, path, body, ctx.permit)
        return Receipt(message=_done(payload), reference=ctx.plan_id, produced=ctx.plan.ref)

    # --- afterwards ------------------------------------------------------------------------------

    async def observe(
        self, ctx: PlanContext[ModelReader], payload: RegistryEdit, receipt: Receipt
    ) -> Progress:
        now = payload.now(await payload.edited.read(ctx))
        if now != payload.after:
            message = f"the {payload.what} of {payload.owner} is {_shown(now)}: somebody else wrote"
            return Progress(message=message, total=1, verdict=Verdict.FAILED)
        return Progress(
            message=_done(payload),
            done=1,
            total=1,
            verdict=Verdict.SUCCEEDED,
            produced=ctx.plan.ref,
        )

    async def reconcile(
        self, ctx: PlanContext[ModelReader], payload: RegistryEdit
    ) -> ReconcileResult:
        """Tell by what is there: whoever wrote the same has done the same."""
        now = payload.now(await payload.edited.read(ctx))
        outcome = ReconcileOutcome.UNKNOWN
        if now == payload.after:
            outcome = ReconcileOutcome.DONE
        elif now == payload.before:
            outcome = ReconcileOutcome.NOT_DONE
        done = outcome is ReconcileOutcome.DONE
        receipt = Receipt(message=_done(payload), reference=ctx.plan_id, produced=ctx.plan.ref)
        message = f"the {payload.what} of {payload.owner} is {_shown(now)} now"
        return ReconcileResult(outcome=outcome, message=message, receipt=receipt if done else None)


class EditTag(RegistryEditing):
    """Sets a tag of a model or a version, or takes it away."""

    spec = TAG

    async def form(self, ctx: ReadContext[ModelReader], request: Request) -> Form:
        tags = tags_of(await edited_object(request.ref).read(ctx))
        own = sorted(key for key in tags if is_users_tag(key))
        more = f" and {len(own) - NAMED} more" if len(own) > NAMED else ""
        present = f" There are: {', '.join(own[:NAMED])}{more}." if own else ""
        key = request.values.get("key", "")
        hidden = sounds_secret(key) or len(tags.get(key, "")) > LONGEST_TEXT
        return Form(
            inputs=(
                Input(name="key", label="Tag", help=f"Its name.{present}", required=True),
                Input(
                    name="value",
                    label="Value",
                    help=f"What it will say; {_ESCAPES}.",
                    default="" if hidden else _line(tags.get(key)),
                    escapes=True,
                ),
                Input(
                    name="remove",
                    label="Remove",
                    help="Whether the tag is taken away; the value counts for nothing then.",
                    type="boolean",
                    default="false",
                ),
            )
        )

    async def edit(
        self, ctx: ReadContext[ModelReader], request: Request, values: Mapping[str, str]
    ) -> RegistryEdit:
        key = values["key"].strip()
        if fault := _key_fault(key):
            raise Unsupported(f"the tag {key} cannot be edited from here: {fault}", "see its form")
        edited = edited_object(request.ref)
        before = tags_of(await edited.read(ctx)).get(key)
        removed = values.get("remove") == "true"
        after = None if removed else _text(values.get("value", ""), "value")
        return RegistryEdit.of(edited, key, before, after)

    def undo(self, edit: RegistryEdit) -> Mapping[str, str]:
        if edit.before is None:
            return {"key": edit.key, "remove": "true"}
        return {"key": edit.key, "value": _line(edit.before)}


class EditDescription(RegistryEditing):
    """Writes the description of a model or a version."""

    spec = DESCRIPTION

    async def form(self, ctx: ReadContext[ModelReader], request: Request) -> Form:
        present = description_of(await edited_object(request.ref).read(ctx))
        if len(present) > LONGEST_TEXT:
            raise Unsupported(
                f"the description has {len(present):,} characters",
                "edit it on the page of MLflow: a form here has no room for it",
            )
        return Form(
            inputs=(
                Input(
                    name="text",
                    label="Description",
                    help=f"What it is, in Markdown; {_ESCAPES}. Left empty, there is none.",
                    default=_line(present),
                    escapes=True,
                ),
            )
        )

    async def edit(
        self, ctx: ReadContext[ModelReader], request: Request, values: Mapping[str, str]
    ) -> RegistryEdit:
        edited = edited_object(request.ref)
        before = description_of(await edited.read(ctx)) or None
        after = _text(values.get("text", ""), "text") or None
        return RegistryEdit.of(edited, "", before, after)

    def undo(self, edit: RegistryEdit) -> Mapping[str, str]:
        return {"text": _line(edit.before)}


# --- what is asked for ---------------------------------------------------------------------------


def _key_fault(key: str) -> str:
    """Return why the tag *key* is left alone, or ``""``."""
    if key.startswith("mlflow."):
        return "MLflow writes it itself"
    if key.startswith(_MARKS):
        return "it is a mark by which actions from here are told apart"
    if sounds_secret(key):
        return "it sounds like a secret, and the audit trail would keep what is written"
    if len(key) > LONGEST_KEY or not key.isprintable():
        return f"a name has at most {LONGEST_KEY} characters, all of which can be seen"
    return ""


def _line(text: str | None) -> str:
    """Return *text* as one line of a form."""
    return escaped(text, len(text)) if text else ""


def _text(line: str, name: str) -> str:
    try:
        return unescaped(line)
    except ValueError as error:
        raise Misconfigured(f"{name}: {error}", _ESCAPES) from None


def _findings(edit: RegistryEdit) -> list[Finding]:
    if not edit.key.startswith(_STEERING):
        return []
    return [warning(f"{edit.key} steers what this board does with the model")]


def _words(value: str | None) -> str:
    """Return a few words for *value*, as it is; the change has all of it."""
    if value is None:
        return _NOTHING
    if value in {"", _NOTHING}:
        return f"the text {value!r}"
    return value if len(value) <= WORDS else f"{value[:WORDS]}… ({len(value):,} characters)"


def _shown(value: str | None) -> str:
    """Return *value* in one line that no other has; what is not there is told from its word."""
    if value is None:
        return _NOTHING
    shown = escaped(value, IN_A_LINE)
    return shown.replace("n", r"\x6e", 1) if value == _NOTHING else shown


def _done(edit: RegistryEdit) -> str:
    verb = "was taken away from" if edit.after is None else "was written to"
    return f"the {edit.what} {verb} {edit.owner}"
