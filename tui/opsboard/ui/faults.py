"""Where the errors of workers end up: in a notice, never in a crash or a traceback."""

from textual.worker import Worker, WorkerState

from opsboard.adapter import SourceError
from opsboard.ui.ending import fault_line
from opsboard.ui.host import host_of


class Watchful:
    """Mixin of whatever starts workers: Textual tells only the node that started one.

    Workers are started with ``exit_on_error=False``.
    """

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell the user of a worker that failed."""
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return
        said = str(error) if isinstance(error, SourceError) else fault_line(error)
        host_of(event.worker.node).say(said, wrong=True)
