"""The options of the command line.

Making the parser of all commands takes longer than drawing a pane. So the board, the most frequent
command, has a parser of its own (:mod:`.board_options`); the others are made when that does not
understand the arguments (:mod:`.parser`).
"""
