"""The screens: the board, a record from near, its log, its raw form, help, sources."""
