"""Jupyter notebooks, run by papermill in a kernel that is shut off from everything but its inputs."""
