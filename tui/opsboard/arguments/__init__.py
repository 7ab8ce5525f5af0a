"""What can be said on the command line.

Making the parser of all commands takes longer than drawing a pane: so the board, which is what
is mostly asked for, has one of its own (:mod:`.board`), and the others are made when it does not
understand (:mod:`.whole`).
"""
