"""Text as it is read, made safe, compared and written: encodings, escapes, order, suggestions.

All of it is imported before the first frame: nothing here needs more than the standard library.
"""
