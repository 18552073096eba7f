"""Mends what is wrong with a catalog where only one mend is right: the edits, their diff, and how they are written."""
