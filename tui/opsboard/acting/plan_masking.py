"""Plans without their secrets: what is shown and kept of them, and what is carried out.

A plan is shown, agreed to and kept on record masked. It is carried out as it was made, so that a
password which happens to be the word ``model`` neither breaks it nor changes what is sent: the plan
before it was masked stays in memory, for this session alone. Where a secret was in what a plan is
carried out by, a later session cannot look for what became of it, and says so.
"""

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.adapter import Form, Input, Plan, Request
from opsboard.collect.redact import Redactor, is_unredacted
from opsboard.records import Ref

MAX_PLANS: Final = 1_000
"""Plans that are kept as they were made; a plan is only good for minutes."""

NOT_STORED: Final = "a part of what was planned is a secret, and was not kept"
_BLANK: Final = "what is set by default may be a secret and is not shown: leave it empty to keep it"


class PlanMasker:
    """Masks what is shown of acts, and knows the plans as they were made."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._made: OrderedDict[str, tuple[Plan, Plan]] = OrderedDict()
        self._blank: dict[tuple[str, Ref], frozenset[str]] = {}

    def masked(self, plan: Plan) -> Plan:
        """Return *plan* as it may be seen and kept; it is remembered as it is."""
        masked = self._redactor.plan(plan)
        self._made[plan.id] = (masked, plan)
        while len(self._made) > MAX_PLANS:
            self._made.popitem(last=False)
        return masked

    def original(self, plan: Plan) -> Plan | None:
        """Return the plan that *plan* was shown for, where this session has made it."""
        masked, made = self._made.get(plan.id, (None, None))
        return made if masked == plan else None

    def to_execute(self, plan: Plan) -> Plan:
        """Return what is carried out for *plan*. Raises :exc:`Refused` where that is not known."""
        made = self.original(plan)
        if made is None and not is_unredacted(plan):
            raise Refused(f"{plan.title}: {NOT_STORED}", "plan it again")
        return made or plan

    def consent(self, consent: Consent) -> Consent:
        """Return *consent* with its reason as it may be kept."""
        reason = self._redactor.redact(consent.reason)
        return consent if reason == consent.reason else replace(consent, reason=reason)

    def form(self, request: Request, form: Form) -> Form:
        """Return *form* with no default in it that may be a secret: a mask must not be sent.

        An input that is left empty has the default that the adapter knows.
        """
        shown = Form(inputs=tuple(map(self._input, form.inputs)))
        pairs = zip(shown.inputs, form.inputs, strict=True)
        self._blank[request.action, request.ref] = frozenset(
            new.name for new, old in pairs if new.default != old.default
        )
        return shown

    def without_blanks(self, request: Request) -> Request:
        """Return *request* without the values that were left empty for a default not shown."""
        blank = self._blank.get((request.action, request.ref), frozenset())
        values = {k: v for k, v in request.values.items() if v or k not in blank}
        return request.model_copy(update={"values": values}) if blank else request

    def _input(self, one: Input) -> Input:
        masked: Input = self._redactor.structure(one)
        if masked.default == one.default:
            return masked
        blank = {"default": "", "required": False, "help": masked.help or _BLANK}
        return masked.model_copy(update=blank)
