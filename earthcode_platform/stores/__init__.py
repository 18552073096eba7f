"""Where products are kept: one contract, one store a file, and the delivery that goes into it."""
