"""The toolkit for actions: what an adapter does to the world, in one class an action.

Derive from :class:`Action`, one class (and one file) for each action, and hand them to an
:class:`ActionRunner`, which is what a source's ``form``, ``plan``, ``execute``, ``observe`` and
``reconcile`` come down to::

    class NightlySource(PollingSource):
        def __init__(self, settings, context):
            super().__init__(context)
            self.action_runner = ActionRunner([Rerun()], context, client)

``docs/adapters.md`` has a whole adapter with one action.

**The phases.** The runner calls, in this order:

=================  ============================================  ===================================
Method             Answers                                       Notes
=================  ============================================  ===================================
``form``           what can be filled in                         default: nothing
``draft``          what would change, and what speaks against    findings, facts, payload
``precondition``   what must stay the same until it is sent      a mapping of names to text
``permission``     whether this login may                        default: unknown
``start_checks``   what would stop it from starting              after the plan; default: nothing
``version``        which version of the object requests name     default: they name none
``dry_run``        what the server says to a try                 default: it cannot be tried
``send``           what the server answered                      once, with a permit
``observe``        how it goes on, and the verdict               one look; the runner repeats it
``reconcile``      whether it was done, if nobody saw            one look; the core repeats it
=================  ============================================  ===================================

**Reads.** Each plan, look and sending has a memo (:class:`ReadMemo`): ``await ctx.once(key, read)``
asks a server once, however often the phases of one plan need the answer; ``precondition`` and
``send`` share the memo of that sending, so that what was compared is what is sent. Give the runner
a ``view`` of your client that does so for every read, and no action has to think of it.

**Promises** that the runner keeps, whatever an action does: see :mod:`.runner`. Where a client of
your own sends requests, let it call :func:`~opsboard.adapter.permit.require_permit` before each
that changes something, or give httpx the hook :func:`~opsboard.adapter.permit.refuse_unpermitted`.

**Errors of** ``send``: :exc:`~opsboard.adapter.NotSent` (nothing has left),
:exc:`~opsboard.adapter.RequestRefused` (the server refused it; with ``conflict=True`` where the
reason may be that the object has another version by now, and it is then tried for that one),
:exc:`~opsboard.adapter.PreconditionFailed`, :exc:`~opsboard.adapter.OutcomeUnknown`. Everything
unforeseen counts as an unknown outcome, and is reconciled.

**Porting an adapter** that has these phases by hand:

1. One class an action, in a file of its own.
2. What ``execute`` and ``reconcile`` read out of ``plan.payload`` becomes a frozen dataclass with
   the same field names; old plans are read with it, so give new fields defaults.
3. What ``execute`` compared before it sent becomes ``precondition``; read there whatever ``send``
   needs, so that nothing but the sending itself can fail in ``send``.
4. The look inside of the loop of ``observe`` becomes all of it; what was kept from look to look
   goes into ``ctx.state``.
5. Loops, pauses, timeouts, retries, filling in the form's values and making the ``Plan`` go away.
"""

from opsboard.adapter.actions.action import Action, AdapterFault, Draft, PermissionAnswer
from opsboard.adapter.actions.contexts import PlanContext, ReadContext, ReadMemo, SendContext
from opsboard.adapter.actions.observation import poll_until_verdict
from opsboard.adapter.actions.runner import ActionRunner

__all__ = [
    "Action",
    "ActionRunner",
    "AdapterFault",
    "Draft",
    "PermissionAnswer",
    "PlanContext",
    "ReadContext",
    "ReadMemo",
    "SendContext",
    "poll_until_verdict",
]
