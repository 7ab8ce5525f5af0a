"""What can be done from the keyboard, declared once.

:mod:`.declared` lists every action; :mod:`.registry` derives Textual's bindings, the hints line,
``?`` help, ``:`` commands and the command palette from that list; :mod:`.keymap` applies the
user's own keys; :mod:`.acting` is the mixin of whatever carries actions out.
"""
