"""The terminal itself: its input and output, clipboard, browser and signals."""
