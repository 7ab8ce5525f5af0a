"""The recipe of a command: its words, the folder it runs in, and the inputs it takes."""

import re
import shlex
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opsboard.adapter import Misconfigured, Unsupported
from opsboard.masking import sounds_secret
from opsboard.text.command_words import OptionFromOutsideError, filled_word, placeholders_of
from opsboard.text.validation_text import validation_summary

MODEL: Final = "model"
"""The placeholder that stands for the name of the model; it is no input of the form."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_MEND: Final = "fix the recipe in [[retrain]]"


class CommandRecipe(BaseModel):
    """How a model is trained by a command. What it prints is kept in a file of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    command: str = Field(
        min_length=1,
        description="The words of the command, quoted as for a shell; none is involved. {NAME} "
        "stands for an input, {model} for the name of the model.",
    )
    cwd: str = Field("", description="The folder it runs in; by default that of opsboard.")
    inputs: str = Field(
        "",
        description="Names of further inputs, separated by commas. All are in its environment, "
        "as OPSBOARD_INPUT_NAME.",
    )

    def words(self) -> list[str]:
        """Return the words of the command. Raises :exc:`Misconfigured`."""
        try:
            words = shlex.split(self.command)
        except ValueError as error:
            raise Misconfigured(f"the command cannot be read: {error}", _MEND) from None
        if not words:
            raise Misconfigured("the command has no words", _MEND)
        return words

    def names(self) -> list[str]:
        """Return the names of its inputs, in their order. Raises :exc:`Misconfigured`."""
        used = [name for word in self.words() for name in placeholders_of(word)]
        further = [name.strip() for name in self.inputs.split(",") if name.strip()]
        names = [name for name in dict.fromkeys([*used, *further]) if name != MODEL]
        for name in names:
            if not _NAME.fullmatch(name):
                raise Misconfigured(f"{name!r} cannot be the name of an input", _MEND)
            if sounds_secret(name):
                raise Misconfigured(
                    f"{name!r} sounds like a secret, and inputs are shown and kept in the audit",
                    "let the command read it for itself, from a file or its environment",
                )
        return names

    def argv(self, values: Mapping[str, str]) -> list[str]:
        """Return the words with *values* in them.

        A value never becomes more than one word, nor an option of the command: raises
        :exc:`Unsupported` where one would.
        """
        return [_filled(word, values) for word in self.words()]


def _filled(word: str, values: Mapping[str, str]) -> str:
    """Return *word* with *values* in it. Raises :exc:`Unsupported` for one that is an option."""
    try:
        return filled_word(word, values)
    except OptionFromOutsideError as error:
        raise Unsupported(
            f"{error.name} would make {error.word!r} an option of the command",
            "give another value, or write it behind its option in the recipe: "
            f"--{error.name}={{{error.name}}}",
        ) from None


def read_recipe(fields: Mapping[str, str]) -> CommandRecipe:
    """Return the recipe that was *fields*. Raises :exc:`Misconfigured`."""
    try:
        return CommandRecipe.model_validate(dict(fields))
    except ValidationError as error:
        said = f"the recipe is not one of a command: {validation_summary(error)}"
        raise Misconfigured(said, _MEND) from None
