"""Colours and glyphs: theme files, the styles made from them, and the Unicode and ASCII glyphs."""
