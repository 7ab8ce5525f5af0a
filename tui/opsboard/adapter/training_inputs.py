"""What a version of a model was trained with, as its source tells it: where retraining starts."""

from opsboard.frozen import Frozen, frozen_unchecked


@frozen_unchecked
class TrainingInputs(Frozen):
    """The *params* of the run that trained *version*, the *dataset* it was trained on.

    *version* is that which serves, or where none does, the latest; empty where there is none.
    *entry_point* is what was run, where the run says so. *unread* says what could not be read. All
    of it is as it was logged: what takes it over looks whether it fits.
    """

    version: str = ""
    params: tuple[tuple[str, str], ...] = ()
    dataset: str = ""
    entry_point: str = ""
    unread: str = ""

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.params or self.dataset or self.entry_point)
