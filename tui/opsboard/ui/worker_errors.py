"""Where the errors of workers end up: in a notice, never in a crash or a traceback."""

from textual.worker import Worker, WorkerState

from opsboard.adapter import SourceError
from opsboard.ui.app_host import host_of
from opsboard.ui.terminal.shutdown import internal_error_line


class Watchful:
    """Mixin of whatever starts workers: Textual tells only the node that started one.

    Workers are started with ``exit_on_error=False``.
    """

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell the user of a worker that failed."""
        error = event.worker.error
        if event.state is not WorkerState.ERROR or error is None:
            return
        said = str(error) if isinstance(error, SourceError) else internal_error_line(error)
        host_of(event.worker.node).show_notice(said, wrong=True)
