"""What can be done to the world from where one is: offers of the record, or of the marked ones.

A key leads to a plan and never further. What it is about is taken up when the key is pressed;
what the cursor or the board do afterwards does not change it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from opsboard.adapter import Offer, Offered
from opsboard.records import Kind, Record, Ref
from opsboard.ui.actions.acting import Acting
from opsboard.ui.actions.action import Action
from opsboard.ui.actions.choices import Choice, choose
from opsboard.ui.host import host_of

MOST: Final = 100
"""Records that can be acted on at once: more is a filter that caught too much."""

_PLURALS: Final = {Kind.ACTIVITY: "activities", Kind.DRIFT: "drift"}
_ANY: Final = "record.actions"


class Offering(Acting):
    """Carries out the actions that change the world, at :attr:`Place.ACT`.

    A subclass tells which records are meant: of an alert, what it is about.
    """

    def subjects(self) -> Sequence[Record | None]:
        """Return the records that are meant; ``None`` for one that is not known."""
        raise NotImplementedError

    def targets(self) -> Sequence[Ref]:
        """Return the refs that are marked, or else the one that the cursor is on."""
        raise NotImplementedError

    def how_many(self) -> int:
        """Return how many are meant; where they are more than :data:`MOST`, about how many."""
        return len(self.targets())

    def why_not(self, action: Action) -> str:
        """Say why nothing can be done, or not this."""
        if action.id == _ANY:
            return self._why_nothing()
        if action.handler == "act":
            return self._why_nothing() or self._why_not_this(action.argument)
        return super().why_not(action)

    def _why_nothing(self) -> str:
        host, count = host_of(self), self.how_many()
        if host.acts is None:
            return "this board only shows"
        if host.acts.pending:
            return host.acts.pending
        if count > MOST:
            return f"{count:,} rows are marked; at most {MOST} can be acted on at once"
        if not count:
            return "there is no record under the cursor"
        return "" if self._known() else "the board does not know what this is about"

    def _why_not_this(self, verb: str) -> str:
        """Return why *verb* is not possible for any of them."""
        why = ""
        for record in self._known():
            offered = self._offered(verb, record)
            if offered is not None and not offered.why_not:
                return ""
            why = why or (offered.why_not if offered else "") or _not_for(record)
        return why

    def _known(self) -> Sequence[Record]:
        return [record for record in self.subjects() if record is not None]

    def _offers(self, record: Record) -> Sequence[Offered]:
        host = host_of(self)
        offers = () if host.acts is None else host.acts.offers(record)
        if host.read_only:  # the guard says so too; nothing else is to be said before it
            return [Offered(offered.offer, "read-only") for offered in offers]
        return offers

    def _offered(self, verb: str, record: Record) -> Offered | None:
        return next((one for one in self._offers(record) if one.offer.id == verb), None)

    # --- acting ----------------------------------------------------------------------------------

    def hold(self) -> None:
        """Keep the cursor where it is, now that somebody acts on what it is on."""

    def do_act(self, verb: str) -> None:
        """Plan *verb* for what is meant now."""
        self.hold()
        self._plan(verb, self._known())

    def do_actions(self) -> None:
        """List every action there is, those that are not possible with why not."""
        self.hold()
        records = self._known()
        choices = list(self._choices(records))
        if not choices:
            host_of(self).say(f"Actions: {_not_for(records[0])}", wrong=True)
            return
        named = records[0].name if len(records) == 1 else f"{len(records)} records"

        def chosen(verb: str | None) -> None:
            if verb is not None:
                self._plan(verb, records)

        choose(self, f"Actions on {named}", choices, chosen)

    def _choices(self, records: Sequence[Record]) -> Iterator[Choice]:
        """Yield what is offered for any of *records*, in the order of the first that offers it."""
        offers: dict[str, list[Offered]] = {}
        for record in records:
            for offered in self._offers(record):
                offers.setdefault(offered.offer.id, []).append(offered)
        for verb, some in offers.items():
            possible = [offered for offered in some if not offered.why_not]
            why = "" if possible else some[0].why_not
            note = some[0].offer.help
            if possible and len(records) > 1:
                note = f"{len(possible)} of {len(records)}. {note}"
            yield Choice(some[0].offer.title, verb, note, why)

    def _plan(self, verb: str, records: Sequence[Record]) -> None:
        """Open the plan for those of *records* that *verb* is possible for."""
        offer: Offer | None = None
        possible: list[Record] = []
        left_out: list[tuple[Record, str]] = []
        for record in records:
            offered = self._offered(verb, record)
            if offered is None or offered.why_not:
                left_out.append((record, offered.why_not if offered else _not_for(record)))
                continue
            offer = offer or offered.offer
            possible.append(record)
        if offer is not None:
            host_of(self).show_plan(offer, possible, left_out)


def _not_for(record: Record) -> str:
    return f"not offered for {_PLURALS.get(record.kind, f'{record.kind}s').replace('-', ' ')}"
