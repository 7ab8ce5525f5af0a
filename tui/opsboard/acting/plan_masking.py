"""Plans without their secrets: masked for the screen and the audit log, executed as they were made.

A plan is shown, confirmed and recorded masked. It is executed as the adapter made it, so that a
password which happens to be the word ``model`` neither breaks it nor changes what is sent: the
original stays in memory, for this session only. Where a secret was in the payload, a later session
cannot find out the outcome, and says so.
"""

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.adapter import Form, Input, Plan, Request, Unsupported
from opsboard.collect.redact import Redactor, is_unredacted
from opsboard.records import Ref

MAX_PLANS: Final = 1_000
"""Original plans that are kept; a plan is only valid for minutes."""

NOT_STORED: Final = "a part of what was planned is a secret, and was not kept"
_BLANK: Final = "what is set by default may be a secret and is not shown: leave it empty to keep it"


class PlanMasker:
    """Masks plans, forms and reasons, and remembers the original plans."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._made: OrderedDict[str, tuple[Plan, Plan]] = OrderedDict()
        self._blank: dict[tuple[str, Ref], frozenset[str]] = {}

    def masked(self, plan: Plan) -> Plan:
        """Return *plan* masked; the original is remembered."""
        masked = self._redactor.plan(plan)
        if masked.undo != plan.undo:  # what has a mask in it takes nothing back
            masked = masked.model_copy(update={"undo": {}})
        self._made[plan.id] = (masked, plan)
        while len(self._made) > MAX_PLANS:
            self._made.popitem(last=False)
        return masked

    def original(self, plan: Plan) -> Plan | None:
        """Return the original of the masked *plan*, if this session has made it."""
        masked, made = self._made.get(plan.id, (None, None))
        return made if masked == plan else None

    def to_execute(self, plan: Plan) -> Plan:
        """Return the plan to execute for the masked *plan*. Raises :exc:`Refused` if unknown."""
        made = self.original(plan)
        if made is None and not is_unredacted(plan):
            raise Refused(f"{plan.title}: {NOT_STORED}", "plan it again")
        return made or plan

    def consent(self, consent: Consent) -> Consent:
        """Return *consent* with secrets in its reason masked."""
        reason = self._redactor.redact(consent.reason)
        return consent if reason == consent.reason else replace(consent, reason=reason)

    def form(self, request: Request, form: Form) -> Form:
        """Return *form* without defaults that may be secrets: a mask must never be sent.

        An input that is left empty gets the default that the adapter knows. Raises
        :exc:`Unsupported` where a document would have a mask in it.
        """
        shown = Form(inputs=tuple(map(self._input, form.inputs)))
        pairs = zip(shown.inputs, form.inputs, strict=True)
        self._blank[request.action, request.ref] = frozenset(
            new.name for new, old in pairs if new.default != old.default
        )
        return shown

    def without_blanks(self, request: Request) -> Request:
        """Return *request* without the empty values of inputs whose default was not shown."""
        blank = self._blank.get((request.action, request.ref), frozenset())
        values = {k: v for k, v in request.values.items() if v or k not in blank}
        return request.model_copy(update={"values": values}) if blank else request

    def _input(self, one: Input) -> Input:
        masked: Input = self._redactor.structure(one)
        if masked.default == one.default:
            return masked
        if one.document:  # there is no part of it that could be left out
            raise Unsupported(
                "what would be edited holds a secret of the config of this board",
                "edit it by what belongs to its source, such as kubectl",
            )
        blank = {"default": "", "required": False, "help": masked.help or _BLANK}
        return masked.model_copy(update=blank)
