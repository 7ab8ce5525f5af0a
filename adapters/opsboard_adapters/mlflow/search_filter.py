"""Texts in MLflow's filter language."""

import re


def is_named(model: str) -> str:
    """Return the condition that the name is *model*, or, where that cannot be said, like it.

    A text in the filter language is in quotes of either kind and knows no escapes; a backslash is
    read as one all the same. ``_`` is like any one letter.
    """
    if "\\" not in model and not ("'" in model and '"' in model):
        return f"name={quoted(model)}"
    return "name LIKE '" + re.sub(r"['\"\\]", "_", model) + "'"


def quoted(text: str) -> str:
    """Return *text* as a string in MLflow's filter language, which knows no escapes."""
    return f'"{text}"' if "'" in text else f"'{text}'"
