"""Python code that comes with a graph: how cubes reach it, where it runs, and what it gives back."""
