"""Entries of a catalog, read, judged and found: `load`, `report` and `search`."""
