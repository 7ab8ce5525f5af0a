"""Which part of a service is meant, where a key can be about several."""

from collections.abc import Callable, Sequence

from opsboard.kinds.deployments import WORKLOADS
from opsboard.kinds.registry import uniqueness_scope
from opsboard.records import Deployment, Record
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.messages import AskChoice, ChoiceOption


def choose_part(
    node: UiActionHandler,
    targets: Sequence[RecordTarget],
    then: Callable[[RecordTarget], None],
) -> None:
    """Call *then* with the only one of *targets*, or with the one that is chosen."""
    if len(targets) == 1:
        then(targets[0])
        return
    options = [
        ChoiceOption(
            f"{target.record.environment or '-':<11} {target.name}",
            str(number),
            f"{_kind_text(target.record)} in {uniqueness_scope(target.record)}",
        )
        for number, target in enumerate(targets)
    ]

    def on_chosen(number: str | None) -> None:
        if number is not None:
            then(targets[int(number)])

    node.post_message(AskChoice("Which part of the service is meant?", options, on_chosen))


def _kind_text(record: Record) -> str:
    """Return what *record* is: a CI server's deployment is not taken for a workload."""
    kind = record.kind.replace("-", " ")
    if not isinstance(record, Deployment):
        return kind
    return record.workload if record.workload in WORKLOADS else f"{record.workload} {kind}".strip()
