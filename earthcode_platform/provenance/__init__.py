"""What ran, on what, with what."""
