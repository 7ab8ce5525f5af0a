"""The user's own keys: ``[ui.keys]`` of the config, checked before it is applied."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from textual.keys import format_key

from opsboard.text.suggestions import did_you_mean
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.registry import UiActionRegistry, textual_key
from opsboard.ui.actions.ui_action import SCOPE_CHAINS, BindingScope, UiAction

_PANE: Final = "pane."


class KeymapError(ValueError):
    """The user's keys cannot be applied. Tells the action, the cause and the fix."""

    def __init__(self, action_id: str, message: str, hint: str) -> None:
        super().__init__(f"ui.keys, {action_id}: {message}; {hint}")
        self.action_id = action_id
        self.message = message
        self.hint = hint


def build_keymap(
    wanted: Mapping[str, Sequence[str]], registry: UiActionRegistry = ACTIONS
) -> dict[str, str]:
    """Return Textual's keymap for the user's keys. Raises :exc:`KeymapError`."""
    for error in keymap_errors(wanted, registry):
        raise error
    return {action_id: ",".join(map(textual_key, keys)) for action_id, keys in wanted.items()}


def keymap_errors(
    wanted: Mapping[str, Sequence[str]],
    registry: UiActionRegistry = ACTIONS,
    *,
    tables: Collection[str] | None = None,
) -> Iterator[KeymapError]:
    """Yield what is wrong with the user's keys; *tables* are all there are, if known.

    Two actions that want the same key are told once all keys can be understood.
    """
    wrong = False
    for action_id, keys in wanted.items():
        for error in (*_unknown(action_id, registry, tables), *_no_keys(action_id, keys)):
            wrong = True
            yield error
    if wrong:
        return
    names = {action_id: tuple(map(textual_key, keys)) for action_id, keys in wanted.items()}
    for action_id in names:
        yield from _clashes_of(_action(action_id, registry), names, registry)


def keyless_panes(
    keymap: Mapping[str, str], registry: UiActionRegistry = ACTIONS
) -> Iterator[tuple[str, str]]:
    """Yield the keys, and the id, of each action that opens a table and has no key by default.

    A keymap only moves the keys of what has some: these have to be bound. The kind of record of
    such a table may be one of an adapter that is loaded later.
    """
    for action_id, keys in keymap.items():
        if action_id.startswith(_PANE) and not _action(action_id, registry).keys:
            yield keys, action_id


def _action(action_id: str, registry: UiActionRegistry) -> UiAction:
    if action_id in registry:
        return registry[action_id]
    return UiAction(action_id, action_id.removeprefix(_PANE), BindingScope.APP, "")


def clashes(registry: UiActionRegistry = ACTIONS) -> Iterator[tuple[UiAction, UiAction, str]]:
    """Yield each two actions that have a key in common where both can be pressed."""
    actions = [action for action in registry if action.keys]
    for number, one in enumerate(actions):
        for other in actions[number + 1 :]:
            for key in _shared(one, _keys(one, {}), other, _keys(other, {})):
                yield one, other, key


def _unknown(
    action_id: str, registry: UiActionRegistry, tables: Collection[str] | None
) -> Iterator[KeymapError]:
    if action_id in registry:
        return
    is_table = tables is None or action_id.removeprefix(_PANE) in tables
    if action_id.startswith(_PANE) and is_table and not _is_near_another(action_id, registry):
        return  # the table of a kind whose adapter is not loaded yet, or not installed any more
    near = did_you_mean(action_id, [action.id for action in registry])
    hint = near or "`?` in the program lists the ids"
    yield KeymapError(action_id, "there is no such action", hint)


def _no_keys(action_id: str, keys: Sequence[str]) -> Iterator[KeymapError]:
    from opsboard.ui.actions.key_names import KEY_NAMES, is_key  # noqa: PLC0415 - seldom needed

    for key in keys:
        if not is_key(key):
            near = did_you_mean(key, KEY_NAMES)
            hint = (
                near or "write it as it is typed, or by its name: x, ?, ctrl+x, f5, enter, pageup"
            )
            yield KeymapError(action_id, f"there is no key {key!a}", hint)


def _is_near_another(action_id: str, registry: UiActionRegistry) -> bool:
    others = [action.id for action in registry if action.method != "do_show_pane"]
    return bool(did_you_mean(action_id, others))


def _clashes_of(
    action: UiAction, wanted: Mapping[str, Sequence[str]], registry: UiActionRegistry
) -> Iterator[KeymapError]:
    for other in registry:
        for key in _shared(action, _keys(action, wanted), other, _keys(other, wanted)):
            hint = f"choose another key, or give {other.id} another one too"
            yield KeymapError(action.id, f"the key {key} belongs to {other.id} already", hint)


def _keys(action: UiAction, wanted: Mapping[str, Sequence[str]]) -> set[str]:
    return set(map(textual_key, wanted.get(action.id, action.keys)))


def _shared(one: UiAction, ones: set[str], other: UiAction, others: set[str]) -> list[str]:
    together = any(one.scope in chain and other.scope in chain for chain in SCOPE_CHAINS)
    return sorted(ones & others) if together and one is not other else []


_NAMES: Final = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "S-Tab",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "backspace": "Backspace",
    "delete": "Del",
    "f1": "F1",
}


def key_label(key: str) -> str:
    """Return Textual's *key* as a person would write it: ``?``, ``Enter``, ``^R``."""
    if key in _NAMES:
        return _NAMES[key]
    if key.startswith("ctrl+"):
        return f"^{key.removeprefix('ctrl+').upper()}"
    return format_key(key)
