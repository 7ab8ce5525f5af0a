"""The errors of Textual's workers: shown as a notice, never as a crash or a traceback.

Workers are started with ``exit_on_error=False``. Textual posts their states only to the node that
started them, so the app and every screen handle them.
"""

from textual.worker import Worker, WorkerState

from opsboard.adapter import SourceError
from opsboard.ui.terminal.shutdown import internal_error_line


def worker_error_text(event: Worker.StateChanged) -> str:
    """Return what to show of a worker that has failed; ``""`` for any other state."""
    error = event.worker.error
    if event.state is not WorkerState.ERROR or error is None:
        return ""
    return str(error) if isinstance(error, SourceError) else internal_error_line(error)
