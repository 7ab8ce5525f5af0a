"""The states of runs, logged models and traces, as the board shows them."""

from typing import Final

from opsboard.records import Status

RUN_STATES: Final = {
    "RUNNING": Status.RUNNING, "SCHEDULED": Status.RUNNING, "FINISHED": Status.OK,
    "FAILED": Status.FAILED, "KILLED": Status.WARNING,
}  # fmt: skip
MODEL_STATES: Final = {
    "READY": Status.OK, "PENDING": Status.RUNNING, "UPLOAD_FAILED": Status.FAILED,
}  # fmt: skip
TRACE_STATES: Final = {
    "OK": Status.OK, "IN_PROGRESS": Status.RUNNING, "ERROR": Status.FAILED,
}  # fmt: skip
