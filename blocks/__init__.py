"""Where, and with what rights: each block hands out one ready object."""
