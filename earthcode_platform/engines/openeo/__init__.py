"""The engine of openEO process graphs: read, check, execute; the processes themselves lie in `processes`."""
