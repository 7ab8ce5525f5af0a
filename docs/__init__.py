"""The reference pages that are made from the program itself: ``python -m docs`` writes them."""
