"""What can be done from the keyboard, declared once.

:mod:`.bindings` lists every action; :mod:`.registry` derives Textual's bindings, the key hints,
help, ``:`` commands and the command palette from them; :mod:`.keymap` applies the user's own keys.
:mod:`.action_handler` is how nodes carry actions out, by groups such as
:class:`~.record_actions.RecordActions`.
"""
