"""STAC into lazy cubes, cubes into files: reading, writing, quicklooks, and checksums of values."""
