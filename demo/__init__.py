"""`make demo` and `make serve`: a server, a worker and the main job, on this machine."""
