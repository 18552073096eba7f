"""The watch on a catalog: what is wrong now, what of it is new, and what a run leaves for the next."""
